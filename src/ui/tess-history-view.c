/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-history-view.h"

#include "ui/tess-await.h"
#include "ui/tess-history-rows.h"
#include "ui/tess-message-menu.h"
#include "ui/tess-message-text.h"
#include "ui/tess-message-view.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

/* Frames in which a row that was scrolled to has to be there. */
#define JUMP_FRAMES 20
/* How much is loaded to find where the unread messages begin. */
#define UNREAD_PAGES_MAX 25

struct _TessHistoryView {
  AdwBin parent_instance;

  TessMessageMenu *menu;
  GtkStack *stack;
  AdwStatusPage *empty;
  AdwStatusPage *failed;
  GtkScrolledWindow *scrolled;
  GtkListView *list;
  GtkRevealer *scroll_revealer;
  GtkWidget *scroll_button;
  GtkLabel *unread_label;

  TessEngine *engine;
  TessConversation *conversation;
  TessHistory *history;
  GPtrArray *bound;    /* GtkListItem, borrowed: those that show a message now */
  gboolean sticky;     /* at the end, and stays there */
  gboolean loading;    /* older or newer messages */
  gboolean loading_newer;
  gboolean window_active;
  gulong window_handler;
  guint scroll_source;
  gint64 marked;       /* the row up to which was marked as read */
  gint64 first_new;    /* the row above which stands "New Messages", 0: none */
  guint unread_pages;  /* that were loaded to find it */
  guint look_frames;   /* until it is looked which messages are on the screen; 0: no need */

  gint64 wanted;       /* the row of a message to go to once there is a history, 0: none */
  gboolean replacing;  /* another part of the history is being shown */
  guint jump_tick;     /* while a row is being scrolled to */
  guint jump_frames;
  gint64 jump_row;
  double jump_align;   /* where on the screen it comes to stand: 0 at the top, 1 at the bottom */
  gboolean jump_flash;
  gboolean jump_focus;
};

enum { FAILED, REPLY, EDIT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessHistoryView, tess_history_view, ADW_TYPE_BIN)

static guint
count (TessHistoryView *self)
{
  return self->history != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->history)) : 0;
}

static void
on_await_failed (gpointer owner, const GError *error)
{
  g_signal_emit (owner, signals[FAILED], 0, error->message);
}

static void
on_menu_failed (TessHistoryView *self, const char *text)
{
  g_signal_emit (self, signals[FAILED], 0, text);
}

static void
on_reply (TessHistoryView *self, TessMessage *message)
{
  g_signal_emit (self, signals[REPLY], 0, message);
}

static void
on_edit (TessHistoryView *self, TessMessage *message)
{
  g_signal_emit (self, signals[EDIT], 0, message);
}

static void
update_button (TessHistoryView *self)
{
  guint unread = self->sticky || self->conversation == NULL ? 0 : tess_conversation_get_unread (self->conversation);
  g_autofree char *text = unread > 99 ? g_strdup ("99+") : g_strdup_printf ("%u", unread);
  g_autofree char *label = NULL;

  /* Translators: a button, for the screen reader */
  label = unread > 0 ? g_strdup_printf (g_dngettext (NULL, "Scroll to Bottom, %u unread message",
                                                     "Scroll to Bottom, %u unread messages", unread), unread)
                     : g_strdup (_("Scroll to Bottom"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scroll_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_label_set_label (self->unread_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->unread_label), unread > 0);
  if (!self->sticky)
    gtk_widget_set_visible (GTK_WIDGET (self->scroll_revealer), TRUE);
  gtk_revealer_set_reveal_child (self->scroll_revealer, !self->sticky);
}

static void
mark_read (TessHistoryView *self, TessMessage *newest)
{
  if (!self->window_active || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || tess_conversation_get_unread (self->conversation) == 0 || tess_message_get_row (newest) <= self->marked)
    return;
  self->marked = tess_message_get_row (newest);
  tess_await_failure (tess_engine_mark_read (self->engine, self->conversation, newest), self, on_await_failed);
}

/* A row that was just given another message stands where it stood before until the next layout: only then can one see what is
 * seen. */
static gboolean
look (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);
  GtkListItem *item;

  if (self->look_frames-- > 1 || self->jump_tick != 0)
    {
      self->look_frames = MAX (1, self->look_frames);
      return G_SOURCE_CONTINUE;
    }
  item = tess_history_rows_newest (self->bound, GTK_WIDGET (self->scrolled), TRUE);
  if (item != NULL)
    mark_read (self, gtk_list_item_get_item (item));
  return G_SOURCE_REMOVE;
}

