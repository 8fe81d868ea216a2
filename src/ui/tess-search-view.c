/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-search-view.h"

#include "base/tess-limits.h"
#include "ui/tess-await.h"
#include "ui/tess-chat-row.h"
#include "ui/tess-chats.h"
#include "ui/tess-hit-row.h"

#include <glib/gi18n.h>

struct _TessSearchView {
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *nothing;
  GtkScrolledWindow *scrolled;
  GtkListView *list;

  TessEngine *engine;
  char *text;
  GtkFilter *filter;      /* chats by name */
  GListModel *chats;
  GListStore *hits;
  GListModel *results;    /* chats, then hits: a section each */
  GPtrArray *bound;       /* GtkListItem, borrowed */
  guint round;            /* answers to an earlier text are late */
  gboolean loading;
  gboolean more;          /* the last page of hits was full */
};

enum { CHOSEN, HIT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessSearchView, tess_search_view, ADW_TYPE_BIN)

static gboolean
matches (gpointer item, gpointer data)
{
  TessSearchView *self = data;
  TessContact *contact = tess_conversation_get_contact (item);

  if (*self->text == '\0' || (tess_contact_get_blocked (contact) && !tess_contact_get_accepted (contact)))
    return FALSE;
  return tess_chats_is_named (item, self->text);
}

static void
update_stack (TessSearchView *self)
{
  g_autofree char *description = NULL;

  if (g_list_model_get_n_items (self->results) > 0)
    gtk_stack_set_visible_child_name (self->stack, "results");
  else if (self->loading)
    gtk_stack_set_visible_child_name (self->stack, "searching");
  else
    {
      g_autofree char *escaped = g_markup_escape_text (self->text, -1);

      /* Translators: %s is what was searched for */
      description = g_strdup_printf (_("No chat and no message holds “%s”."), escaped);
      adw_status_page_set_description (self->nothing, description);
      gtk_stack_set_visible_child_name (self->stack, "nothing");
    }
}

static void
on_found (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessSearchView *self = owner;
  GListModel *found = value != NULL ? g_value_get_object (value) : NULL;
  guint n = found != NULL ? g_list_model_get_n_items (found) : 0;
  g_autoptr (GPtrArray) hits = g_ptr_array_new_with_free_func (g_object_unref);
  guint kept = g_list_model_get_n_items (G_LIST_MODEL (self->hits));
  gboolean fresh = !self->more;

  if (GPOINTER_TO_UINT (data) != self->round)
    return;
  self->loading = FALSE;
  self->more = n == TESS_SEARCH_PAGE;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (hits, g_list_model_get_item (found, i));
  g_list_store_splice (self->hits, fresh ? 0 : kept, fresh ? kept : 0, hits->pdata, n);
  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
  update_stack (self);
}

static void
search (TessSearchView *self, gint64 before)
{
  self->loading = TRUE;
  tess_await (tess_engine_search (self->engine, NULL, self->text, before, TESS_SEARCH_PAGE), self, on_found,
              GUINT_TO_POINTER (self->round), NULL);
}

void
tess_search_view_set_text (TessSearchView *self, const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (!g_set_str (&self->text, trimmed))
    return;
  self->round++;
  self->more = FALSE;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scrolled), 0);
  if (*self->text == '\0')
    {
      self->loading = FALSE;
      g_list_store_remove_all (self->hits);
    }
  else
    search (self, 0);
  update_stack (self);
}

/* Near the end of what was found: the next page. */
static void
on_scrolled (TessSearchView *self, GtkAdjustment *adjustment)
{
  double page = gtk_adjustment_get_page_size (adjustment);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->hits));
  g_autoptr (TessSearchHit) last = NULL;

  if (self->loading || !self->more || n == 0
      || gtk_adjustment_get_value (adjustment) + 2 * page < gtk_adjustment_get_upper (adjustment))
    return;
  last = g_list_model_get_item (G_LIST_MODEL (self->hits), n - 1);
  search (self, tess_search_hit_get_row (last));
}

static void
choose (TessSearchView *self, guint position)
{
  g_autoptr (GObject) item = g_list_model_get_item (self->results, position);

  if (TESS_IS_CONVERSATION (item))
    g_signal_emit (self, signals[CHOSEN], 0, item);
  else if (item != NULL)
    g_signal_emit (self, signals[HIT], 0, item);
}

static void
on_activate (TessSearchView *self, guint position)
{
  choose (self, position);
}

static void
on_clicked (TessSearchView *self, int presses, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->list), x, y, GTK_PICK_DEFAULT);

  for (guint i = 0; widget != NULL && presses == 1 && i < self->bound->len; i++)
    {
      GtkWidget *row = gtk_widget_get_parent (gtk_list_item_get_child (self->bound->pdata[i]));

      if (row != NULL && (widget == row || gtk_widget_is_ancestor (widget, row)))
        {
          choose (self, gtk_list_item_get_position (self->bound->pdata[i]));
          return;
        }
    }
}

