/* No secret outlives its use where they are stored: people who talk through their databases, and the database's own key.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch.h"

#include "base/tess-secret.h"
#include "core-fixture.h"
#include "party.h"
#include "store/tess-queries-keys.h"
#include "store/tess-store.h"

#include <string.h>

/* What may remain, and why. */
static const WatchAllowed allowed[] = {
  /* A message is read, written and shown through json-glib and plain strings, and stands in the database's cache and on the
   * screen while the app runs: its text is no key. */
  { "", "message text" },
  { NULL, NULL },
};

static void
say (Party *from, Party *to)
{
  char text[65];

  watch_text (text);
  party_say (from, party_chat (from, to), text);
  sodium_memzero (text, sizeof text);
}

static void
flow_people (void *data)
{
  Party *alice = party_new ("Alice"), *bob = party_new ("Bob");
  g_autoptr (GPtrArray) mail = NULL;

  party_add (alice, bob);
  party_add (bob, alice);
  party_fetch (alice, bob);
  party_fetch (bob, alice);
  say (alice, bob);
  party_settle (alice, bob);
  say (bob, alice);
  party_settle (alice, bob);
  for (unsigned i = 0; i < 4; i++)
    say (alice, bob);
  mail = party_collect (alice);
  g_assert_cmpuint (mail->len, >=, 4);
  for (guint i = mail->len; i > 0; i--)
    party_receive (bob, g_ptr_array_index (mail, i - 1), TESS_MAIL_CONTACT);
  party_settle (alice, bob);
  party_free (alice);
  party_free (bob);
}

static gpointer
write_code (TessDb *db, gpointer data, GError **error)
{
  const uint8_t *secret = data;

  g_assert_true (tess_db_code_insert (db, secret, 0, 1, error));
  return NULL;
}

/* The database by itself, on its own thread. */
static void
flow_database (void *data)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "db", NULL);
  TessDatabaseKey *key = tess_secret_alloc (sizeof *key);
  uint8_t *secret = tess_secret_alloc (16);
  g_autoptr (TessStore) store = NULL;
  DexFuture *opened;

  randombytes_buf (key, sizeof *key);
  watch_secret ("database key", key, sizeof *key);
  randombytes_buf (secret, 16);
  watch_secret ("shown code", secret, 16);
  opened = test_settle (tess_store_open (path, key));
  store = tess_store_take_result (opened, NULL);
  dex_unref (opened);
  g_assert_nonnull (store);
  test_done (tess_store_run (store, write_code, secret, NULL, NULL));
  tess_secret_free (secret);
  tess_secret_free (key);
  test_done (tess_store_close (store));
  test_folder_remove (g_steal_pointer (&folder));
}

static void
test_people (void)
{
  watch_expect_clean (flow_people, NULL, allowed, 500);
}

static void
test_database (void)
{
  watch_expect_clean (flow_database, NULL, allowed, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (sodium_init () < 0)
    return 1;
  g_test_add_func ("/secrets/core/people", test_people);
  g_test_add_func ("/secrets/core/database", test_database);
  return g_test_run ();
}