/* What was on the screen of the window in use has been read. */
static void
mark_read_if_seen (TessHistoryView *self)
{
  update_button (self);
  if (count (self) == 0 || !self->window_active || tess_conversation_get_unread (self->conversation) == 0)
    return;
  if (self->sticky)
    {
      g_autoptr (TessMessage) newest = g_list_model_get_item (G_LIST_MODEL (self->history), count (self) - 1);

      mark_read (self, newest);
      return;
    }
  if (self->look_frames == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), look, NULL, NULL);
  self->look_frames = 2;
}

static void
set_sticky (TessHistoryView *self, gboolean sticky)
{
  self->sticky = sticky;
  mark_read_if_seen (self);
}

static gboolean
at_bottom (GtkAdjustment *adjustment)
{
  double shown_to = gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment);

  return shown_to >= gtk_adjustment_get_upper (adjustment) - 24;
}

static gboolean
scroll_now (gpointer data)
{
  TessHistoryView *self = data;

  self->scroll_source = 0;
  if (count (self) > 0)
    {
      GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);

      gtk_list_view_scroll_to (self->list, count (self) - 1, GTK_LIST_SCROLL_NONE, NULL);
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));
    }
  return G_SOURCE_REMOVE;
}

/* Before the next frame, so that nothing is seen to jump. */
static void
keep_at_bottom (TessHistoryView *self)
{
  if (self->scroll_source == 0)
    self->scroll_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, scroll_now, self, NULL);
}

static void
end_jump (TessHistoryView *self)
{
  if (self->jump_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->jump_tick);
  self->jump_tick = 0;
}

static void
on_newest_loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->replacing = FALSE;
  if (error != NULL)
    {
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return;
    }
  set_sticky (self, TRUE);
  keep_at_bottom (self);
}

void
tess_history_view_scroll_to_bottom (TessHistoryView *self)
{
  end_jump (self);
  if (self->history != NULL && tess_history_get_has_newer (self->history))
    {
      self->replacing = TRUE;
      tess_await (tess_history_load_newest (self->history), self, on_newest_loaded, NULL, NULL);
      return;
    }
  set_sticky (self, TRUE);
  keep_at_bottom (self);
}

static void
on_more_loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->loading = self->loading_newer = FALSE;
  if (error != NULL)
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

/* Where the end of what is loaded comes near, or does not fill the screen. */
static void
load_more (TessHistoryView *self, GtkAdjustment *adjustment)
{
  double page = gtk_adjustment_get_page_size (adjustment), value = gtk_adjustment_get_value (adjustment);

  if (self->history == NULL || page <= 0 || self->replacing || self->loading)
    return;
  if (value < page && tess_history_get_has_older (self->history))
    {
      self->loading = TRUE;
      tess_await (tess_history_load_older (self->history), self, on_more_loaded, NULL, NULL);
    }
  else if (tess_history_get_has_newer (self->history) && value + 2 * page > gtk_adjustment_get_upper (adjustment))
    {
      self->loading = self->loading_newer = TRUE;
      tess_await (tess_history_load_newer (self->history), self, on_more_loaded, NULL, NULL);
    }
}

static void
on_scrolled (TessHistoryView *self, GtkAdjustment *adjustment)
{
  gboolean sticky;

  if (self->history == NULL || gtk_adjustment_get_page_size (adjustment) <= 0 || self->replacing)
    return;
  sticky = at_bottom (adjustment) && !tess_history_get_has_newer (self->history);
  if (self->scroll_source == 0 && self->jump_tick == 0 && self->sticky != sticky)
    set_sticky (self, sticky);
  else
    mark_read_if_seen (self);
  load_more (self, adjustment);
}

