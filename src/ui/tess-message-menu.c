/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-message-menu.h"

#include "ui/tess-await.h"
#include "ui/tess-message-text.h"
#include "ui/tess-message-view.h"

#include <glib/gi18n.h>

struct _TessMessageMenu {
  AdwBin parent_instance;

  GtkGesture *secondary;
  GtkGesture *long_press;

  TessEngine *engine;
  TessConversation *conversation;
  gboolean writable;
  GtkWidget *popover;   /* the menu, or NULL before the first one */
  GtkWidget *chooser;   /* of any emoji, or NULL before the first one */
  GtkWidget *focus;     /* where the keyboard was before, weak */
  GdkRectangle at;      /* where the menu was opened */
  TessMessage *message; /* the one that the menu is of, or NULL */
  char *selection;      /* what is selected in it, or NULL */
  char *link;           /* the link that was under the pointer, or NULL */
};

enum { REPLY, EDIT, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessMessageMenu, tess_message_menu, ADW_TYPE_BIN)

/* What people react with most, and its name for who cannot see it. */
static const struct {
  const char *emoji;
  const char *name;
} common[] = {
  { "👍", NC_ ("emoji", "Thumbs up") },
  { "❤️", NC_ ("emoji", "Red heart") },
  { "😂", NC_ ("emoji", "Tears of joy") },
  { "😮", NC_ ("emoji", "Open mouth") },
  { "😢", NC_ ("emoji", "Crying face") },
  { "🙏", NC_ ("emoji", "Folded hands") },
};

static void
on_await_failed (gpointer owner, const GError *error)
{
  g_signal_emit (owner, signals[FAILED], 0, error->message);
}

void
tess_message_menu_react (TessMessageMenu *self, TessMessage *message, const char *emoji)
{
  tess_await_failure (tess_engine_react (self->engine, self->conversation, message, emoji), self, on_await_failed);
}

/* The one that is chosen already is given up. */
static void
toggle_reaction (TessMessageMenu *self, const char *emoji)
{
  gboolean chosen = g_str_equal (tess_message_get_own_reaction (self->message), emoji);

  tess_message_menu_react (self, self->message, chosen ? "" : emoji);
}

/* The keyboard goes back to where it was, unless what was chosen took it elsewhere. */
static void
on_closed (TessMessageMenu *self, GtkWidget *popover)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (self->focus != NULL && (focus == NULL || focus == popover || gtk_widget_is_ancestor (focus, popover)))
    gtk_widget_grab_focus (self->focus);
}

static void
on_react (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  toggle_reaction (self, g_variant_get_string (parameter, NULL));
}

static void
on_react_any (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  if (self->chooser == NULL)
    {
      self->chooser = gtk_emoji_chooser_new ();
      gtk_widget_set_parent (self->chooser, widget);
      g_signal_connect_object (self->chooser, "emoji-picked", G_CALLBACK (toggle_reaction), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->chooser, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->chooser), &self->at);
  gtk_popover_popup (GTK_POPOVER (self->chooser));
}

static void
copy (TessMessageMenu *self, TessMessage *message, const char *selection)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          selection != NULL ? selection : tess_message_get_body (message));
}

static void
on_copy (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);

  if (g_str_equal (action, "message.copy"))
    copy (self, self->message, self->selection);
  else
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), self->link);
}

static void
on_write (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);

  g_signal_emit (self, signals[g_str_equal (action, "message.edit") ? EDIT : REPLY], 0, self->message);
}

/* Deleting, asked for before. */

static gboolean
is_own_text (TessMessage *message)
{
  return tess_message_get_outgoing (message) && tess_message_text_is_text (message) && !tess_message_get_deleted (message);
}

static void
on_delete_answer (AdwAlertDialog *dialog, const char *response, TessMessageMenu *self)
{
  TessMessage *message = g_object_get_data (G_OBJECT (dialog), "message");
  gboolean everyone = g_str_equal (response, "everyone");

  if (everyone || g_str_equal (response, "here"))
    tess_await_failure (tess_engine_delete (self->engine, self->conversation, message, everyone), self, on_await_failed);
}

