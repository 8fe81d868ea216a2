/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-main-view.h"

#include "ui/tess-chat-view.h"
#include "ui/tess-sidebar.h"
#include "ui/tess-ui-text.h"

struct _TessMainView {
  AdwBreakpointBin parent_instance;

  AdwNavigationSplitView *split_view;
  TessSidebar *sidebar;

  TessEngine *engine;
  TessChatView *chat;   /* the open one, or NULL */
  GHashTable *drafts;   /* conversation id (int64 pointer) -> text, of the others */
  guint midnight_source;
};

G_DEFINE_FINAL_TYPE (TessMainView, tess_main_view, ADW_TYPE_BREAKPOINT_BIN)

static void
keep_draft (TessMainView *self)
{
  gint64 id;
  g_autofree char *draft = NULL;

  if (self->chat == NULL)
    return;
  id = tess_conversation_get_id (tess_chat_view_get_conversation (self->chat));
  draft = tess_chat_view_dup_draft (self->chat);
  if (*draft != '\0')
    g_hash_table_replace (self->drafts, g_memdup2 (&id, sizeof id), g_steal_pointer (&draft));
  else
    g_hash_table_remove (self->drafts, &id);
}

static void
open_conversation (TessMainView *self, TessConversation *conversation)
{
  gint64 id = tess_conversation_get_id (conversation);

  if (self->chat != NULL && tess_chat_view_get_conversation (self->chat) == conversation)
    return;
  keep_draft (self);
  self->chat = tess_chat_view_new (self->engine, conversation, g_hash_table_lookup (self->drafts, &id));
  g_object_bind_property (self->split_view, "collapsed", self->chat, "alone", G_BINDING_SYNC_CREATE);
  adw_navigation_split_view_set_content (self->split_view, ADW_NAVIGATION_PAGE (self->chat));
  tess_sidebar_select (self->sidebar, conversation);
}

static void
show_chat (TessMainView *self)
{
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  if (self->chat != NULL)
    tess_chat_view_focus_composer (self->chat);
}

/* Arrow keys in the list show a chat without leaving the list. */
static void
on_browsed (TessMainView *self, TessConversation *conversation)
{
  if (!adw_navigation_split_view_get_collapsed (self->split_view))
    open_conversation (self, conversation);
}

static void
on_chosen (TessMainView *self, TessConversation *conversation)
{
  open_conversation (self, conversation);
  show_chat (self);
}

static TessConversation *
conversation_at (TessMainView *self, guint position)
{
  return g_list_model_get_item (tess_engine_get_conversations (self->engine), position);
}

/* Its place in the list, or -1. */
static int
position_of (TessMainView *self, gint64 id)
{
  guint n = g_list_model_get_n_items (tess_engine_get_conversations (self->engine));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = conversation_at (self, i);

      if (tess_conversation_get_id (conversation) == id)
        return (int) i;
    }
  return -1;
}

static void
open_position (TessMainView *self, int position)
{
  g_autoptr (TessConversation) conversation = position >= 0 ? conversation_at (self, (guint) position) : NULL;

  if (conversation != NULL)
    on_chosen (self, conversation);
}

gint64
tess_main_view_get_open (TessMainView *self)
{
  return self->chat != NULL ? tess_conversation_get_id (tess_chat_view_get_conversation (self->chat)) : 0;
}

void
tess_main_view_open (TessMainView *self, gint64 id)
{
  open_position (self, position_of (self, id));
}

void
tess_main_view_open_number (TessMainView *self, guint number)
{
  open_position (self, (int) number - 1);
}

void
tess_main_view_step (TessMainView *self, int step)
{
  int position = position_of (self, tess_main_view_get_open (self));

  open_position (self, position < 0 ? 0 : position + step);
}

void
tess_main_view_next_pane (TessMainView *self)
{
  gboolean in_list = tess_sidebar_has_focus (self->sidebar);

  if (adw_navigation_split_view_get_collapsed (self->split_view))
    adw_navigation_split_view_set_show_content (self->split_view, in_list);
  if (in_list && self->chat != NULL)
    tess_chat_view_focus_composer (self->chat);
  else
    tess_sidebar_focus (self->sidebar);
}

gboolean
tess_main_view_take_key (TessMainView *self, GtkEventControllerKey *controller, guint keyval, GdkModifierType state)
{
  gunichar c = gdk_keyval_to_unicode (keyval);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (self->chat == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return FALSE;
  if (!g_unichar_isprint (c) || c == ' ' || GTK_IS_TEXT_VIEW (focus) || GTK_IS_EDITABLE (focus))
    return FALSE;
  return tess_chat_view_forward_key (self->chat, controller);
}

static void
refresh (TessMainView *self)
{
  tess_sidebar_refresh (self->sidebar);
  if (self->chat != NULL)
    tess_chat_view_refresh (self->chat);
}

static gboolean
on_midnight (gpointer data)
{
  TessMainView *self = data;

  refresh (self);
  self->midnight_source = g_timeout_add_seconds (tess_text_seconds_to_midnight () + 1, on_midnight, self);
  return G_SOURCE_REMOVE;
}

GtkWidget *
tess_main_view_new (TessEngine *engine, gint64 open)
{
  TessMainView *self = g_object_new (TESS_TYPE_MAIN_VIEW, NULL);
  int position;

  self->engine = g_object_ref (engine);
  tess_sidebar_set_engine (self->sidebar, engine);
  position = position_of (self, open);
  if (position >= 0)
    {
      g_autoptr (TessConversation) conversation = conversation_at (self, (guint) position);

      open_conversation (self, conversation);
    }
  return GTK_WIDGET (self);
}

/* The first thing that a key press should find. */
static gboolean
tess_main_view_grab_focus (GtkWidget *widget)
{
  TessMainView *self = TESS_MAIN_VIEW (widget);

  if (self->chat != NULL && !adw_navigation_split_view_get_collapsed (self->split_view))
    tess_chat_view_focus_composer (self->chat);
  else
    tess_sidebar_focus (self->sidebar);
  return TRUE;
}

static void
tess_main_view_dispose (GObject *object)
{
  TessMainView *self = TESS_MAIN_VIEW (object);

  g_clear_handle_id (&self->midnight_source, g_source_remove);
  self->chat = NULL;
  g_clear_object (&self->engine);
  g_clear_pointer (&self->drafts, g_hash_table_unref);
  G_OBJECT_CLASS (tess_main_view_parent_class)->dispose (object);
}

static void
tess_main_view_class_init (TessMainViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_main_view_dispose;
  widget_class->grab_focus = tess_main_view_grab_focus;
  g_type_ensure (TESS_TYPE_SIDEBAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-main-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessMainView, split_view);
  gtk_widget_class_bind_template_child (widget_class, TessMainView, sidebar);
  gtk_widget_class_bind_template_callback (widget_class, on_browsed);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
}

static void
tess_main_view_init (TessMainView *self)
{
  self->drafts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->midnight_source = g_timeout_add_seconds (tess_text_seconds_to_midnight () + 1, on_midnight, self);
}