/* The content grew or the window changed its size. */
static void
on_extent_changed (TessHistoryView *self, GtkAdjustment *adjustment)
{
  if (!self->sticky)
    {
      on_scrolled (self, adjustment);
      return;
    }
  keep_at_bottom (self);
  if (gtk_adjustment_get_upper (adjustment) <= gtk_adjustment_get_page_size (adjustment))
    load_more (self, adjustment);
}

static void
place (TessHistoryView *self, GtkListItem *item)
{
  guint position = gtk_list_item_get_position (item);
  GtkWidget *view = gtk_list_item_get_child (item);
  g_autoptr (TessMessage) previous = NULL, next = NULL;

  if (position == GTK_INVALID_LIST_POSITION || gtk_list_item_get_item (item) == NULL)
    return;
  if (position > 0)
    previous = g_list_model_get_item (G_LIST_MODEL (self->history), position - 1);
  next = g_list_model_get_item (G_LIST_MODEL (self->history), position + 1);
  tess_message_view_set_neighbours (TESS_MESSAGE_VIEW (view), previous, next,
                                    self->first_new != 0 && self->first_new == tess_history_rows_row (item));
}

void
tess_history_view_refresh (TessHistoryView *self)
{
  for (guint i = 0; i < self->bound->len; i++)
    place (self, self->bound->pdata[i]);
}

/* The line moves to the first of what is new when nothing before it was left unread, and goes when one writes. */
static void
move_line (TessHistoryView *self, guint first)
{
  g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), first);
  guint added = count (self) - first;

  if (tess_message_get_outgoing (message))
    self->first_new = 0;
  else if (!(self->sticky && self->window_active)
           && (self->first_new == 0 || tess_conversation_get_unread (self->conversation) <= added))
    self->first_new = tess_message_get_row (message);
}

static void
on_arrived (TessHistoryView *self, guint first)
{
  const char *name = tess_contact_get_name (tess_conversation_get_contact (self->conversation));

  move_line (self, first);
  for (guint i = first; i < count (self); i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), i);
      g_autofree char *sentence = NULL;

      if (tess_message_get_outgoing (message))
        set_sticky (self, TRUE);
      else if (self->window_active)
        {
          sentence = tess_message_text_sentence (message, name);
          gtk_accessible_announce (GTK_ACCESSIBLE (self), sentence, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
        }
    }
  if (self->sticky)
    keep_at_bottom (self);
  mark_read_if_seen (self); /* the count of unread messages changed before the message was there */
}

static void
on_items_changed (TessHistoryView *self, guint position, guint removed, guint added)
{
  guint n = count (self);
  gboolean arrived = !self->replacing && !self->loading_newer && added > 0 && position + added == n;

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "messages" : "empty");
  if (arrived)
    on_arrived (self, position);
  tess_history_view_refresh (self);
}

static void
on_retry (TessHistoryView *self, TessMessage *message)
{
  tess_await_failure (tess_engine_retry (self->engine, self->conversation, message), self, on_await_failed);
}

static void
on_react (TessHistoryView *self, TessMessage *message, const char *emoji)
{
  tess_message_menu_react (self->menu, message, emoji);
}

static void
on_found (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;
  gint64 row = value != NULL ? g_value_get_int64 (value) : 0;

  if (error != NULL)
    g_signal_emit (self, signals[FAILED], 0, error->message);
  else if (row == 0)
    g_signal_emit (self, signals[FAILED], 0, _("This message is not here any more"));
  else
    {
      tess_history_view_show_message (self, row);
      self->jump_focus = TRUE;
    }
}

static void
on_jump (TessHistoryView *self, const char *id)
{
  tess_await (tess_history_find (self->history, id), self, on_found, NULL, NULL);
}

