/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-details-dialog.h"

#include "base/tess-limits.h"
#include "ui/tess-avatar.h"
#include "ui/tess-await.h"
#include "ui/tess-confirm.h"
#include "ui/tess-duration.h"
#include "ui/tess-toast.h"
#include "ui/tess-ui-text.h"
#include "ui/tess-verify-dialog.h"

#include <glib/gi18n.h>

static const guint presets[] = { 0, 3600, 86400, 604800, 4 * 604800 };
#define CUSTOM G_N_ELEMENTS (presets)

struct _TessDetailsDialog {
  AdwDialog parent_instance;

  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *given_name;
  GtkWidget *notes;
  GtkEditable *nickname;
  AdwActionRow *trust;
  GtkImage *trust_icon;
  GtkWidget *verify;
  AdwActionRow *address;
  AdwPreferencesGroup *devices;
  GPtrArray *device_rows; /* in it */
  AdwSwitchRow *muted;
  AdwComboRow *timer;
  AdwSpinRow *amount;
  AdwComboRow *unit;
  GtkWidget *set_timer;
  AdwPreferencesRow *block;

  TessEngine *engine;
  TessConversation *conversation;
  gboolean showing; /* what the engine says is being shown: nothing was decided */
};

enum { PROP_PERSON = 1, PROP_CONTACT, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessDetailsDialog, tess_details_dialog, ADW_TYPE_DIALOG)

static TessContact *
contact_of (TessDetailsDialog *self)
{
  return tess_conversation_get_contact (self->conversation);
}

static void
show_trust (TessDetailsDialog *self)
{
  TessTrust trust = tess_contact_get_trust (contact_of (self));

  adw_action_row_set_subtitle (self->trust, tess_text_trust (trust));
  gtk_image_set_from_icon_name (self->trust_icon, trust == TESS_TRUST_VERIFIED    ? "tess-verified-symbolic"
                                                  : tess_trust_is_stopped (trust) ? "tess-alarm-symbolic"
                                                                                  : "tess-verify-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->trust_icon), (const char *[]){ trust == TESS_TRUST_VERIFIED    ? "success"
                                                                               : tess_trust_is_stopped (trust) ? "error"
                                                                                                               : "dimmed",
                                                                               NULL });
  gtk_widget_set_visible (self->verify, trust != TESS_TRUST_VERIFIED);
}

static void
show_custom (TessDetailsDialog *self, gboolean custom)
{
  gtk_widget_set_visible (GTK_WIDGET (self->amount), custom);
  gtk_widget_set_visible (GTK_WIDGET (self->unit), custom);
  gtk_widget_set_visible (self->set_timer, custom);
}

static void
show_timer (TessDetailsDialog *self)
{
  guint seconds = tess_conversation_get_timer (self->conversation), chosen = CUSTOM;
  g_autofree char *words = seconds > 0 ? tess_duration_words (seconds) : NULL, *subtitle = NULL;

  self->showing = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i] == seconds)
      chosen = i;
  if (chosen == CUSTOM)
    {
      TessDurationUnit unit = tess_duration_unit (seconds);

      adw_combo_row_set_selected (self->unit, unit);
      adw_spin_row_set_value (self->amount, MAX (1, seconds / tess_duration_seconds (unit)));
    }
  /* Translators: %s is a length of time, such as "1 day" */
  subtitle = words != NULL ? g_strdup_printf (_("New messages are erased on both sides %s after they were seen"), words)
                           : g_strdup (_("New messages stay until somebody deletes them"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->timer), subtitle);
  adw_combo_row_set_selected (self->timer, chosen);
  show_custom (self, chosen == CUSTOM);
  self->showing = FALSE;
}

static void
show_muted (TessDetailsDialog *self)
{
  self->showing = TRUE;
  adw_switch_row_set_active (self->muted, tess_conversation_get_muted (self->conversation));
  self->showing = FALSE;
}

static void
show_names (TessDetailsDialog *self)
{
  TessContact *contact = contact_of (self);
  gboolean renamed = *tess_contact_get_nickname (contact) != '\0' && *tess_contact_get_given_name (contact) != '\0';
  /* Translators: %s is the name that a contact gave themselves, under the nickname that was given to them */
  g_autofree char *given = g_strdup_printf (_("Calls themselves %s"), tess_contact_get_given_name (contact));

  tess_avatar_show (self->avatar, tess_contact_get_name (contact), tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, tess_contact_get_name (contact));
  gtk_label_set_label (self->given_name, given);
  gtk_widget_set_visible (GTK_WIDGET (self->given_name), renamed);
}