static void
ask_delete (TessMessageMenu *self, TessMessage *message)
{
  gboolean self_chat = tess_contact_get_is_self (tess_conversation_get_contact (self->conversation));
  gboolean everyone = self->writable && is_own_text (message) && !self_chat;
  AdwDialog *dialog = adw_alert_dialog_new (_("Delete Message?"), NULL);
  AdwAlertDialog *alert = ADW_ALERT_DIALOG (dialog);

  adw_alert_dialog_set_body (alert, everyone    ? _("It can be erased on this device alone, or on the other side too. What was "
                                                    "read already cannot be made unread.")
                                    : self_chat ? _("It is erased from this device.")
                                                : _("It is erased from this device, but not on the other side."));
  adw_alert_dialog_add_responses (alert, "cancel", _("_Cancel"), "here", everyone ? _("Delete for _Me") : _("_Delete"), NULL);
  adw_alert_dialog_set_response_appearance (alert, "here", ADW_RESPONSE_DESTRUCTIVE);
  if (everyone)
    {
      adw_alert_dialog_add_response (alert, "everyone", _("Delete for _Everyone"));
      adw_alert_dialog_set_response_appearance (alert, "everyone", ADW_RESPONSE_DESTRUCTIVE);
    }
  adw_alert_dialog_set_default_response (alert, "cancel");
  adw_alert_dialog_set_close_response (alert, "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "message", g_object_ref (message), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_delete_answer), self, G_CONNECT_DEFAULT);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static void
on_delete (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);

  ask_delete (self, self->message);
}

/* The menu. */

static GtkWidget *
reaction_button (TessMessageMenu *self, size_t index)
{
  GtkWidget *button = gtk_button_new ();
  const char *name = g_dpgettext2 (NULL, "emoji", common[index].name);
  gboolean chosen = g_str_equal (tess_message_get_own_reaction (self->message), common[index].emoji);

  /* set as a label it would be the button's name too */
  gtk_button_set_child (GTK_BUTTON (button), gtk_label_new (common[index].emoji));
  gtk_widget_set_css_classes (button, (const char *[]){ "flat", "circular", "react", chosen ? "chosen" : NULL, NULL });
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "message.react");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", common[index].emoji);
  return button;
}

static GtkWidget *
make_reactions (TessMessageMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *more = gtk_button_new_from_icon_name ("tess-emoji-symbolic");

  for (size_t i = 0; i < G_N_ELEMENTS (common); i++)
    gtk_box_append (GTK_BOX (box), reaction_button (self, i));
  gtk_widget_set_css_classes (more, (const char *[]){ "flat", "circular", "react", NULL });
  gtk_widget_set_tooltip_text (more, _("Other Emoji"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (more), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Other Emoji"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (more), "message.react-any");
  gtk_box_append (GTK_BOX (box), more);
  return box;
}

static GMenuModel *
make_model (TessMessageMenu *self, gboolean writable)
{
  g_autoptr (GMenu) menu = g_menu_new (), reactions = g_menu_new (), writing = g_menu_new (), deleting = g_menu_new ();
  g_autoptr (GMenuItem) custom = g_menu_item_new (NULL, NULL);
  gboolean text = tess_message_text_is_text (self->message) && !tess_message_get_deleted (self->message);

  if (writable)
    {
      g_menu_item_set_attribute (custom, "custom", "s", "reactions");
      g_menu_append_item (reactions, custom);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (reactions));
      g_menu_append (writing, C_("a message", "_Reply"), "message.reply");
    }
  if (writable && is_own_text (self->message))
    g_menu_append (writing, C_("a message", "_Edit"), "message.edit");
  if (text)
    g_menu_append (writing, self->selection != NULL ? C_("a message", "_Copy Selection") : C_("a message", "_Copy"),
                   "message.copy");
  if (self->link != NULL)
    g_menu_append (writing, _("Copy _Link"), "message.copy-link");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (writing));
  g_menu_append (deleting, C_("a message", "_Delete…"), "message.delete");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (deleting));
  return G_MENU_MODEL (g_steal_pointer (&menu));
}