static void
on_setup (TessHistoryView *self, GtkListItem *item)
{
  GtkWidget *view = g_object_new (TESS_TYPE_MESSAGE_VIEW, NULL);

  gtk_list_item_set_child (item, view);
  gtk_list_item_set_activatable (item, FALSE);
  g_object_bind_property (view, "sentence", item, "accessible-label", G_BINDING_DEFAULT);
  g_signal_connect_object (view, "retry", G_CALLBACK (on_retry), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "react", G_CALLBACK (on_react), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "jump", G_CALLBACK (on_jump), self, G_CONNECT_SWAPPED);
}

static void
on_bind (TessHistoryView *self, GtkListItem *item)
{
  const char *name = tess_contact_get_name (tess_conversation_get_contact (self->conversation));

  tess_message_view_set_message (TESS_MESSAGE_VIEW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item), name);
  g_ptr_array_add (self->bound, item);
  place (self, item);
}

static void
on_name (TessHistoryView *self, GParamSpec *pspec, TessContact *contact)
{
  for (guint i = 0; i < self->bound->len; i++)
    tess_message_view_set_message (TESS_MESSAGE_VIEW (gtk_list_item_get_child (self->bound->pdata[i])),
                                   gtk_list_item_get_item (self->bound->pdata[i]), tess_contact_get_name (contact));
  tess_history_view_refresh (self);
}

static void
on_unbind (TessHistoryView *self, GtkListItem *item)
{
  g_ptr_array_remove_fast (self->bound, item);
  tess_message_view_set_message (TESS_MESSAGE_VIEW (gtk_list_item_get_child (item)), NULL, NULL);
}

/* Going to a message. The list shows a row only as far as it must be scrolled for it, and knows its height a frame later. */

static void
scroll_to_row (TessHistoryView *self, gint64 row)
{
  for (guint i = count (self); i > 0; i--)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), i - 1);

      if (tess_message_get_row (message) != row)
        continue;
      gtk_list_view_scroll_to (self->list, i - 1, GTK_LIST_SCROLL_NONE, NULL);
      return;
    }
}

static gboolean
jump (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  GtkListItem *item = tess_history_rows_find (self->bound, self->jump_row);
  double y, height, room;

  if (item != NULL && self->jump_frames > 0
      && tess_history_rows_bounds (item, GTK_WIDGET (self->scrolled), &y, &height))
    {
      room = MAX (0, gtk_adjustment_get_page_size (adjustment) - height);
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + y - room * self->jump_align);
      if (self->jump_flash)
        tess_message_view_flash (TESS_MESSAGE_VIEW (gtk_list_item_get_child (item)));
      if (self->jump_focus)
        gtk_widget_grab_focus (gtk_widget_get_parent (gtk_list_item_get_child (item)));
    }
  else if (self->jump_frames++ < JUMP_FRAMES)
    {
      /* a list that was not laid out yet forgets where it was to be scrolled to */
      if (self->jump_frames % 3 == 0)
        scroll_to_row (self, self->jump_row);
      return G_SOURCE_CONTINUE;
    }
  self->jump_tick = 0;
  on_scrolled (self, adjustment);
  return G_SOURCE_REMOVE;
}

/* Brings the row at @position to stand at @align. */
static void
jump_to (TessHistoryView *self, guint position, double align, gboolean flash)
{
  g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), position);

  end_jump (self);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  self->sticky = FALSE;
  self->jump_row = tess_message_get_row (message);
  self->jump_align = align;
  self->jump_flash = flash;
  self->jump_frames = 0;
  gtk_list_view_scroll_to (self->list, position, GTK_LIST_SCROLL_NONE, NULL);
  self->jump_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), jump, NULL, NULL);
}

static void
on_around_loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->replacing = FALSE;
  if (error != NULL)
    g_signal_emit (self, signals[FAILED], 0, error->message);
  else
    jump_to (self, g_value_get_uint (value), 0.35, TRUE);
}

