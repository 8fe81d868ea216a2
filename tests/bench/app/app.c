/* The app itself, measured from inside: `bench-app PROFILE PARTS CHATS IDLE-SECONDS MESSAGES`. PARTS are letters: w wakeups, o
 * opening, s scrolling, f finding, c changing chats, b a burst. What it draws and does is the app's own; the measuring is in
 * probe.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include "base/tess-locale.h"
#include "base/tess-process.h"
#include "core/tess-message.h"
#include "ui/tess-application.h"
#include "ui/tess-search-view.h"

#include <adwaita.h>
#include <libdex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCROLL_STEP 240 /* px a frame */
#define SCROLL_MESSAGES 5000
#define SCROLL_SECONDS 120
#define SEARCHES 20
#define SWITCHES 1000
#define BURST 1000
#define CHATS_MAX 20

static GtkWindow *window;

/* The first widget below @root of that type, by name: the app's widgets tell nothing of what they hold. */
static gpointer
find (gpointer root, const char *type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), g_type_from_name (type)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gpointer
split_view (void)
{
  static gpointer found; /* looking for it each time would be a part of what is measured */

  if (found == NULL)
    found = find (window, "AdwNavigationSplitView");
  return found;
}

static gpointer
chat (void)
{
  return split_view () != NULL ? adw_navigation_split_view_get_content (split_view ()) : NULL;
}

static gpointer
history (void)
{
  return chat () != NULL && g_type_from_name ("TessHistoryView") != 0 ? find (chat (), "TessHistoryView") : NULL;
}

static GtkListView *
messages (void)
{
  return find (history (), "GtkListView");
}

static guint
count_messages (void)
{
  GtkSelectionModel *model = history () != NULL ? gtk_list_view_get_model (messages ()) : NULL;

  return model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (model)) : 0;
}

/* Another chat than @before shows its messages. */
static gboolean
shows_other_chat (gpointer before)
{
  return chat () != before && history () != NULL && gtk_widget_get_mapped (history ()) && count_messages () > 0;
}

static double
open_chat (gint64 id)
{
  double began = probe_now ();
  gpointer before = chat ();

  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-chat", "x", id);
  probe_wait ("another chat", shows_other_chat, before, 20);
  probe_wait_frame ();
  return probe_now () - began;
}

static void
start (const char *profile)
{
  GtkApplication *application = GTK_APPLICATION (tess_application_new (profile));

  probe_init ();
  g_application_register (G_APPLICATION (application), NULL, NULL);
  g_application_activate (G_APPLICATION (application));
  window = g_list_model_get_item (gtk_window_get_toplevels (), 0);
  probe_watch (window);
  probe_first_frame ();
  probe_wait ("the messages of the open chat", shows_other_chat, NULL, 60);
  probe_wait_frame ();
  while (g_main_context_iteration (NULL, FALSE))
    ;
  probe_say ("usable", probe_age ());
  probe_say ("usable-cpu", probe_cpu ());
  probe_wait_quiet (2);
  probe_memory ("idle");
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
say_times (const char *name, double *values, guint count)
{
  g_autofree char *median = g_strconcat (name, "-median", NULL), *longest = g_strconcat (name, "-max", NULL);

  qsort (values, count, sizeof *values, compare);
  probe_say (median, values[count / 2]);
  probe_say (longest, values[count - 1]);
}

static void
open_chats (guint chats)
{
  double times[CHATS_MAX], work[CHATS_MAX];

  for (guint i = 0; i < chats; i++)
    {
      double before = probe_cpu ();

      probe_begin ();
      times[i] = open_chat (i + 1 < chats ? i + 2 : 1);
      work[i] = probe_cpu () - before;
      probe_wait_quiet (0.2);
      if (i == 0)
        probe_say ("open-first", times[0]);
    }
  say_times ("open", times, chats);
  say_times ("open-cpu", work, chats);
  probe_end ("open-last");
  probe_memory ("chats");
}

static gboolean
scroll_on (GtkWidget *widget, GdkFrameClock *clock, gpointer adjustment)
{
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) - SCROLL_STEP);
  return G_SOURCE_CONTINUE;
}

static gboolean
has_messages (gpointer wanted)
{
  return count_messages () >= GPOINTER_TO_UINT (wanted);
}