static void
add_device_row (TessDetailsDialog *self, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_preferences_group_add (self->devices, row);
  g_ptr_array_add (self->device_rows, row);
}

/* Those from the one at @from on. */
static void
remove_device_rows (TessDetailsDialog *self, guint from)
{
  for (guint i = from; i < self->device_rows->len; i++)
    adw_preferences_group_remove (self->devices, g_ptr_array_index (self->device_rows, i));
  g_ptr_array_set_size (self->device_rows, (gint) MIN (from, self->device_rows->len));
}

/* Rows that are there already stay, for the keyboard may be on one. */
static gboolean
has_device_row (TessDetailsDialog *self, guint index, const char *title, const char *subtitle)
{
  AdwActionRow *row = index < self->device_rows->len ? self->device_rows->pdata[index] : NULL;

  return row != NULL && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), title)
         && g_strcmp0 (adw_action_row_get_subtitle (row), subtitle) == 0;
}

static void
on_devices (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessDetailsDialog *self = owner;
  GPtrArray *devices = error == NULL ? g_value_get_boxed (value) : NULL;

  if (devices == NULL)
    return;
  for (guint i = 0; i < MAX (1, devices->len); i++)
    {
      const TessContactDevice *device = i < devices->len ? g_ptr_array_index (devices, i) : NULL;
      g_autofree char *title = device != NULL ? tess_text_device (device, devices->len) : g_strdup (_("Not known yet"));
      g_autofree char *dates = device != NULL ? tess_text_device_dates (device)
                                              : g_strdup (_("Their relay tells when you write to them"));

      if (has_device_row (self, i, title, dates))
        continue;
      remove_device_rows (self, i);
      add_device_row (self, title, dates);
    }
  remove_device_rows (self, MAX (1, devices->len));
}

static void
show_devices (TessDetailsDialog *self)
{
  tess_await (tess_engine_load_devices (self->engine, self->conversation), self, on_devices, NULL, NULL);
}

/* Shows what is known of the contact, and nothing else: a time that is being chosen stays while they write. */
static void
show_contact (TessDetailsDialog *self)
{
  TessContact *contact = contact_of (self);
  const char *address = tess_contact_get_address (contact);

  show_names (self);
  show_trust (self);
  show_devices (self);
  adw_action_row_set_subtitle (self->address, address);
  gtk_widget_set_visible (GTK_WIDGET (self->address), *address != '\0');
  adw_preferences_row_set_title (self->block, tess_contact_get_blocked (contact) ? C_("a contact", "Unblock")
                                                                                 : C_("a contact", "Block…"));
  if (tess_contact_get_blocked (contact))
    gtk_widget_remove_css_class (GTK_WIDGET (self->block), "destructive-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->block), "destructive-action");
}

static void
on_contact_changed (TessDetailsDialog *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONTACT]);
  show_contact (self);
}

static void
on_failed (gpointer owner, const GError *error)
{
  TessDetailsDialog *self = owner;

  tess_toast (GTK_WIDGET (self->avatar), error->message);
  show_timer (self);
  show_muted (self);
}

static void
on_nickname (TessDetailsDialog *self)
{
  g_autofree char *nickname = g_strstrip (g_strdup (gtk_editable_get_text (self->nickname)));

  tess_await_failure (tess_engine_set_nickname (self->engine, self->conversation, nickname), self, on_failed);
}

static void
on_verify (TessDetailsDialog *self)
{
  adw_dialog_present (tess_verify_dialog_new (self->engine, self->conversation, FALSE), GTK_WIDGET (self));
}

static void
on_number (TessDetailsDialog *self)
{
  adw_dialog_present (tess_verify_dialog_new (self->engine, self->conversation, TRUE), GTK_WIDGET (self));
}

static void
on_copy (TessDetailsDialog *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), tess_contact_get_address (contact_of (self)));
  tess_toast (GTK_WIDGET (self->avatar), _("Address copied"));
}

static void
on_muted (TessDetailsDialog *self)
{
  if (!self->showing)
    tess_await_failure (tess_engine_set_flag (self->engine, self->conversation, TESS_CHAT_MUTED,
                                              adw_switch_row_get_active (self->muted)),
                        self, on_failed);
}

static void
set_timer (TessDetailsDialog *self, guint seconds)
{
  if (seconds != tess_conversation_get_timer (self->conversation))
    tess_await_failure (tess_engine_set_timer (self->engine, self->conversation, seconds), self, on_failed);
}

static void
on_timer (TessDetailsDialog *self)
{
  guint chosen = adw_combo_row_get_selected (self->timer);

  if (self->showing)
    return;
  show_custom (self, chosen == CUSTOM);
  if (chosen < CUSTOM)
    set_timer (self, presets[chosen]);
}