/* Opens the menu of what @view shows at @x, @y of this widget. */
static void
open_menu (TessMessageMenu *self, TessMessageView *view, double x, double y)
{
  TessMessage *message = tess_message_view_get_message (view);
  gboolean writable = self->writable && tess_message_text_is_text (message) && !tess_message_get_deleted (message);
  g_autoptr (GMenuModel) model = NULL;

  g_set_object (&self->message, message);
  g_free (self->selection);
  self->selection = tess_message_view_dup_selection (view);
  g_set_str (&self->link, tess_message_view_get_link (view));
  self->at = (GdkRectangle){ (int) x, (int) y, 1, 1 };
  model = make_model (self, writable);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  self->popover = gtk_popover_menu_new_from_model (model);
  if (writable)
    gtk_popover_menu_add_child (GTK_POPOVER_MENU (self->popover), make_reactions (self), "reactions");
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  g_signal_connect_object (self->popover, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
  g_set_weak_pointer (&self->focus, gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &self->at);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static TessMessageView *
view_at (TessMessageMenu *self, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  GtkWidget *view = widget != NULL ? gtk_widget_get_ancestor (widget, TESS_TYPE_MESSAGE_VIEW) : NULL;

  /* between two messages it is the row that is under the pointer */
  if (view == NULL && widget != NULL && TESS_IS_MESSAGE_VIEW (gtk_widget_get_first_child (widget)))
    view = gtk_widget_get_first_child (widget);
  return (TessMessageView *) view;
}

/* The row with the focus, or that holds it, or NULL. */
static TessMessageView *
focused_view (TessMessageMenu *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return NULL;
  if (TESS_IS_MESSAGE_VIEW (gtk_widget_get_first_child (focus)))
    return TESS_MESSAGE_VIEW (gtk_widget_get_first_child (focus));
  return (TessMessageView *) gtk_widget_get_ancestor (focus, TESS_TYPE_MESSAGE_VIEW);
}

static void
on_secondary (TessMessageMenu *self, int presses, double x, double y)
{
  TessMessageView *view = view_at (self, x, y);

  if (view == NULL)
    return;
  gtk_gesture_set_state (self->secondary, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (self, view, x, y);
}

static void
on_long_pressed (TessMessageMenu *self, double x, double y)
{
  TessMessageView *view = view_at (self, x, y);

  if (view == NULL)
    return;
  gtk_gesture_set_state (self->long_press, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (self, view, x, y);
}

static void
on_focused (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (widget);
  TessMessageView *view = focused_view (self);
  TessMessage *message = view != NULL ? tess_message_view_get_message (view) : NULL;
  graphene_rect_t place;

  if (message == NULL)
    return;
  if (g_str_equal (action, "message.copy-focused"))
    {
      if (tess_message_text_is_text (message) && !tess_message_get_deleted (message))
        copy (self, message, NULL);
    }
  else if (g_str_equal (action, "message.delete-focused"))
    ask_delete (self, message);
  else if (gtk_widget_compute_bounds (GTK_WIDGET (view), widget, &place))
    open_menu (self, view, place.origin.x + place.size.width / 2, CLAMP (place.origin.y + place.size.height / 2, 0,
                                                                         gtk_widget_get_height (widget)));
}

void
tess_message_menu_set_conversation (TessMessageMenu *self, TessEngine *engine, TessConversation *conversation)
{
  g_set_object (&self->engine, engine);
  g_set_object (&self->conversation, conversation);
}

void
tess_message_menu_set_writable (TessMessageMenu *self, gboolean writable)
{
  self->writable = writable;
}

static void
tess_message_menu_dispose (GObject *object)
{
  TessMessageMenu *self = TESS_MESSAGE_MENU (object);

  g_clear_weak_pointer (&self->focus);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->chooser, gtk_widget_unparent);
  g_clear_object (&self->message);
  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->selection, g_free);
  g_clear_pointer (&self->link, g_free);
  G_OBJECT_CLASS (tess_message_menu_parent_class)->dispose (object);
}

static void
tess_message_menu_class_init (TessMessageMenuClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_message_menu_dispose;
  signals[REPLY] = g_signal_new ("reply", TESS_TYPE_MESSAGE_MENU, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 TESS_TYPE_MESSAGE);
  signals[EDIT] = g_signal_new ("edit", TESS_TYPE_MESSAGE_MENU, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                TESS_TYPE_MESSAGE);
  signals[FAILED] = g_signal_new ("failed", TESS_TYPE_MESSAGE_MENU, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
  gtk_widget_class_install_action (widget_class, "message.menu", NULL, on_focused);
  gtk_widget_class_install_action (widget_class, "message.copy-focused", NULL, on_focused);
  gtk_widget_class_install_action (widget_class, "message.delete-focused", NULL, on_focused);
  gtk_widget_class_install_action (widget_class, "message.react", "s", on_react);
  gtk_widget_class_install_action (widget_class, "message.react-any", NULL, on_react_any);
  gtk_widget_class_install_action (widget_class, "message.reply", NULL, on_write);
  gtk_widget_class_install_action (widget_class, "message.edit", NULL, on_write);
  gtk_widget_class_install_action (widget_class, "message.copy", NULL, on_copy);
  gtk_widget_class_install_action (widget_class, "message.copy-link", NULL, on_copy);
  gtk_widget_class_install_action (widget_class, "message.delete", NULL, on_delete);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-message-menu.ui");
  gtk_widget_class_bind_template_child (widget_class, TessMessageMenu, secondary);
  gtk_widget_class_bind_template_child (widget_class, TessMessageMenu, long_press);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary);
  gtk_widget_class_bind_template_callback (widget_class, on_long_pressed);
}

static void
tess_message_menu_init (TessMessageMenu *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