static void
on_bind (TessSearchView *self, GtkListItem *item)
{
  gpointer shown = gtk_list_item_get_item (item);
  GType type = TESS_IS_CONVERSATION (shown) ? TESS_TYPE_CHAT_ROW : TESS_TYPE_HIT_ROW;
  GtkWidget *child = gtk_list_item_get_child (item);

  if (child == NULL || !G_TYPE_CHECK_INSTANCE_TYPE (child, type))
    {
      child = g_object_new (type, NULL);
      gtk_list_item_set_child (item, child);
      g_object_bind_property (child, "sentence", item, "accessible-label", G_BINDING_DEFAULT);
    }
  if (TESS_IS_CONVERSATION (shown))
    tess_chat_row_set_conversation (TESS_CHAT_ROW (child), shown);
  else
    tess_hit_row_set_hit (TESS_HIT_ROW (child), shown);
  g_ptr_array_add (self->bound, item);
}

static void
on_unbind (TessSearchView *self, GtkListItem *item)
{
  GtkWidget *child = gtk_list_item_get_child (item);

  g_ptr_array_remove_fast (self->bound, item);
  if (TESS_IS_CHAT_ROW (child))
    tess_chat_row_set_conversation (TESS_CHAT_ROW (child), NULL);
}

static void
on_header_setup (TessSearchView *self, GtkListHeader *header)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_list_header_set_child (header, label);
}

static void
on_header_bind (TessSearchView *self, GtkListHeader *header)
{
  gboolean chats = TESS_IS_CONVERSATION (gtk_list_header_get_item (header));

  gtk_label_set_label (GTK_LABEL (gtk_list_header_get_child (header)), chats ? C_("search results", "Chats")
                                                                             : C_("search results", "Messages"));
}

void
tess_search_view_set_engine (TessSearchView *self, TessEngine *engine)
{
  g_autoptr (GtkListItemFactory) rows = gtk_signal_list_item_factory_new (), headers = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;
  GListStore *lists = g_list_store_new (G_TYPE_LIST_MODEL);

  self->engine = g_object_ref (engine);
  self->filter = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  self->chats = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (tess_engine_get_everyone (engine)),
                                                         g_object_ref (self->filter)));
  self->hits = g_list_store_new (TESS_TYPE_SEARCH_HIT);
  g_list_store_append (lists, self->chats);
  g_list_store_append (lists, self->hits);
  self->results = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (lists)));
  g_signal_connect_object (rows, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (rows, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (headers, "setup", G_CALLBACK (on_header_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (headers, "bind", G_CALLBACK (on_header_bind), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, rows);
  gtk_list_view_set_header_factory (self->list, headers);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (self->results)));
  gtk_list_view_set_model (self->list, selection);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled), "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
}

gboolean
tess_search_view_focus (TessSearchView *self)
{
  if (g_list_model_get_n_items (self->results) == 0)
    return FALSE;
  gtk_list_view_scroll_to (self->list, 0, GTK_LIST_SCROLL_FOCUS, NULL);
  return gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_FORWARD);
}

gboolean
tess_search_view_choose_first (TessSearchView *self)
{
  if (g_list_model_get_n_items (self->results) == 0)
    return FALSE;
  choose (self, 0);
  return TRUE;
}

static void
tess_search_view_dispose (GObject *object)
{
  TessSearchView *self = TESS_SEARCH_VIEW (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->results);
  g_clear_object (&self->chats); /* before the filter, which asks this view */
  g_clear_object (&self->filter);
  g_clear_object (&self->hits);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_search_view_parent_class)->dispose (object);
}

static void
tess_search_view_finalize (GObject *object)
{
  TessSearchView *self = TESS_SEARCH_VIEW (object);

  g_ptr_array_unref (self->bound);
  g_free (self->text);
  G_OBJECT_CLASS (tess_search_view_parent_class)->finalize (object);
}

static void
tess_search_view_class_init (TessSearchViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = tess_search_view_dispose;
  object_class->finalize = tess_search_view_finalize;
  signals[CHOSEN] = g_signal_new ("chosen", TESS_TYPE_SEARCH_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  TESS_TYPE_CONVERSATION);
  signals[HIT] = g_signal_new ("hit", TESS_TYPE_SEARCH_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               TESS_TYPE_SEARCH_HIT);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-search-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessSearchView, stack);
  gtk_widget_class_bind_template_child (widget_class, TessSearchView, nothing);
  gtk_widget_class_bind_template_child (widget_class, TessSearchView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, TessSearchView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
}

static void
tess_search_view_init (TessSearchView *self)
{
  self->text = g_strdup ("");
  self->bound = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
