/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-history-view.h"

#include "ui/tess-await.h"
#include "ui/tess-message-view.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessHistoryView {
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *empty;
  AdwStatusPage *failed;
  GtkScrolledWindow *scrolled;
  GtkListView *list;
  GtkRevealer *scroll_revealer;
  GtkLabel *unread_label;

  TessEngine *engine;
  TessConversation *conversation;
  TessHistory *history;
  GPtrArray *bound;    /* GtkListItem, borrowed: those that show a message now */
  gboolean sticky;     /* at the bottom, and stays there */
  gboolean loading;    /* older messages */
  gboolean window_active;
  gulong window_handler;
  guint scroll_source;
  gint64 wanted;       /* the row of a message to go to, 0: none */
  gboolean jumping;    /* another part of the history is being shown */
  guint unseen;        /* came while the bottom was out of sight */
};

static guint failed_signal;

G_DEFINE_FINAL_TYPE (TessHistoryView, tess_history_view, ADW_TYPE_BIN)

static guint
count (TessHistoryView *self)
{
  return self->history != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->history)) : 0;
}

static void
on_await_failed (gpointer owner, const GError *error)
{
  g_signal_emit (owner, failed_signal, 0, error->message);
}

static void
update_button (TessHistoryView *self)
{
  g_autofree char *text = g_strdup_printf ("%u", self->unseen);

  gtk_label_set_label (self->unread_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->unread_label), self->unseen > 0);
  if (!self->sticky)
    gtk_widget_set_visible (GTK_WIDGET (self->scroll_revealer), TRUE);
  gtk_revealer_set_reveal_child (self->scroll_revealer, !self->sticky);
}

/* What is on the screen of the window in use has been read. */
static void
mark_read_if_seen (TessHistoryView *self)
{
  g_autoptr (TessMessage) newest = NULL;
  guint count = self->history != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->history)) : 0;

  if (!self->sticky || count == 0 || !self->window_active || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  newest = g_list_model_get_item (G_LIST_MODEL (self->history), count - 1);
  if (tess_conversation_get_unread (self->conversation) > 0)
    tess_await_failure (tess_engine_mark_read (self->engine, self->conversation, newest), self, on_await_failed);
}

static void
set_sticky (TessHistoryView *self, gboolean sticky)
{
  if (sticky)
    self->unseen = 0;
  self->sticky = sticky;
  update_button (self);
  if (sticky)
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

void
tess_history_view_scroll_to_bottom (TessHistoryView *self)
{
  set_sticky (self, TRUE);
  keep_at_bottom (self);
}

static void
on_older_loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->loading = FALSE;
  if (error != NULL)
    g_signal_emit (self, failed_signal, 0, error->message);
}

static void
on_scrolled (TessHistoryView *self, GtkAdjustment *adjustment)
{
  double page = gtk_adjustment_get_page_size (adjustment);

  if (self->history == NULL || page <= 0)
    return;
  if (self->scroll_source == 0 && self->sticky != at_bottom (adjustment))
    set_sticky (self, !self->sticky);
  if (gtk_adjustment_get_value (adjustment) < page && !self->loading && tess_history_get_has_older (self->history))
    {
      self->loading = TRUE;
      tess_await (tess_history_load_older (self->history), self, on_older_loaded, NULL, NULL);
    }
}

/* The content grew or the window changed its size. */
static void
on_extent_changed (TessHistoryView *self, GtkAdjustment *adjustment)
{
  if (self->sticky)
    keep_at_bottom (self);
  else
    on_scrolled (self, adjustment);
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
  tess_message_view_set_neighbours (TESS_MESSAGE_VIEW (view), previous, next);
}

void
tess_history_view_refresh (TessHistoryView *self)
{
  for (guint i = 0; i < self->bound->len; i++)
    place (self, self->bound->pdata[i]);
}

static void
on_items_changed (TessHistoryView *self, guint position, guint removed, guint added)
{
  guint n = count (self);

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "messages" : "empty");
  tess_history_view_refresh (self);
  if (self->jumping || added == 0 || position + added < n)
    return;
  for (guint i = position; i < n; i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (self->history), i);

      if (tess_message_get_outgoing (message))
        set_sticky (self, TRUE);
      else if (!self->sticky)
        self->unseen++;
    }
  if (self->sticky)
    keep_at_bottom (self);
  update_button (self);
  mark_read_if_seen (self); /* the count of unread messages changed before the message was there */
}

