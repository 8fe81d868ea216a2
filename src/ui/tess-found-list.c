/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-found-list.h"

#include "ui/tess-avatar.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

#define KEY_CHARS 8

struct _TessFoundList {
  AdwBin parent_instance;

  GtkListBox *list;
  GtkLabel *warning;

  GPtrArray *people; /* TessFoundPerson, or NULL */
};

enum { ADD, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessFoundList, tess_found_list, ADW_TYPE_BIN)

static void
on_add (TessFoundList *self, GtkWidget *button)
{
  g_signal_emit (self, signals[ADD], 0, g_object_get_data (G_OBJECT (button), "person"));
}

/* What stands under the name: nothing of it is proven, but what this person has proven before. */
static char *
subtitle_of (const TessFoundPerson *person, TessConversation *known, gboolean own)
{
  g_autofree char *name = NULL;

  if (own)
    return g_strdup (_("This is you"));
  if (known != NULL)
    {
      name = tess_text_name (tess_conversation_get_contact (known));
      /* Translators: %s is a contact's name */
      return g_strdup_printf (_("You know this person already: %s."), name);
    }
  /* Translators: %.*s is the start of a key, such as ABCDEFGH */
  return g_strdup_printf (_("Not verified. Key %.*s…"), KEY_CHARS, person->key_text);
}

static GtkWidget *
row_of (TessFoundList *self, TessEngine *engine, TessFoundPerson *person)
{
  GtkWidget *row = adw_action_row_new (), *avatar = adw_avatar_new (32, NULL, TRUE);
  g_autofree char *own = tess_engine_dup_address (engine), *subtitle = NULL, *label = NULL;
  gboolean is_own = own != NULL && tess_text_code_same_account (own, person->address);
  TessConversation *known = tess_engine_find (engine, person->address, NULL);
  GtkWidget *button;

  subtitle = subtitle_of (person, known, is_own);
  tess_avatar_show (ADW_AVATAR (avatar), person->name, person->key_text);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), person->name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  if (is_own)
    return row;
  button = gtk_button_new_with_label (known != NULL ? C_("a chat", "Open") : C_("a contact", "Add"));
  if (known != NULL)
    /* Translators: %s is a name */
    label = g_strdup_printf (_("Open the chat with %s"), person->name);
  else
    /* Translators: %s is a name */
    label = g_strdup_printf (_("Add %s"), person->name);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (button), "person", person);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_add), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  /* which would have it called as the row is */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return row;
}

void
tess_found_list_show (TessFoundList *self, TessEngine *engine, GPtrArray *people)
{
  g_autofree char *relay = NULL, *warning = NULL;

  gtk_list_box_remove_all (self->list);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  gtk_widget_set_visible (GTK_WIDGET (self), people != NULL);
  if (people == NULL)
    return;
  self->people = g_ptr_array_ref (people);
  for (guint i = 0; i < people->len; i++)
    gtk_list_box_append (self->list, row_of (self, engine, g_ptr_array_index (people, i)));
  relay = tess_text_code_relay (((TessFoundPerson *) g_ptr_array_index (people, 0))->address);
  /* Translators: %s is the name of a relay */
  warning = g_strdup_printf (_("Only the relay %s says so. It may be mistaken, or lie: verify with a code or the safety number "
                               "before you trust it."),
                             relay);
  gtk_label_set_label (self->warning, warning);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), warning, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static gboolean
tess_found_list_grab_focus (GtkWidget *widget)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (TESS_FOUND_LIST (widget)->list, 0);

  return row != NULL && gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
tess_found_list_dispose (GObject *object)
{
  g_clear_pointer (&TESS_FOUND_LIST (object)->people, g_ptr_array_unref);
  G_OBJECT_CLASS (tess_found_list_parent_class)->dispose (object);
}

static void
tess_found_list_class_init (TessFoundListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_found_list_dispose;
  widget_class->grab_focus = tess_found_list_grab_focus;
  signals[ADD] = g_signal_new ("add", TESS_TYPE_FOUND_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               G_TYPE_POINTER);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-found-list.ui");
  gtk_widget_class_bind_template_child (widget_class, TessFoundList, list);
  gtk_widget_class_bind_template_child (widget_class, TessFoundList, warning);
}

static void
tess_found_list_init (TessFoundList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