/* What is wholly on the screen stays where it is. */
static gboolean
flash_if_seen (TessHistoryView *self, gint64 row)
{
  GtkListItem *item = tess_history_rows_find (self->bound, row);
  double y, height;

  if (item == NULL || !tess_history_rows_bounds (item, GTK_WIDGET (self->scrolled), &y, &height) || y < 0
      || y + height > gtk_widget_get_height (GTK_WIDGET (self->scrolled)))
    return FALSE;
  tess_message_view_flash (TESS_MESSAGE_VIEW (gtk_list_item_get_child (item)));
  return TRUE;
}

void
tess_history_view_show_message (TessHistoryView *self, gint64 row)
{
  self->wanted = self->history == NULL ? row : 0;
  self->jump_focus = FALSE;
  if (self->history == NULL || flash_if_seen (self, row))
    return;
  self->replacing = TRUE;
  tess_await (tess_history_load_around (self->history, row), self, on_around_loaded, NULL, NULL);
}

/* The position where the messages begin that were not read when the chat was opened; FALSE: further up than what is loaded. */
static gboolean
find_first_new (TessHistoryView *self, guint unread, guint *position)
{
  for (guint i = count (self); i > 0; i--)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), i - 1);

      if (tess_message_get_outgoing (message) || tess_message_get_deleted (message) || !tess_message_text_is_text (message)
          || --unread > 0)
        continue;
      *position = i - 1;
      self->first_new = tess_message_get_row (message);
      return TRUE;
    }
  return FALSE;
}

static void show_first_new (TessHistoryView *self);

static void
on_older_for_new (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->loading = FALSE;
  if (error == NULL)
    show_first_new (self);
}

/* The chat opens where one stopped reading. */
static void
show_first_new (TessHistoryView *self)
{
  guint position;

  if (find_first_new (self, tess_conversation_get_unread (self->conversation), &position))
    {
      jump_to (self, position, 0.08, FALSE);
      tess_history_view_refresh (self);
    }
  else if (tess_history_get_has_older (self->history) && self->unread_pages++ < UNREAD_PAGES_MAX)
    {
      self->loading = TRUE;
      tess_await (tess_history_load_older (self->history), self, on_older_for_new, NULL, NULL);
    }
}

static void
on_opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;
  g_autoptr (GtkNoSelection) selection = NULL;
  g_autoptr (GtkListItemFactory) factory = NULL;

  if (error != NULL)
    {
      adw_status_page_set_description (self->failed, error->message);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      return;
    }
  self->history = g_value_dup_object (value);
  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->history)));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  /* after the list, which must have moved its rows before they are placed */
  g_signal_connect_object (selection, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  on_items_changed (self, 0, 0, 0);
  keep_at_bottom (self);
  if (self->wanted != 0)
    tess_history_view_show_message (self, self->wanted);
  else if (tess_conversation_get_unread (self->conversation) > 0)
    show_first_new (self);
}

void
tess_history_view_set_writable (TessHistoryView *self, gboolean writable)
{
  tess_message_menu_set_writable (self->menu, writable);
}

TessMessage *
tess_history_view_dup_last_own (TessHistoryView *self)
{
  for (guint i = count (self); i > 0; i--)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), i - 1);

      if (tess_message_get_outgoing (message) && tess_message_text_is_text (message) && !tess_message_get_deleted (message))
        return g_steal_pointer (&message);
    }
  return NULL;
}

TessMessage *
tess_history_view_dup_step (TessHistoryView *self, TessMessage *from, int step)
{
  gint64 row = from != NULL ? tess_message_get_row (from) : G_MAXINT64;
  guint n = count (self);

  for (guint i = 0; i < n; i++)
    {
      guint position = step < 0 ? n - 1 - i : i;
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), position);

      if (tess_message_text_is_text (message) && !tess_message_get_deleted (message)
          && (step < 0 ? tess_message_get_row (message) < row : tess_message_get_row (message) > row))
        return g_steal_pointer (&message);
    }
  return NULL;
}