static void
on_retry (TessHistoryView *self, TessMessage *message)
{
  tess_await_failure (tess_engine_retry (self->engine, self->conversation, message), self, on_await_failed);
}

static void
on_setup (TessHistoryView *self, GtkListItem *item)
{
  GtkWidget *view = g_object_new (TESS_TYPE_MESSAGE_VIEW, NULL);

  gtk_list_item_set_child (item, view);
  gtk_list_item_set_activatable (item, FALSE);
  g_object_bind_property (view, "sentence", item, "accessible-label", G_BINDING_DEFAULT);
  g_signal_connect_object (view, "retry", G_CALLBACK (on_retry), self, G_CONNECT_SWAPPED);
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
on_unbind (TessHistoryView *self, GtkListItem *item)
{
  g_ptr_array_remove_fast (self->bound, item);
  tess_message_view_set_message (TESS_MESSAGE_VIEW (gtk_list_item_get_child (item)), NULL, NULL);
}

static void
on_around_loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessHistoryView *self = owner;

  self->jumping = FALSE;
  if (error != NULL)
    {
      g_signal_emit (self, failed_signal, 0, error->message);
      return;
    }
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  set_sticky (self, FALSE);
  gtk_list_view_scroll_to (self->list, g_value_get_uint (value), GTK_LIST_SCROLL_NONE, NULL);
}

void
tess_history_view_show_message (TessHistoryView *self, gint64 row)
{
  self->wanted = self->history == NULL ? row : 0;
  if (self->history == NULL)
    return;
  self->jumping = TRUE;
  tess_await (tess_history_load_around (self->history, row), self, on_around_loaded, NULL, NULL);
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
  tess_history_view_scroll_to_bottom (self);
  if (self->wanted != 0)
    tess_history_view_show_message (self, self->wanted);
}

void
tess_history_view_open (TessHistoryView *self, TessEngine *engine, TessConversation *conversation)
{
  g_autofree char *name = tess_text_name (tess_conversation_get_contact (conversation));
  /* Translators: %s is a contact's name */
  g_autofree char *hello = g_markup_printf_escaped (_("What you write here, only %s can read."), name);

  g_set_object (&self->engine, engine);
  g_set_object (&self->conversation, conversation);
  adw_status_page_set_description (self->empty, hello);
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

/* The row of the newest message on the screen, whole if there is such a one, or NULL. */
static GtkWidget *
newest_shown (TessHistoryView *self)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self->scrolled));
  GtkWidget *best = NULL;
  guint best_rank = 0;

  for (guint i = 0; i < self->bound->len; i++)
    {
      GtkWidget *view = gtk_list_item_get_child (self->bound->pdata[i]);
      guint rank = gtk_list_item_get_position (self->bound->pdata[i]) + 1;
      graphene_rect_t place;

      if (!gtk_widget_get_mapped (view) || !gtk_widget_compute_bounds (view, GTK_WIDGET (self->scrolled), &place))
        continue;
      if (place.origin.y >= height || place.origin.y + place.size.height <= 0)
        continue;
      if (place.origin.y >= 0 && place.origin.y + place.size.height <= height)
        rank += count (self) + 1;
      if (rank > best_rank)
        {
          best = gtk_widget_get_parent (view);
          best_rank = rank;
        }
    }
  return best;
}

/* Tab comes to what is on the screen: the list on its own would go to its oldest message, and scroll there. */
static gboolean
tess_history_view_focus (GtkWidget *widget, GtkDirectionType direction)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *row = focus == NULL || !gtk_widget_is_ancestor (focus, widget) ? newest_shown (self) : NULL;

  if (row != NULL && gtk_widget_grab_focus (row))
    return TRUE;
  return GTK_WIDGET_CLASS (tess_history_view_parent_class)->focus (widget, direction);
}

static void
tess_history_view_dispose (GObject *object)
{
  TessHistoryView *self = TESS_HISTORY_VIEW (object);

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
  failed_signal = g_signal_new ("failed", TESS_TYPE_HISTORY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LOG);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-history-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, stack);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, empty);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, failed);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, list);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, scroll_revealer);
  gtk_widget_class_bind_template_child (widget_class, TessHistoryView, unread_label);
  gtk_widget_class_bind_template_callback (widget_class, tess_history_view_scroll_to_bottom);
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
