/* What is left of chats that were opened and left: nothing. Pages and histories are gone, no menu was made for each, and what was
 * written in one is not in the next.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "gui/inside.h"
#include "unit/core/core-fixture.h"
#include "unit/core/engine-fixture.h"

#include "ui/tess-composer.h"
#include "ui/tess-main-view.h"

#include <adwaita.h>

#define TIMES 20

/* GObject, as long as they live. */
typedef struct {
  GHashTable *pages;
  GHashTable *lists;
  GHashTable *sections;
} Alive;

static void
on_gone (gpointer set, GObject *object)
{
  g_hash_table_remove (set, object);
}

static void
watch (GHashTable *set, gpointer object)
{
  if (g_hash_table_add (set, object))
    g_object_weak_ref (object, on_gone, set);
}

static void
unwatch (GHashTable *set)
{
  GHashTableIter iter;
  gpointer object;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &object, NULL))
    g_object_weak_unref (object, on_gone, set);
  g_hash_table_unref (set);
}

static gpointer
open_page (gpointer window)
{
  return adw_navigation_split_view_get_content (inside_find (window, "AdwNavigationSplitView"));
}

static bool
shows_messages (gpointer window)
{
  GtkListView *list = inside_find (inside_find (open_page (window), "TessHistoryView"), "GtkListView");
  GtkSelectionModel *model = gtk_list_view_get_model (list);

  return gtk_widget_get_mapped (GTK_WIDGET (list)) && model != NULL && g_list_model_get_n_items (G_LIST_MODEL (model)) > 0;
}

static void
watch_page (Alive *alive, gpointer page)
{
  GMenuModel *menu = gtk_menu_button_get_menu_model (inside_find (page, "GtkMenuButton"));
  GtkListView *list = inside_find (inside_find (page, "TessHistoryView"), "GtkListView");
  int n = g_menu_model_get_n_items (menu);

  watch (alive->pages, page);
  watch (alive->lists, gtk_no_selection_get_model (GTK_NO_SELECTION (gtk_list_view_get_model (list))));
  for (int i = 0; i < n; i++)
    {
      g_autoptr (GMenuModel) section = g_menu_model_get_item_link (menu, i, G_MENU_LINK_SECTION);

      watch (alive->sections, section);
    }
}

static bool
is_one_page_left (gpointer data)
{
  Alive *alive = data;

  return g_hash_table_size (alive->pages) == 1 && g_hash_table_size (alive->lists) == 1;
}

static bool
is_nothing_left (gpointer data)
{
  Alive *alive = data;

  return g_hash_table_size (alive->pages) == 0 && g_hash_table_size (alive->lists) == 0;
}

static void
test_left (EngineFixture *fixture, gconstpointer unused)
{
  Alive alive = { g_hash_table_new (NULL, NULL), g_hash_table_new (NULL, NULL), g_hash_table_new (NULL, NULL) };
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (TessConversation) notes = test_object (tess_engine_open_notes (fixture->alice));
  g_autoptr (TessMessage) note = test_object (tess_engine_send_text (fixture->alice, notes, "milk"));
  gint64 chats[] = { tess_conversation_get_id (to_bob), tess_conversation_get_id (notes) };
  GtkWidget *window = adw_window_new (), *view = tess_main_view_new (fixture->alice, 0);

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  adw_window_set_content (ADW_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < TIMES; i++)
    {
      tess_main_view_open (TESS_MAIN_VIEW (view), chats[i % G_N_ELEMENTS (chats)]);
      test_until (shows_messages, window);
      watch_page (&alive, open_page (window));
    }
  test_until (is_one_page_left, &alive);
  g_assert_cmpuint (g_hash_table_size (alive.sections), ==, 2);
  gtk_window_destroy (GTK_WINDOW (window));
  test_until (is_nothing_left, &alive);
  unwatch (alive.pages);
  unwatch (alive.lists);
  unwatch (alive.sections);
}

static guint
count_marks (GtkTextBuffer *buffer)
{
  g_autoptr (GSList) marks = NULL;
  GtkTextIter start;

  gtk_text_buffer_get_start_iter (buffer, &start);
  marks = gtk_text_iter_get_marks (&start);
  return g_slist_length (marks);
}

/* A composer that begins without words, @words written, undone if @taken_back, and left. → where they were, perhaps gone. */
static gpointer
write_and_leave (const char *words, gboolean taken_back)
{
  GtkWidget *window = gtk_window_new (), *composer = g_object_new (TESS_TYPE_COMPOSER, NULL);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inside_find (composer, "GtkTextView"));

  gtk_window_set_child (GTK_WINDOW (window), composer);
  gtk_window_present (GTK_WINDOW (window));
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 0);
  g_assert_false (gtk_text_buffer_get_can_undo (buffer));
  g_assert_false (gtk_text_buffer_get_can_redo (buffer));
  if (*words != '\0')
    gtk_text_buffer_insert_at_cursor (buffer, words, -1);
  if (taken_back)
    gtk_text_buffer_undo (buffer);
  if (taken_back)
    g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  return buffer;
}

static bool
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static void
on_forgotten (gpointer data, GObject *object)
{
  *(gboolean *) data = TRUE;
}

static void
test_buffers (void)
{
  static const struct { const char *words; gboolean taken_back; } written[] = {
    { "for one person's eyes", FALSE }, { "taken back again", TRUE }, { "  \n ", FALSE }, { " ", TRUE },
  };
  GtkTextBuffer *blank = write_and_leave ("", FALSE);
  guint marks = count_marks (blank);

  for (guint i = 0; i < TIMES; i++)
    g_assert_true (write_and_leave ("", FALSE) == blank);
  g_assert_cmpuint (count_marks (blank), ==, marks);
  for (size_t i = 0; i < G_N_ELEMENTS (written); i++)
    {
      gboolean forgotten = FALSE;

      g_object_weak_ref (G_OBJECT (blank), on_forgotten, &forgotten);
      g_assert_true (write_and_leave (written[i].words, written[i].taken_back) == blank);
      test_until (is_true, &forgotten);
      blank = write_and_leave ("", FALSE);
    }
}

int
main (int argc, char **argv)
{
  inside_begin (&argc, &argv);
  g_test_add ("/ui/left-chats", EngineFixture, NULL, engine_set_up, test_left, engine_tear_down);
  g_test_add_func ("/ui/left-buffers", test_buffers);
  return g_test_run ();
}