void
tess_history_view_open (TessHistoryView *self, TessEngine *engine, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *name = tess_text_name (contact);
  /* Translators: %s is a contact's name */
  g_autofree char *hello = g_markup_printf_escaped (_("What you write here, only %s can read."), name);
  gboolean notes = tess_contact_get_is_self (contact);

  g_set_object (&self->engine, engine);
  g_set_object (&self->conversation, conversation);
  tess_message_menu_set_conversation (self->menu, engine, conversation);
  adw_status_page_set_title (self->empty, notes ? _("Notes for Yourself") : _("Say Hello"));
  adw_status_page_set_description (self->empty, notes ? _("What you write here stays on this device.") : hello);
  g_signal_connect_object (contact, "notify::name", G_CALLBACK (on_name), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::unread", G_CALLBACK (mark_read_if_seen), self, G_CONNECT_SWAPPED);
  tess_await (tess_engine_open_history (engine, conversation), self, on_opened, NULL, NULL);
}

static void
on_window_active (TessHistoryView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  self->window_active = GTK_IS_WINDOW (root) && gtk_window_is_active (GTK_WINDOW (root));
  mark_read_if_seen (self);
}

static void
tess_history_view_map (GtkWidget *widget)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);

  GTK_WIDGET_CLASS (tess_history_view_parent_class)->map (widget);
  self->window_handler = g_signal_connect_swapped (gtk_widget_get_root (widget), "notify::is-active",
                                                   G_CALLBACK (on_window_active), self);
  on_window_active (self);
  if (self->sticky)
    keep_at_bottom (self);
}

static void
tess_history_view_unmap (GtkWidget *widget)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);

  g_clear_signal_handler (&self->window_handler, gtk_widget_get_root (widget));
  GTK_WIDGET_CLASS (tess_history_view_parent_class)->unmap (widget);
}

/* Tab comes to what is on the screen: the list on its own would go to its oldest message, and scroll there. */
static gboolean
tess_history_view_focus (GtkWidget *widget, GtkDirectionType direction)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkListItem *item = NULL;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, widget))
    item = tess_history_rows_newest (self->bound, GTK_WIDGET (self->scrolled), FALSE);
  if (item != NULL && gtk_widget_grab_focus (gtk_widget_get_parent (gtk_list_item_get_child (item))))
    return TRUE;
  return GTK_WIDGET_CLASS (tess_history_view_parent_class)->focus (widget, direction);
}

static void
tess_history_view_dispose (GObject *object)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (object);

  end_jump (self);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->history);
  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_history_view_parent_class)->dispose (object);
}

static void
tess_history_view_finalize (GObject *object)
{
  g_ptr_array_unref (TESS_HISTORY_VIEW (object)->bound);
  G_OBJECT_CLASS (tess_history_view_parent_class)->finalize (object);
}

static void
tess_history_view_class_init (TessHistoryViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_history_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_history_view_finalize;
  widget_class->map = tess_history_view_map;
  widget_class->unmap = tess_history_view_unmap;
  widget_class->focus = tess_history_view_focus;
  signals[FAILED] = g_signal_new ("failed", TESS_TYPE_HISTORY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
  signals[REPLY] = g_signal_new ("reply", TESS_TYPE_HISTORY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 TESS_TYPE_MESSAGE);
  signals[EDIT] = g_signal_new ("edit", TESS_TYPE_HISTORY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                TESS_TYPE_MESSAGE);

  g_type_ensure (TESS_TYPE_MESSAGE_MENU);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LOG);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-history-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, menu);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, stack);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, empty);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, failed);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, list);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, scroll_revealer);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, scroll_button);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, unread_label);
  gtk_widget_class_bind_template_callback (widget_class, tess_history_view_scroll_to_bottom);
  gtk_widget_class_bind_template_callback (widget_class, on_reply);
  gtk_widget_class_bind_template_callback (widget_class, on_edit);
  gtk_widget_class_bind_template_callback (widget_class, on_menu_failed);
}

static void
tess_history_view_init (TessHistoryView *self)
{
  GtkAdjustment *adjustment;

  self->bound = g_ptr_array_new ();
  self->sticky = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_extent_changed), self, G_CONNECT_SWAPPED);
}
