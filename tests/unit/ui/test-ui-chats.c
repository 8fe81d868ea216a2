/* What the list of chats and its neighbours are made of: the parts of the engine's list, what was found, lengths of time,
 * settings, and what the app says of itself. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"
#include "ui/tess-about.h"
#include "ui/tess-chat-folder.h"
#include "ui/tess-chats.h"
#include "ui/tess-duration.h"
#include "ui/tess-excerpt.h"
#include "ui/tess-settings.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

static TessConversationData
row (int64_t id)
{
  return (TessConversationData){ .id = id, .contact = id, .name = (char *) "Bob", .address = (char *) "", .key_text = (char *) "",
                                 .accepted = true, .given_name = (char *) "", .nickname = (char *) "", .preview = (char *) "",
                                 .time = id, .draft = (char *) "" };
}

static GListStore *
some_conversations (int n)
{
  GListStore *all = g_list_store_new (TESS_TYPE_CONVERSATION);

  for (int id = 1; id <= n; id++)
    {
      TessConversationData data = row (id);
      g_autoptr (TessConversation) conversation = tess_conversation_new (&data);

      g_list_store_append (all, conversation);
    }
  return all;
}

/* The ids of a list, as "1 2 F" with F for a folder. */
static char *
ids (GListModel *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (list, i);

      if (TESS_IS_CHAT_FOLDER (item))
        g_string_append (text, tess_chat_folder_get_kind (TESS_CHAT_FOLDER (item)) == TESS_FOLDER_REQUESTS ? "R " : "A ");
      else
        g_string_append_printf (text, "%d ", (int) tess_conversation_get_id (TESS_CONVERSATION (item)));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_ids(list, wanted)                                                                                                 \
  G_STMT_START                                                                                                                   \
  {                                                                                                                              \
    g_autofree char *found = ids (list);                                                                                         \
    g_assert_cmpstr (found, ==, wanted);                                                                                         \
  }                                                                                                                              \
  G_STMT_END

static void
update (GListStore *all, int id, TessConversationData data)
{
  g_autoptr (TessConversation) conversation = g_list_model_get_item (G_LIST_MODEL (all), id - 1);

  tess_conversation_update (conversation, &data);
}

static void
test_parts (void)
{
  g_autoptr (GListStore) all = some_conversations (4);
  g_autoptr (TessChats) chats = tess_chats_new (G_LIST_MODEL (all));
  TessConversationData pinned = row (3), archived = row (2), stranger = row (1), blocked = row (1), note = row (4);

  assert_ids (tess_chats_get_page (chats), "1 2 3 4 ");
  pinned.pinned = archived.archived = true;
  stranger.accepted = blocked.accepted = note.accepted = false;
  blocked.blocked = true;
  update (all, 3, pinned);
  assert_ids (tess_chats_get_page (chats), "3 1 2 4 ");
  update (all, 2, archived);
  assert_ids (tess_chats_get_page (chats), "3 1 4 A ");
  assert_ids (tess_chats_get_archived (chats), "2 ");
  update (all, 1, stranger);
  assert_ids (tess_chats_get_page (chats), "R 3 4 A ");
  assert_ids (tess_chats_get_chats (chats), "3 4 ");
  assert_ids (tess_chats_get_requests (chats), "1 ");
  /* a blocked stranger is in no list; a blocked contact stays where the history is */
  update (all, 1, blocked);
  assert_ids (tess_chats_get_page (chats), "3 4 A ");
  assert_ids (tess_chats_get_requests (chats), "");
  blocked.accepted = true;
  update (all, 1, blocked);
  assert_ids (tess_chats_get_page (chats), "3 1 4 A ");
  update (all, 2, row (2));
  assert_ids (tess_chats_get_page (chats), "3 1 2 4 ");
}

static void
test_own_notes (void)
{
  g_autoptr (GListStore) all = g_list_store_new (TESS_TYPE_CONVERSATION);
  TessConversationData data = row (1);
  g_autoptr (TessConversation) notes = NULL;
  g_autoptr (TessChats) chats = NULL;

  data.is_self = true;
  data.accepted = false;
  notes = tess_conversation_new (&data);
  g_list_store_append (all, notes);
  chats = tess_chats_new (G_LIST_MODEL (all));
  assert_ids (tess_chats_get_page (chats), "1 ");
}

static void
count_change (GListModel *list, guint position, guint removed, guint added, guint *changed)
{
  *changed += removed + added;
}

/* One that comes, moves or is pinned among many is all that changes. */
static void
test_minimal (void)
{
  g_autoptr (GListStore) all = some_conversations (500);
  g_autoptr (TessChats) chats = tess_chats_new (G_LIST_MODEL (all));
  TessConversationData data = row (250);
  g_autoptr (TessConversation) moved = g_list_model_get_item (G_LIST_MODEL (all), 399);
  guint changed = 0;

  g_signal_connect (tess_chats_get_page (chats), "items-changed", G_CALLBACK (count_change), &changed);
  data.pinned = true;
  update (all, 250, data);
  g_assert_cmpuint (changed, ==, 2);
  changed = 0;
  data.unread = 3;
  data.marked_unread = true;
  update (all, 250, data);
  g_assert_cmpuint (changed, ==, 0);
  g_list_store_remove (all, 399);
  g_list_store_insert (all, 0, moved);
  g_assert_cmpuint (changed, ==, 2);
  changed = 0;
  data = row (400);
  data.archived = true;
  tess_conversation_update (moved, &data); /* it is still watched */
  g_assert_cmpuint (changed, ==, 2);       /* one goes, the folder comes */
}

static void
test_unread (void)
{
  TessConversationData data = row (1);
  g_autoptr (TessConversation) conversation = tess_conversation_new (&data);

  g_assert_false (tess_chats_is_unread (conversation));
  data.marked_unread = true;
  tess_conversation_update (conversation, &data);
  g_assert_true (tess_chats_is_unread (conversation));
  data.marked_unread = false;
  data.unread = 1;
  tess_conversation_update (conversation, &data);
  g_assert_true (tess_chats_is_unread (conversation));
}

static void
test_excerpt (void)
{
  static const struct {
    const char *excerpt, *markup, *plain;
  } cases[] = {
    { "", "", "" },
    { "a \x02<b>\x03 & \x02" "é\x03.", "a <b>&lt;b&gt;</b> &amp; <b>é</b>.", "a <b> & é." },
    { "\x03\x02" "a\x02" "b", "<b>ab</b>", "ab" },
    { "a\x03" "b\x02", "ab<b></b>", "ab" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = tess_excerpt_markup (cases[i].excerpt), *plain = tess_excerpt_plain (cases[i].excerpt);
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (markup, ==, cases[i].markup);
      g_assert_cmpstr (plain, ==, cases[i].plain);
      g_assert_true (pango_parse_markup (markup, -1, 0, NULL, NULL, NULL, &error));
    }
}

static void
test_duration (void)
{
  static const struct {
    guint seconds;
    const char *words;
  } cases[] = { { 0, "0 seconds" }, { 1, "1 second" }, { 90, "90 seconds" }, { 60, "1 minute" }, { 3600, "1 hour" },
                { 5400, "90 minutes" }, { 86400, "1 day" }, { 3 * 86400, "3 days" }, { 604800, "1 week" },
                { 4 * 604800, "4 weeks" }, { G_MAXUINT, "4294967295 seconds" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = tess_duration_words (cases[i].seconds);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_settings (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tess-ui-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "settings.ini", NULL);
  g_autoptr (TessSettings) one = g_object_new (TESS_TYPE_SETTINGS, NULL), other = g_object_new (TESS_TYPE_SETTINGS, NULL);

  tess_settings_open (one, dir);
  g_assert_cmpint (tess_settings_get_appearance (one), ==, TESS_APPEARANCE_SYSTEM);
  g_assert_true (tess_settings_get_enter_sends (one));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_object_set (one, "appearance", TESS_APPEARANCE_DARK, "enter-sends", FALSE, NULL);
  tess_settings_open (other, dir);
  g_assert_cmpint (tess_settings_get_appearance (other), ==, TESS_APPEARANCE_DARK);
  g_assert_false (tess_settings_get_enter_sends (other));
  g_assert_true (g_file_set_contents (path, "[settings]\nappearance=77\nenter-sends=perhaps\n\xff", -1, NULL));
  tess_settings_open (other, dir);
  g_assert_cmpint (tess_settings_get_appearance (other), ==, TESS_APPEARANCE_SYSTEM);
  g_assert_true (tess_settings_get_enter_sends (other));
  tess_settings_open (other, "/proc/nowhere");
  g_object_set (other, "enter-sends", FALSE, NULL);
  g_unlink (path);
  g_rmdir (dir);
}

/* Every line is one of those that are known, and nothing of the person or the machine is in any. */
static void
test_debug_info (void)
{
  static const char *const lines[] = {
    "Tessera: [0-9.]+", "Sandbox: (flatpak|none)", "System: [a-z0-9._-]+ [0-9.]*", "Desktop: (other|GNOME)",
    "Language: [a-z]{1,3}(-[a-z0-9]+)*", "GTK: [0-9.]+", "libadwaita: [0-9.]+", "GLib: [0-9.]+", "Display: Gdk[A-Za-z0-9]+",
    "Renderer: Gsk[A-Za-z0-9]+", "Scale: [0-9]+", "Style: (light|dark)(, high contrast)?",
    "Connection: (offline|connecting|online|waiting|refused)",
  };
  g_autofree char *pattern = NULL, *joined = g_strjoinv ("|", (char **) (const char *[]){
    lines[0], lines[1], lines[2], lines[3], lines[4], lines[5], lines[6], lines[7], lines[8], lines[9], lines[10], lines[11],
    lines[12], NULL });
  g_autofree char *text = NULL;
  g_auto (GStrv) found = NULL;
  const char *const secrets[] = { "alice-in-the-environment", g_get_user_name (), g_get_host_name (), g_get_home_dir (), "127.0",
                                  "TESSERA:1" };

  g_setenv ("XDG_CURRENT_DESKTOP", "alice-in-the-environment", TRUE);
  text = tess_about_debug_info (NULL, TESS_LINK_WAITING);
  found = g_strsplit (text, "\n", -1);
  pattern = g_strdup_printf ("^(%s)$", joined);
  g_assert_cmpuint (g_strv_length (found), >, 8);
  for (gsize i = 0; found[i + 1] != NULL; i++)
    {
      g_test_message ("%s", found[i]);
      g_assert_true (g_regex_match_simple (pattern, found[i], 0, 0));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (secrets[i] != NULL && strlen (secrets[i]) > 5)
      g_assert_null (strstr (text, secrets[i]));
  g_assert_nonnull (strstr (text, "Connection: waiting\n"));
  g_setenv ("XDG_CURRENT_DESKTOP", "ubuntu:GNOME", TRUE);
  g_clear_pointer (&text, g_free);
  text = tess_about_debug_info (NULL, TESS_LINK_ONLINE);
  g_assert_nonnull (strstr (text, "Desktop: GNOME\n"));
}

/* Each word of what is typed begins a word of a name. */
static void
test_named (void)
{
  static const char *const found[] = { "keep", "LIGHT", "of keeper", "jose", "JOSÉ MART", "  martin ", "Keeper, of!" };
  static const char *const lost[] = { "", " ", "!!!", "🙂", "eeper", "osé", "keep jose", "Light Keepers" };
  TessConversationData data = row (1);
  g_autoptr (TessConversation) conversation = NULL;

  data.name = data.nickname = (char *) "Keeper of Light";
  data.given_name = (char *) "José Martín";
  conversation = tess_conversation_new (&data);
  for (size_t i = 0; i < G_N_ELEMENTS (found); i++)
    g_assert_true (tess_chats_is_named (conversation, found[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (lost); i++)
    g_assert_false (tess_chats_is_named (conversation, lost[i]));
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/chats/named", test_named);
  g_test_add_func ("/ui/chats/parts", test_parts);
  g_test_add_func ("/ui/chats/own-notes", test_own_notes);
  g_test_add_func ("/ui/chats/minimal", test_minimal);
  g_test_add_func ("/ui/chats/unread", test_unread);
  g_test_add_func ("/ui/excerpt", test_excerpt);
  g_test_add_func ("/ui/duration", test_duration);
  g_test_add_func ("/ui/settings", test_settings);
  g_test_add_func ("/ui/about/debug-info", test_debug_info);
  return g_test_run ();
}
