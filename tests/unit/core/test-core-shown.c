/* Two whole engines and a real relay: the lists that are shown, of chats and of messages.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "core-fixture.h"
#include "engine-fixture.h"

#include <locale.h>

static bool
is_delivered_or_relayed (gpointer message)
{
  return engine_is_delivered (message) || tess_message_get_delivery (message) == TESS_DELIVERY_RELAYED;
}

/* The history as a list. */

typedef struct {
  guint emissions;
  guint position, removed, added;
} Changes;

static void
note_changes (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Changes *changes = data;

  changes->emissions++;
  changes->position = position;
  changes->removed = removed;
  changes->added = added;
}

static void
assert_in_order (GListModel *model, guint count)
{
  gint64 last = 0;

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, count);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (model, i);

      g_assert_cmpint (tess_message_get_row (message), >, last);
      last = tess_message_get_row (message);
    }
}

static void
test_history (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (TessHistory) history = NULL;
  g_autoptr (TessMessage) last = NULL;
  g_autoptr (TessMessage) shown = NULL;
  Changes changes = { 0 };

  for (int i = 0; i < 2 * TESS_HISTORY_PAGE + 10; i++)
    dex_future_disown (tess_engine_send_text (fixture->alice, to_bob, "text"));
  history = test_object (tess_engine_open_history (fixture->alice, to_bob));
  g_signal_connect (history, "items-changed", G_CALLBACK (note_changes), &changes);
  assert_in_order (G_LIST_MODEL (history), TESS_HISTORY_PAGE);
  g_assert_true (tess_history_get_has_older (history));
  test_done (tess_history_load_older (history));
  g_assert_cmpuint (changes.emissions, ==, 1);
  g_assert_cmpuint (changes.position, ==, 0);
  g_assert_cmpuint (changes.added, ==, TESS_HISTORY_PAGE);
  test_done (tess_history_load_older (history));
  g_assert_cmpuint (changes.emissions, ==, 2);
  g_assert_cmpuint (changes.added, ==, 11);
  g_assert_false (tess_history_get_has_older (history));
  assert_in_order (G_LIST_MODEL (history), 2 * TESS_HISTORY_PAGE + 11);
  last = test_object (tess_engine_send_text (fixture->alice, to_bob, "last"));
  g_assert_cmpuint (changes.emissions, ==, 3);
  g_assert_cmpuint (changes.position, ==, 2 * TESS_HISTORY_PAGE + 11);
  g_assert_cmpuint (changes.removed, ==, 0);
  g_assert_cmpuint (changes.added, ==, 1);
  shown = g_list_model_get_item (G_LIST_MODEL (history), 2 * TESS_HISTORY_PAGE + 11);
  g_assert_true (shown == last);
  test_until (is_delivered_or_relayed, last);
  test_done (tess_engine_flush (fixture->alice));
  g_assert_cmpuint (changes.emissions, ==, 3);
  assert_in_order (G_LIST_MODEL (history), 2 * TESS_HISTORY_PAGE + 12);
}

static gint64
row_at (TessHistory *history, guint position)
{
  g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (history), position);

  return tess_message_get_row (message);
}

static guint
length (TessHistory *history)
{
  return g_list_model_get_n_items (G_LIST_MODEL (history));
}

static GValue *
value_of (DexFuture *future)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (settled, &error);
  GValue *copy = g_new0 (GValue, 1);

  g_assert_no_error (error);
  g_value_init (copy, G_VALUE_TYPE (value));
  g_value_copy (value, copy);
  return copy;
}

static guint
load_around (TessHistory *history, gint64 row)
{
  g_autofree GValue *value = value_of (tess_history_load_around (history, row));

  return g_value_get_uint (value);
}

static gint64
find (TessHistory *history, const char *id)
{
  g_autofree GValue *value = value_of (tess_history_find (history, id));

  return g_value_get_int64 (value);
}