static void
scroll (guint wanted)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (messages ()), GTK_TYPE_SCROLLED_WINDOW);
  double began = probe_now ();
  guint tick;

  probe_begin ();
  tick = gtk_widget_add_tick_callback (GTK_WIDGET (window), scroll_on,
                                       gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)), NULL);
  while (count_messages () < wanted && probe_now () - began < SCROLL_SECONDS * 1000)
    probe_wait_frame ();
  gtk_widget_remove_tick_callback (GTK_WIDGET (window), tick);
  probe_say ("scroll-messages", count_messages ());
  probe_say ("scroll-seconds", (probe_now () - began) / 1000);
  probe_end ("scroll");
}

static gboolean
has_found (gpointer stack)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (stack), "searching") != 0;
}

static void
search (void)
{
  static const char *const common[] = { "river", "umbr", "coffee train", "letter", "yesterday", "mo", "window because" };
  TessSearchView *view = find (window, "TessSearchView");
  GtkStack *stack = find (view, "GtkStack");
  double times[SEARCHES], work[SEARCHES];

  probe_begin ();
  gtk_widget_activate_action (GTK_WIDGET (window), "win.search", NULL);
  probe_wait_quiet (0.3);
  /* The first one waits until what was filled in is in the index. */
  times[0] = probe_now ();
  tess_search_view_set_text (view, "heron999999");
  probe_wait ("the index", has_found, stack, 300);
  probe_say ("search-index-ms", probe_now () - times[0]);
  for (guint i = 0; i < SEARCHES; i++)
    {
      g_autofree char *rare = g_strdup_printf ("heron%u", i);
      double began, before;

      tess_search_view_set_text (view, "");
      probe_wait_quiet (0.1);
      began = probe_now ();
      before = probe_cpu ();
      tess_search_view_set_text (view, i < G_N_ELEMENTS (common) ? common[i] : rare);
      probe_wait ("something found", has_found, stack, 20);
      times[i] = probe_now () - began;
      probe_wait_frame ();
      work[i] = probe_cpu () - before;
    }
  say_times ("search", times, SEARCHES);
  say_times ("search-cpu", work, SEARCHES);
  probe_end ("search");
  tess_search_view_set_text (view, "");
}

/* What is still there after each chat was left and opened so many times. */
static void
switch_chats (guint chats)
{
  double before = 0;

  for (guint i = 0; i < SWITCHES + 100; i++)
    {
      if (i == 100)
        {
          probe_wait_quiet (0.5);
          before = probe_heap ();
        }
      open_chat (i % chats == chats - 1 ? 1 : i % chats + 2);
    }
  probe_wait_quiet (0.5);
  probe_say ("switch-leak", (probe_heap () - before) / SWITCHES);
}

static void
burst (void)
{
  guint before = count_messages ();

  printf ("ready\n");
  fflush (stdout);
  probe_wait ("the first message", has_messages, GUINT_TO_POINTER (before + 1), 120);
  probe_begin ();
  {
    double began = probe_now ();

    probe_wait ("all messages", has_messages, GUINT_TO_POINTER (before + BURST), 120);
    probe_say ("burst-ms", probe_now () - began);
  }
  probe_wait_quiet (0.5);
  probe_end ("burst");
}

static gboolean
is_gone (gpointer unused)
{
  return g_list_model_get_n_items (gtk_window_get_toplevels ()) == 0;
}

int
main (int argc, char **argv)
{
  guint chats = argc > 3 ? CLAMP (probe_number (argv[3]), 2, CHATS_MAX) : CHATS_MAX;

  if (argc < 3)
    return 2;
  tess_process_init ();
  tess_locale_init ();
  g_set_application_name ("Tessera");
  dex_init ();
  start (argv[1]);
  if (strchr (argv[2], 'w') != NULL)
    probe_wakeups (argc > 4 ? probe_number (argv[4]) : 60);
  if (strchr (argv[2], 'o') != NULL)
    open_chats (chats);
  if (strchr (argv[2], 's') != NULL)
    scroll (MIN (SCROLL_MESSAGES, argc > 5 ? probe_number (argv[5]) : SCROLL_MESSAGES));
  if (strchr (argv[2], 'f') != NULL)
    search ();
  if (strchr (argv[2], 'c') != NULL)
    switch_chats (chats);
  if (strchr (argv[2], 'b') != NULL)
    burst ();
  gtk_window_close (window);
  g_clear_object (&window);
  probe_wait ("the end", is_gone, NULL, 30);
  return 0;
}