static void
on_set_timer (TessDetailsDialog *self)
{
  guint64 seconds = (guint64) adw_spin_row_get_value (self->amount)
                    * tess_duration_seconds (adw_combo_row_get_selected (self->unit));

  if (seconds > TESS_TIMER_MAX)
    tess_toast (GTK_WIDGET (self->avatar), _("A year is the longest time."));
  else
    set_timer (self, (guint) seconds);
}

static void
on_block (TessDetailsDialog *self)
{
  if (tess_contact_get_blocked (contact_of (self)))
    tess_await_failure (tess_engine_set_blocked (self->engine, self->conversation, FALSE), self, on_failed);
  else
    tess_confirm_block (GTK_WIDGET (self), self->engine, self->conversation);
}

static void
on_remove (TessDetailsDialog *self)
{
  tess_confirm_remove (GTK_WIDGET (self), self->engine, self->conversation);
}

static gboolean
close_if_gone (gpointer data)
{
  TessDetailsDialog *self = data;
  GListModel *conversations = self->engine != NULL ? tess_engine_get_conversations (self->engine) : NULL;
  guint n = conversations != NULL ? g_list_model_get_n_items (conversations) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);

      if (conversation == self->conversation)
        return G_SOURCE_REMOVE;
    }
  adw_dialog_force_close (ADW_DIALOG (self));
  return G_SOURCE_REMOVE;
}

/* Not at once: a chat that moves in the list is out of it for a moment. */
static void
on_conversations_changed (TessDetailsDialog *self, guint position, guint removed, guint added)
{
  if (removed > added)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_if_gone, g_object_ref (self), g_object_unref);
}

AdwDialog *
tess_details_dialog_new (TessEngine *engine, TessConversation *conversation)
{
  TessDetailsDialog *self = g_object_new (TESS_TYPE_DETAILS_DIALOG, NULL);
  TessContact *contact = tess_conversation_get_contact (conversation);

  self->engine = g_object_ref (engine);
  self->conversation = g_object_ref (conversation);
  gtk_editable_set_text (self->nickname, tess_contact_get_nickname (contact));
  gtk_widget_set_visible (self->notes, tess_contact_get_is_self (contact));
  g_signal_connect_object (conversation, "notify::timer", G_CALLBACK (show_timer), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::muted", G_CALLBACK (show_muted), self, G_CONNECT_SWAPPED);
  /* other devices are told of by a line in the chat */
  g_signal_connect_object (conversation, "notify::preview", G_CALLBACK (show_devices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (contact, "notify", G_CALLBACK (on_contact_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tess_engine_get_conversations (engine), "items-changed", G_CALLBACK (on_conversations_changed), self,
                           G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PERSON]);
  on_contact_changed (self);
  show_timer (self);
  show_muted (self);
  return ADW_DIALOG (self);
}

static void
tess_details_dialog_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessDetailsDialog *self = TESS_DETAILS_DIALOG (object);
  gboolean person = self->conversation != NULL && !tess_contact_get_is_self (contact_of (self));

  g_value_set_boolean (value, id == PROP_PERSON ? person : person && tess_contact_get_accepted (contact_of (self)));
}

static void
tess_details_dialog_dispose (GObject *object)
{
  TessDetailsDialog *self = TESS_DETAILS_DIALOG (object);

  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->device_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tess_details_dialog_parent_class)->dispose (object);
}

static void
tess_details_dialog_class_init (TessDetailsDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_details_dialog_get_property;
  object_class->dispose = tess_details_dialog_dispose;
  properties[PROP_PERSON] = g_param_spec_boolean ("person", NULL, NULL, FALSE, flags);
  properties[PROP_CONTACT] = g_param_spec_boolean ("contact", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-details-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, name);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, given_name);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, notes);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, nickname);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, trust);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, trust_icon);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, verify);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, address);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, devices);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, muted);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, timer);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, amount);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, unit);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, set_timer);
  gtk_widget_class_bind_template_child (widget_class, TessDetailsDialog, block);
  gtk_widget_class_bind_template_callback (widget_class, on_nickname);
  gtk_widget_class_bind_template_callback (widget_class, on_verify);
  gtk_widget_class_bind_template_callback (widget_class, on_number);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_muted);
  gtk_widget_class_bind_template_callback (widget_class, on_timer);
  gtk_widget_class_bind_template_callback (widget_class, on_set_timer);
  gtk_widget_class_bind_template_callback (widget_class, on_block);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
tess_details_dialog_init (TessDetailsDialog *self)
{
  self->device_rows = g_ptr_array_new ();
  self->showing = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->showing = FALSE;
}
