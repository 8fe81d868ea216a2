/* Fills a profile as years of chats do, or says so many things at once. `fill DIR messages CHATS COUNT`, `fill DIR say COUNT`.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-process.h"
#include "core/tess-engine.h"
#include "core/tess-profile-unlock.h"
#include "store/tess-queries-contacts.h"

#include <stdio.h>
#include <string.h>

#define BATCH 10000
#define SPACING_MS (3 * 60 * 1000)

static const char *const words[] = {
  "the",     "we",      "river",   "tomorrow", "coffee", "train",  "and",    "maybe",  "write",  "evening", "garden", "is",
  "quite",   "window",  "because", "you",      "said",   "letter", "winter", "small",  "boat",   "they",    "walked", "over",
  "bridge",  "without", "umbrella", "which",   "was",    "never",  "there",  "bread",  "market", "Sunday",  "music",  "of",
  "photo",   "kitchen", "not",     "yesterday", "again", "cinema", "ticket", "a",      "mountain", "lake",  "in",     "green",
};

typedef struct {
  GArray *chats;    /* int64_t: conversation, then contact */
  guint chats_wanted;
  guint64 done;
  guint64 count;
  guint64 end;      /* of the batch */
  gint64 now_ms;
} Fill;

/* From a few words to a few lines; the same ones each time. */
static char *
make_text (GRand *random, guint64 number)
{
  GString *text = g_string_new (NULL);
  int length = g_rand_int_range (random, 0, 10) == 0 ? g_rand_int_range (random, 30, 80) : g_rand_int_range (random, 2, 16);

  for (int i = 0; i < length; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))]);
  if (number % 1000 == 0)
    g_string_append_printf (text, " heron%" G_GUINT64_FORMAT, number / 1000);
  return g_string_free (text, FALSE);
}

static bool
add_chat (TessDb *db, Fill *fill, guint number, GError **error)
{
  g_autoptr (TessContactRow) contact = g_new0 (TessContactRow, 1);
  int64_t conversation;

  memset (contact->account, (int) number, sizeof contact->account);
  contact->name = g_strdup_printf ("Person %u", number);
  contact->relay = g_strdup ("https://relay.example.org");
  contact->accepted = true;
  if (!tess_db_contact_insert (db, contact, error)
      || !tess_db_conversation_ensure (db, contact->id, fill->now_ms, &conversation, error))
    return false;
  g_array_append_val (fill->chats, conversation);
  g_array_append_val (fill->chats, contact->id);
  return true;
}

static gpointer
make_chats (TessDb *db, gpointer data, GError **error)
{
  Fill *fill = data;
  g_autoptr (GPtrArray) there = NULL;

  if (!tess_db_conversation_list (db, &there, error))
    return NULL;
  for (guint i = 0; i < there->len; i++)
    {
      const TessConversationRow *row = g_ptr_array_index (there, i);

      g_array_append_val (fill->chats, row->id);
      g_array_append_val (fill->chats, row->contact);
    }
  for (guint i = there->len; i < fill->chats_wanted; i++)
    if (!add_chat (db, fill, i, error))
      return NULL;
  return NULL;
}

static gpointer
add_messages (TessDb *db, gpointer data, GError **error)
{
  Fill *fill = data;
  guint chats = fill->chats->len / 2;

  for (; fill->done < fill->end; fill->done++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) fill->done);
      guint chat = (guint) (fill->done % chats) * 2;
      g_autoptr (TessMessageRow) row = g_new0 (TessMessageRow, 1);

      row->conversation = g_array_index (fill->chats, int64_t, chat);
      row->sender = g_rand_boolean (random) ? 0 : g_array_index (fill->chats, int64_t, chat + 1);
      memcpy (row->message_id, &fill->done, sizeof fill->done);
      row->message_id[15] = 1;
      row->time_ms = row->stored_ms = fill->now_ms - (gint64) ((fill->count - fill->done) / chats) * SPACING_MS;
      row->state = row->sender == 0 ? TESS_MESSAGE_READ : TESS_MESSAGE_RECEIVED;
      row->is_read = true;
      row->body = make_text (random, fill->done);
      if (!tess_db_message_insert (db, row, error))
        return NULL;
    }
  return NULL;
}

static bool
fill_store (TessStore *store, guint chats, guint64 count, GError **error)
{
  Fill fill = { .chats = g_array_new (FALSE, FALSE, sizeof (int64_t)), .count = count, .now_ms = tess_clock_now_ms () };
  bool good;

  fill.chats_wanted = chats;
  good = tess_store_await_done (tess_store_run (store, make_chats, &fill, NULL, NULL), error);
  while (good && fill.done < count)
    {
      fill.end = MIN (fill.done + BATCH, count);
      good = tess_store_await_done (tess_store_run (store, add_messages, &fill, NULL, NULL), error);
    }
  g_array_unref (fill.chats);
  return good;
}

static bool
say (const char *dir, guint count, GError **error)
{
  g_autoptr (TessEngine) engine = dex_await_object (tess_engine_open (dir, NULL), error);
  g_autoptr (TessConversation) conversation = NULL;

  if (engine == NULL)
    return false;
  tess_engine_start (engine);
  conversation = g_list_model_get_item (tess_engine_get_conversations (engine), 0);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (i);
      g_autofree char *text = make_text (random, i + 1);
      g_autoptr (TessMessage) message = dex_await_object (tess_engine_send_text (engine, conversation, text), error);

      if (message == NULL)
        return false;
    }
  if (!dex_await (tess_engine_flush (engine), error))
    return false;
  return dex_await (tess_engine_close (engine), error);
}

static char **arguments;

static guint64
number (const char *text)
{
  guint64 value = 0;

  g_assert_true (g_ascii_string_to_unsigned (text, 10, 1, 100000000, &value, NULL));
  return value;
}

static DexFuture *
run (gpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessCore) core = NULL;
  bool good;

  if (g_str_equal (arguments[2], "say"))
    good = say (arguments[1], (guint) number (arguments[3]), &error);
  else
    {
      core = tess_profile_unlock (arguments[1], NULL, true, &error);
      good = core != NULL && fill_store (core->store, (guint) number (arguments[3]), number (arguments[4]), &error)
             && dex_await (tess_store_close (core->store), &error);
    }
  if (!good)
    fprintf (stderr, "fill: %s\n", error != NULL ? error->message : "failed");
  return dex_future_new_for_int (good ? 0 : 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (DexFuture) future = NULL;

  arguments = argv;
  if (argc < 4 || (argc < 5 && !g_str_equal (argv[2], "say")))
    return 2;
  tess_process_init ();
  dex_init ();
  future = dex_scheduler_spawn (NULL, 0, run, NULL, NULL);
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
  return g_value_get_int (dex_future_get_value (future, NULL));
}
