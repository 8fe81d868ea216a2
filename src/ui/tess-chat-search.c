/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-chat-search.h"

#include "base/tess-limits.h"
#include "ui/tess-await.h"

#include <glib/gi18n.h>

struct _TessChatSearch {
  AdwBin parent_instance;

  GtkSearchBar *bar;
  GtkSearchEntry *entry;
  GtkLabel *count;
  GtkWidget *older;
  GtkWidget *newer;

  TessEngine *engine;
  TessConversation *conversation;
  GArray *rows;    /* gint64, newest first */
  guint place;     /* in rows */
  guint round;     /* answers to an earlier text are late */
  gboolean more;   /* there are older ones than rows has */
  gboolean loading;
};

enum { JUMP, CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessChatSearch, tess_chat_search, ADW_TYPE_BIN)

static const char *
wanted (TessChatSearch *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

static void
update (TessChatSearch *self)
{
  g_autofree char *text = NULL;

  if (*wanted (self) == '\0' || (self->loading && self->rows->len == 0))
    text = g_strdup ("");
  else if (self->rows->len == 0)
    text = g_strdup (C_("search", "Not found"));
  else if (self->more)
    /* Translators: the number of the match that is shown, and how many are known so far */
    text = g_strdup_printf (C_("search", "%u of %u+"), self->place + 1, self->rows->len);
  else
    /* Translators: the number of the match that is shown, and how many there are */
    text = g_strdup_printf (C_("search", "%u of %u"), self->place + 1, self->rows->len);
  gtk_label_set_label (self->count, text);
  gtk_widget_set_sensitive (self->older, self->place + 1 < self->rows->len);
  gtk_widget_set_sensitive (self->newer, self->rows->len > 0 && self->place > 0);
}

static void
jump (TessChatSearch *self, guint place)
{
  self->place = place;
  update (self);
  g_signal_emit (self, signals[JUMP], 0, g_array_index (self->rows, gint64, place));
}

static void
on_found (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessChatSearch *self = owner;
  GListModel *found = value != NULL ? g_value_get_object (value) : NULL;
  guint n = found != NULL ? g_list_model_get_n_items (found) : 0;
  gboolean first = self->rows->len == 0;

  if (GPOINTER_TO_UINT (data) != self->round)
    return;
  self->loading = FALSE;
  self->more = n == TESS_SEARCH_PAGE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessSearchHit) hit = g_list_model_get_item (found, i);
      gint64 row = tess_search_hit_get_row (hit);

      g_array_append_val (self->rows, row);
    }
  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
  if (first && n > 0)
    jump (self, 0);
  else
    update (self);
}

static void
search (TessChatSearch *self, gint64 before)
{
  self->loading = TRUE;
  tess_await (tess_engine_search (self->engine, self->conversation, wanted (self), before, TESS_SEARCH_PAGE), self, on_found,
              GUINT_TO_POINTER (self->round), NULL);
}

static void
on_search (TessChatSearch *self)
{
  self->round++;
  self->place = 0;
  self->more = self->loading = FALSE;
  g_array_set_size (self->rows, 0);
  if (*wanted (self) != '\0')
    search (self, 0);
  update (self);
}

static void
on_older (TessChatSearch *self)
{
  if (self->place + 1 < self->rows->len)
    jump (self, self->place + 1);
  if (self->more && !self->loading && self->place + 2 >= self->rows->len)
    search (self, g_array_index (self->rows, gint64, self->rows->len - 1));
}

static void
on_newer (TessChatSearch *self)
{
  if (self->place > 0 && self->place < self->rows->len)
    jump (self, self->place - 1);
}

static void
on_stop (TessChatSearch *self)
{
  gtk_search_bar_set_search_mode (self->bar, FALSE);
}

static void
on_mode (TessChatSearch *self)
{
  if (gtk_search_bar_get_search_mode (self->bar))
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  g_signal_emit (self, signals[CLOSED], 0);
}

void
tess_chat_search_set_engine (TessChatSearch *self, TessEngine *engine, TessConversation *conversation)
{
  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
}

void
tess_chat_search_open (TessChatSearch *self)
{
  gtk_search_bar_set_search_mode (self->bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

static void
tess_chat_search_dispose (GObject *object)
{
  TessChatSearch *self = TESS_CHAT_SEARCH (object);

  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_chat_search_parent_class)->dispose (object);
}

static void
tess_chat_search_finalize (GObject *object)
{
  g_array_unref (TESS_CHAT_SEARCH (object)->rows);
  G_OBJECT_CLASS (tess_chat_search_parent_class)->finalize (object);
}

static void
tess_chat_search_class_init (TessChatSearchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = tess_chat_search_dispose;
  object_class->finalize = tess_chat_search_finalize;
  signals[JUMP] = g_signal_new ("jump", TESS_TYPE_CHAT_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_INT64);
  signals[CLOSED] = g_signal_new ("closed", TESS_TYPE_CHAT_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-chat-search.ui");
  gtk_widget_class_bind_template_child (widget_class, TessChatSearch, bar);
  gtk_widget_class_bind_template_child (widget_class, TessChatSearch, entry);
  gtk_widget_class_bind_template_child (widget_class, TessChatSearch, count);
  gtk_widget_class_bind_template_child (widget_class, TessChatSearch, older);
  gtk_widget_class_bind_template_child (widget_class, TessChatSearch, newer);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_older);
  gtk_widget_class_bind_template_callback (widget_class, on_newer);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_mode);
}

static void
tess_chat_search_init (TessChatSearch *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->bar, GTK_EDITABLE (self->entry));
}