/* Any part of a history can be shown, from there either way, and back to the end; what is erased leaves it. */
static void
test_history_anywhere (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (TessHistory) whole = NULL;
  g_autoptr (TessHistory) history = NULL;
  g_autoptr (TessMessage) first = NULL;
  g_autoptr (TessMessage) wanted = NULL;
  g_autoptr (TessMessage) last = NULL;
  Changes changes = { 0 };

  for (int i = 0; i < 450; i++)
    dex_future_disown (tess_engine_send_text (fixture->alice, to_bob, "text"));
  first = test_object (tess_engine_send_text (fixture->alice, to_bob, "the newest"));
  whole = test_object (tess_engine_open_history (fixture->alice, to_bob));
  while (tess_history_get_has_older (whole))
    test_done (tess_history_load_older (whole));
  wanted = g_list_model_get_item (G_LIST_MODEL (whole), 150);
  history = test_object (tess_engine_open_history (fixture->alice, to_bob));
  g_assert_cmpint (find (history, tess_message_get_id (wanted)), ==, tess_message_get_row (wanted));
  g_assert_cmpint (find (history, "00000000000000000000000000000000"), ==, 0);
  g_assert_cmpint (find (history, "no id"), ==, 0);
  test_rejects (tess_history_load_around (history, G_MAXINT64), TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND);
  g_assert_cmpuint (load_around (history, tess_message_get_row (wanted)), ==, TESS_HISTORY_PAGE);
  assert_in_order (G_LIST_MODEL (history), 2 * TESS_HISTORY_PAGE);
  g_assert_cmpint (row_at (history, TESS_HISTORY_PAGE), ==, tess_message_get_row (wanted));
  g_assert_true (tess_history_get_has_newer (history) && tess_history_get_has_older (history));
  /* What is loaded is not loaded again, and what is new does not come behind a gap. */
  g_signal_connect (history, "items-changed", G_CALLBACK (note_changes), &changes);
  g_assert_cmpuint (load_around (history, row_at (history, 7)), ==, 7);
  last = test_object (tess_engine_send_text (fixture->alice, to_bob, "newer still"));
  g_assert_cmpuint (changes.emissions, ==, 0);
  test_done (tess_history_load_newer (history));
  g_assert_cmpuint (changes.position, ==, 2 * TESS_HISTORY_PAGE);
  assert_in_order (G_LIST_MODEL (history), 3 * TESS_HISTORY_PAGE);
  while (tess_history_get_has_newer (history))
    test_done (tess_history_load_newer (history));
  g_assert_cmpint (row_at (history, length (history) - 1), ==, tess_message_get_row (last));
  g_assert_cmpuint (load_around (history, row_at (whole, 0)), ==, 0);
  g_assert_true (tess_history_get_has_newer (history));
  test_done (tess_history_load_newest (history));
  g_assert_false (tess_history_get_has_newer (history));
  g_assert_cmpint (row_at (history, length (history) - 1), ==, tess_message_get_row (last));
  assert_in_order (G_LIST_MODEL (history), TESS_HISTORY_PAGE);
  changes.emissions = 0;
  test_done (tess_engine_delete (fixture->alice, to_bob, first, FALSE));
  g_assert_cmpuint (changes.emissions, ==, 1);
  g_assert_cmpuint (changes.removed, ==, 1);
  assert_in_order (G_LIST_MODEL (history), TESS_HISTORY_PAGE - 1);
  g_assert_cmpint (row_at (history, length (history) - 1), ==, tess_message_get_row (last));
}

/* Pinned chats come first; a chat that was removed leaves the list and what is open of it, but its contact can still be found,
 * and writing brings it back. */
static void
test_chats (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (TessConversation) notes = test_object (tess_engine_open_notes (fixture->alice));
  g_autoptr (TessMessage) note = test_object (tess_engine_send_text (fixture->alice, notes, "a heron"));
  g_autoptr (TessConversation) before = g_list_model_get_item (tess_engine_get_conversations (fixture->alice), 0);
  g_autoptr (TessConversation) after = NULL;
  g_autoptr (TessHistory) history = test_object (tess_engine_open_history (fixture->alice, to_bob));
  g_autoptr (GListModel) hits = test_object (tess_engine_search (fixture->alice, NULL, "HER", 0, 10));
  g_autoptr (TessSearchHit) hit = g_list_model_get_item (hits, 0);
  g_autoptr (TessMessage) written = NULL;

  g_assert_true (before == notes);
  test_done (tess_engine_set_flag (fixture->alice, to_bob, TESS_CHAT_PINNED, TRUE));
  after = g_list_model_get_item (tess_engine_get_conversations (fixture->alice), 0);
  g_assert_true (after == to_bob);
  g_assert_cmpint (tess_message_get_delivery (note), ==, TESS_DELIVERY_READ);
  g_assert_true (tess_search_hit_get_conversation (hit) == notes);
  g_assert_cmpint (tess_search_hit_get_row (hit), ==, tess_message_get_row (note));
  g_assert_cmpstr (tess_search_hit_get_excerpt (hit), ==, "a \2heron\3");
  test_rejects (tess_engine_set_nickname (fixture->alice, to_bob, "a\nb"), TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME);
  test_done (tess_engine_set_nickname (fixture->alice, to_bob, " Robert "));
  g_assert_cmpstr (tess_contact_get_name (tess_conversation_get_contact (to_bob)), ==, "Robert");
  g_assert_cmpuint (length (history), >, 0);
  test_done (tess_engine_remove (fixture->alice, to_bob));
  g_assert_cmpuint (length (history), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (tess_engine_get_conversations (fixture->alice)), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (tess_engine_get_everyone (fixture->alice)), ==, 2);
  g_clear_object (&notes);
  g_clear_object (&before);
  g_clear_object (&after);
  engine_close (&fixture->alice);
  fixture->alice = engine_open (fixture, "alice");
  to_bob = tess_engine_find (fixture->alice, "Robert", NULL);
  g_assert_nonnull (to_bob);
  g_assert_cmpuint (g_list_model_get_n_items (tess_engine_get_conversations (fixture->alice)), ==, 1);
  written = test_object (tess_engine_send_text (fixture->alice, to_bob, "once more"));
  g_assert_cmpuint (g_list_model_get_n_items (tess_engine_get_conversations (fixture->alice)), ==, 2);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* No Secret Service: what needs one has to say so. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  tess_process_init ();
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add ("/core/shown/history", EngineFixture, NULL, engine_set_up, test_history, engine_tear_down);
  g_test_add ("/core/shown/history-anywhere", EngineFixture, NULL, engine_set_up, test_history_anywhere, engine_tear_down);
  g_test_add ("/core/shown/chats", EngineFixture, NULL, engine_set_up, test_chats, engine_tear_down);
  return g_test_run ();
}
