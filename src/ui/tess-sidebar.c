/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-sidebar.h"

#include "ui/tess-chat-row.h"
#include "ui/tess-link-bar.h"

struct _TessSidebar {
  AdwNavigationPage parent_instance;

  TessLinkBar *link;
  GtkStack *stack;
  GtkListBox *list;

  TessEngine *engine;
  TessConversation *open;
  gboolean selecting; /* by ourselves */
};

enum { BROWSED, CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessSidebar, tess_sidebar, ADW_TYPE_NAVIGATION_PAGE)

static void
on_row_selected (TessSidebar *self, GtkListBoxRow *row)
{
  if (row != NULL && !self->selecting)
    g_signal_emit (self, signals[BROWSED], 0, tess_chat_row_get_conversation (TESS_CHAT_ROW (row)));
}

static void
on_row_activated (TessSidebar *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[CHOSEN], 0, tess_chat_row_get_conversation (TESS_CHAT_ROW (row)));
}

static GtkListBoxRow *
row_of (TessSidebar *self, TessConversation *conversation)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (tess_chat_row_get_conversation (TESS_CHAT_ROW (row)) == conversation)
      return row;
  return NULL;
}

void
tess_sidebar_select (TessSidebar *self, TessConversation *conversation)
{
  GtkListBoxRow *row = conversation != NULL ? row_of (self, conversation) : NULL;

  g_set_object (&self->open, conversation);
  self->selecting = TRUE;
  if (row != NULL)
    gtk_list_box_select_row (self->list, row);
  else
    gtk_list_box_unselect_all (self->list);
  self->selecting = FALSE;
}

/* A chat that moves up gets a new row, which is the open one's all the same. */
static void
on_items_changed (TessSidebar *self)
{
  GListModel *conversations = tess_engine_get_conversations (self->engine);
  g_autoptr (TessConversation) open = self->open != NULL ? g_object_ref (self->open) : NULL;

  gtk_stack_set_visible_child_name (self->stack, g_list_model_get_n_items (conversations) > 0 ? "chats" : "empty");
  tess_sidebar_select (self, open);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  return tess_chat_row_new (item);
}

void
tess_sidebar_set_engine (TessSidebar *self, TessEngine *engine)
{
  GListModel *conversations = tess_engine_get_conversations (engine);

  self->engine = g_object_ref (engine);
  gtk_list_box_bind_model (self->list, conversations, create_row, NULL, NULL);
  g_signal_connect_object (conversations, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  on_items_changed (self);
  tess_link_bar_set_engine (self->link, engine);
}

void
tess_sidebar_focus (TessSidebar *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
  else
    gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_TAB_FORWARD);
}

gboolean
tess_sidebar_has_focus (TessSidebar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
}

void
tess_sidebar_refresh (TessSidebar *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    tess_chat_row_refresh (TESS_CHAT_ROW (row));
}

static void
tess_sidebar_dispose (GObject *object)
{
  TessSidebar *self = TESS_SIDEBAR (object);

  g_clear_object (&self->open);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_sidebar_parent_class)->dispose (object);
}

static void
tess_sidebar_class_init (TessSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_sidebar_dispose;
  g_type_ensure (TESS_TYPE_LINK_BAR);
  signals[BROWSED] = g_signal_new ("browsed", TESS_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   TESS_TYPE_CONVERSATION);
  signals[CHOSEN] = g_signal_new ("chosen", TESS_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  TESS_TYPE_CONVERSATION);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, link);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, TessSidebar, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
tess_sidebar_init (TessSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
