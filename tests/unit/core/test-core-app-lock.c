/* The app lock over a keyring that is the test's own, and may fail at each step: set, changed, taken away, got wrong, recovered
 * from. Whatever happens, one way in stays. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-backup-records.h"
#include "core/tess-engine-private.h"
#include "crypto/tess-backup.h"
#include "crypto/tess-keyfile.h"
#include "store/tess-keyring.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#define FIRST "the first passphrase"
#define SECOND "the second passphrase"
#define ITEM 157

/* What becomes of the next tess_keyring_replace(). */
typedef enum {
  GOOD,
  REFUSED,   /* nothing is stored */
  LATE,      /* it is stored, and nobody says so */
  LATE_AWAY, /* the same, and the keyring answers nothing more */
  GARBLED,   /* something else is stored */
  AWAY,      /* the keyring answers nothing at all */
} Fault;

typedef struct {
  uint8_t bytes[TESS_KEYRING_WRAPPED_MAX];
  size_t size;
} Item;

static Item items[TESS_KEYRING_ROLES];
static Fault fault;
static bool holds;         /* the next question is not answered */
static DexPromise *asked;  /* but by this, later */
static bool stores_fail; /* of tess_keyring_store() */

DexFuture *__wrap_tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout);
DexFuture *__wrap_tess_keyring_store (const char *profile_id, TessKeyringRole role, const uint8_t *secret, unsigned timeout);
DexFuture *__wrap_tess_keyring_replace (const char *profile_id, TessKeyringRole role, const uint8_t *content, size_t size,
                                        unsigned timeout);
bool __wrap_tess_keyring_await_content (DexFuture *future, uint8_t *out, GBytes **wrapped_out, GError **error);
bool __wrap_tess_keyring_await_secret (DexFuture *future, uint8_t *out, GError **error);
GBytes *__wrap_tess_keyfile_wrap (const char *passphrase, size_t passphrase_size, const TessKeyfileCost *cost,
                                  const uint8_t *secret, size_t size, GError **error);
GBytes *__real_tess_keyfile_wrap (const char *passphrase, size_t passphrase_size, const TessKeyfileCost *cost,
                                  const uint8_t *secret, size_t size, GError **error);

/* What is opened says itself what it costs. */
GBytes *
__wrap_tess_keyfile_wrap (const char *passphrase, size_t passphrase_size, const TessKeyfileCost *cost, const uint8_t *secret,
                          size_t size, GError **error)
{
  static const TessKeyfileCost little = { .passes = 1, .memory_kib = 8 };

  g_assert_cmpuint (cost->memory_kib, ==, tess_keyfile_cost.memory_kib);
  return __real_tess_keyfile_wrap (passphrase, passphrase_size, &little, secret, size, error);
}

static DexFuture *
no_answer (void)
{
  return dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "the test's keyring is away");
}

DexFuture *
__wrap_tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout)
{
  if (fault == AWAY)
    return no_answer ();
  if (holds)
    {
      holds = false;
      asked = dex_promise_new ();
      return dex_ref (asked);
    }
  if (items[role].size == 0)
    return dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "nothing there");
  return dex_future_new_for_int ((int) role);
}

DexFuture *
__wrap_tess_keyring_store (const char *profile_id, TessKeyringRole role, const uint8_t *secret, unsigned timeout)
{
  if (stores_fail)
    return no_answer ();
  items[role].size = 32;
  memcpy (items[role].bytes, secret, 32);
  return dex_future_new_true ();
}

DexFuture *
__wrap_tess_keyring_replace (const char *profile_id, TessKeyringRole role, const uint8_t *content, size_t size, unsigned timeout)
{
  Fault now = fault;

  fault = now == AWAY || now == LATE_AWAY ? AWAY : GOOD;
  if (now == AWAY || now == REFUSED)
    return no_answer ();
  items[role].size = size;
  memcpy (items[role].bytes, content, size);
  if (now == GOOD)
    return dex_future_new_true ();
  if (now == LATE || now == LATE_AWAY)
    return no_answer ();
  items[role].bytes[size - 1] ^= 1;
  return dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "something else is there");
}

bool
__wrap_tess_keyring_await_content (DexFuture *future, uint8_t *out, GBytes **wrapped_out, GError **error)
{
  g_autoptr (DexFuture) taken = future;
  const GValue *value;

  memset (out, 0, 32);
  *wrapped_out = NULL;
  dex_await (dex_ref (taken), NULL);
  value = dex_future_get_value (taken, error);
  if (value == NULL)
    return false;
  if (items[g_value_get_int (value)].size == 32)
    memcpy (out, items[g_value_get_int (value)].bytes, 32);
  else
    *wrapped_out = g_bytes_new (items[g_value_get_int (value)].bytes, items[g_value_get_int (value)].size);
  return true;
}

bool
__wrap_tess_keyring_await_secret (DexFuture *future, uint8_t *out, GError **error)
{
  g_autoptr (GBytes) wrapped = NULL;

  return __wrap_tess_keyring_await_content (future, out, &wrapped, error) && wrapped == NULL;
}

typedef struct {
  char *folder;
  TessEngine *engine;
  Item plain; /* the database key as it was before any lock */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  memset (items, 0, sizeof items);
  fault = GOOD;
  self->folder = test_folder_new ();
  self->engine = test_object (tess_engine_open (self->folder, NULL));
  self->plain = items[TESS_KEYRING_DATABASE];
  g_assert_cmpuint (self->plain.size, ==, 32);
}

static void
close_engine (Fixture *self)
{
  test_done (tess_engine_close (self->engine));
  g_clear_object (&self->engine);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->engine != NULL)
    close_engine (self);
  test_folder_remove (self->folder);
}

static void
open_with (Fixture *self, const char *passphrase)
{
  self->engine = test_object (tess_engine_open (self->folder, passphrase));
}

static void
refuses (Fixture *self, const char *passphrase, TessCoreError code)
{
  test_rejects (tess_engine_open (self->folder, passphrase), TESS_CORE_ERROR, code);
}

static void
set (Fixture *self, const char *present, const char *passphrase)
{
  test_done (tess_engine_set_app_lock (self->engine, present, passphrase));
  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, passphrase != NULL ? TESS_APP_LOCK_ON : TESS_APP_LOCK_OFF);
}

static char *
set_fails (Fixture *self, const char *present, const char *passphrase, TessCoreError code)
{
  g_autoptr (DexFuture) outcome = test_settle (tess_engine_set_app_lock (self->engine, present, passphrase));
  g_autoptr (GError) error = NULL;

  g_assert_null (dex_future_get_value (outcome, &error));
  g_assert_error (error, TESS_CORE_ERROR, (int) code);
  return g_strdup (error->message);
}

static void
set_is_refused (Fixture *self, const char *present, const char *passphrase, TessCoreError code)
{
  Item before = items[TESS_KEYRING_DATABASE];
  g_autofree char *message = set_fails (self, present, passphrase, code);

  g_assert_cmpmem (&before, sizeof before, &items[TESS_KEYRING_DATABASE], sizeof before);
}

static bool
holds_plain (Fixture *self)
{
  const Item *item = &items[TESS_KEYRING_DATABASE];

  return item->size == 32 && memcmp (item->bytes, self->plain.bytes, 32) == 0;
}

/* The key itself stands nowhere in what is stored. */
static void
is_locked (Fixture *self)
{
  const Item *item = &items[TESS_KEYRING_DATABASE];

  g_assert_cmpuint (item->size, ==, ITEM);
  g_assert_cmpmem (item->bytes, 8, "TESSKEYS", 8);
  g_assert_null (memmem (item->bytes, item->size, self->plain.bytes, 8));
}

static TessRecoveryText *
make_code (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  TessRecoveryText *code = tess_engine_make_recovery_code (self->engine, &error);

  g_assert_no_error (error);
  test_done (tess_engine_confirm_recovery_code (self->engine, code));
  return code;
}

static void
test_set (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) code = NULL;

  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, TESS_APP_LOCK_OFF);
  set (self, NULL, NULL);
  set (self, NULL, FIRST);
  is_locked (self);
  close_engine (self);
  refuses (self, NULL, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  test_rejects (tess_engine_open_quietly (self->folder), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  refuses (self, SECOND, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  refuses (self, "", TESS_CORE_ERROR_PASSPHRASE_WRONG);
  open_with (self, FIRST);
  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, TESS_APP_LOCK_ON);
  code = make_code (self);
  close_engine (self);
  refuses (self, NULL, TESS_CORE_ERROR_PASSPHRASE_OR_CODE);
  test_rejects (tess_engine_open_quietly (self->folder), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_OR_CODE);
  refuses (self, tess_recovery_text_get (code), TESS_CORE_ERROR_PASSPHRASE_WRONG);
  open_with (self, FIRST);
}

static void
test_change (Fixture *self, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (1025, 'x'), *digits = g_strnfill (30, '7');

  set_is_refused (self, NULL, "", TESS_CORE_ERROR_PASSPHRASE_WRONG);
  set_is_refused (self, NULL, longest, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  set_is_refused (self, NULL, digits, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  set (self, NULL, FIRST);
  set_is_refused (self, NULL, SECOND, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  set_is_refused (self, NULL, NULL, TESS_CORE_ERROR_PASSPHRASE_NEEDED);
  set_is_refused (self, SECOND, SECOND, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  set_is_refused (self, SECOND, NULL, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  set (self, FIRST, SECOND);
  is_locked (self);
  close_engine (self);
  refuses (self, FIRST, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  open_with (self, SECOND);
  set (self, SECOND, NULL);
  g_assert_true (holds_plain (self));
  close_engine (self);
  open_with (self, NULL);
  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, TESS_APP_LOCK_OFF);
}

/* The code opens what is locked, and takes the lock away; a code of before the lock is as good. */
static void
test_recovered (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) code = make_code (self);

  set (self, NULL, FIRST);
  close_engine (self);
  test_rejects (tess_engine_recover (self->folder, "0", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_WRONG);
  is_locked (self);
  self->engine = test_object (tess_engine_recover (self->folder, tess_recovery_text_get (code), NULL));
  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, TESS_APP_LOCK_OFF);
  g_assert_true (holds_plain (self));
  set (self, NULL, SECOND);
  close_engine (self);
  open_with (self, SECOND);
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_CODE);
}

/* The keyring fails at each step of each of the three changes: what opened before opens still, or what was wanted does, and where
 * the words say that nothing was changed, nothing was. */
static void
test_faults (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *before, *after;
  } changes[] = { { NULL, FIRST }, { FIRST, SECOND }, { FIRST, NULL } };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    for (Fault each = REFUSED; each <= AWAY; each++)
      {
        const char *before = changes[i].before, *after = changes[i].after, *now = before;
        Item was;
        g_autofree char *message = NULL;

        if (before != NULL)
          set (self, NULL, before);
        was = items[TESS_KEYRING_DATABASE];
        fault = each;
        message = set_fails (self, before, after, TESS_CORE_ERROR_KEYRING_UNREACHABLE);
        fault = GOOD;
        g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, before != NULL ? TESS_APP_LOCK_ON : TESS_APP_LOCK_OFF);
        if (each == LATE_AWAY)
          {
            g_assert_nonnull (strstr (message, "no clear answer"));
            now = after;
          }
        else
          {
            g_assert_nonnull (strstr (message, "Nothing was changed"));
            g_assert_cmpmem (was.bytes, was.size, items[TESS_KEYRING_DATABASE].bytes, items[TESS_KEYRING_DATABASE].size);
          }
        close_engine (self);
        open_with (self, now);
        if (now != NULL)
          set (self, now, NULL);
      }
}

/* Another key, or none, is nothing to wrap. */
static void
test_another_key (Fixture *self, gconstpointer data)
{
  Item *item = &items[TESS_KEYRING_DATABASE];

  item->bytes[0] ^= 1;
  set_is_refused (self, NULL, FIRST, TESS_CORE_ERROR_KEYRING_LOST);
  item->size = 0;
  set_is_refused (self, NULL, FIRST, TESS_CORE_ERROR_KEYRING_LOST);
  *item = self->plain;
  set (self, NULL, FIRST);
}

/* What the keyring was made to hold: nothing that is typed opens it, so that the recovery code is asked for, if there is one. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  Item *item = &items[TESS_KEYRING_DATABASE], good;
  g_autoptr (TessRecoveryText) code = NULL;

  set (self, NULL, FIRST);
  good = *item;
  close_engine (self);
  for (unsigned round = 0; round < 2; round++)
    {
      TessCoreError lost = round == 0 ? TESS_CORE_ERROR_KEYRING_LOST : TESS_CORE_ERROR_RECOVERY_NEEDED;

      item->bytes[0] ^= 1;
      refuses (self, NULL, lost);
      refuses (self, FIRST, lost);
      *item = good;
      item->bytes[ITEM - 1] ^= 1;
      refuses (self, FIRST, lost);
      *item = good;
      item->bytes[8] = 2;
      refuses (self, NULL, TESS_CORE_ERROR_NEWER);
      refuses (self, FIRST, TESS_CORE_ERROR_NEWER);
      *item = good;
      open_with (self, FIRST);
      if (code == NULL)
        code = make_code (self);
      close_engine (self);
    }
  item->bytes[0] ^= 1;
  self->engine = test_object (tess_engine_recover (self->folder, tess_recovery_text_get (code), NULL));
  g_assert_true (holds_plain (self));
}

/* The passphrase of a profile whose database was lost makes nobody else of it. */
static void
test_database_is_lost (Fixture *self, gconstpointer data)
{
  g_autofree char *database = g_build_filename (self->folder, "database", NULL);
  g_autofree char *keys = g_build_filename (self->folder, "keys", NULL);

  set (self, NULL, FIRST);
  close_engine (self);
  g_assert_cmpint (g_unlink (database), ==, 0);
  refuses (self, SECOND, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  open_with (self, FIRST);
  g_assert_false (g_file_test (keys, G_FILE_TEST_EXISTS));
  g_assert_cmpint (tess_engine_get_app_lock (self->engine), ==, TESS_APP_LOCK_ON);
}

static void
test_under_a_passphrase (Fixture *self, gconstpointer data)
{
  char *folder = test_folder_new ();
  g_autoptr (TessEngine) engine = test_object (tess_engine_open (folder, FIRST));

  g_assert_cmpint (tess_engine_get_app_lock (engine), ==, TESS_APP_LOCK_PROFILE);
  test_rejects (tess_engine_set_app_lock (engine, FIRST, SECOND), TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NONE);
  test_done (tess_engine_close (engine));
  test_folder_remove (folder);
}

static bool
is_asked (gpointer unused)
{
  return asked != NULL;
}

/* An engine that closes lets what is under way end, and begins nothing more; nor do two changes run at once. */
static void
test_closing (Fixture *self, gconstpointer data)
{
  g_autoptr (DexFuture) setting = NULL, closing = NULL;

  holds = true;
  setting = tess_engine_set_app_lock (self->engine, NULL, FIRST);
  test_until (is_asked, NULL);
  test_rejects (tess_engine_set_app_lock (self->engine, NULL, SECOND), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  closing = tess_engine_close (self->engine);
  g_assert_true (dex_future_is_pending (setting));
  dex_promise_resolve_int (asked, TESS_KEYRING_DATABASE);
  test_done (g_steal_pointer (&closing));
  test_done (g_steal_pointer (&setting));
  dex_clear (&asked);
  is_locked (self);
  test_rejects (tess_engine_set_app_lock (self->engine, FIRST, SECOND), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  g_clear_object (&self->engine);
  open_with (self, FIRST);
}

static bool
put (void *data, const uint8_t *bytes, size_t size, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

/* A backup of an account of which there is nothing but the seed. */
static GFile *
write_backup (const char *path)
{
  static const TessKeyfileCost little = { .passes = 1, .memory_kib = 8 };
  g_autoptr (TessBackupWriter) writer = tess_backup_writer_new (SECOND, strlen (SECOND), &little, NULL);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  TessBackupProfile profile = { .list_version = 1, .device_number = 1, .name = (char *) "Bob",
                                .relay = (char *) "https://relay.example.org" };
  uint8_t body[512];
  TessWriter record;

  memset (profile.account_seed, 0xab, sizeof profile.account_seed);
  tess_writer_init (&record, body, sizeof body);
  tess_backup_profile_write (&profile, &record);
  g_assert_true (tess_backup_writer_record (writer, put, file, TESS_BACKUP_PROFILE, body, record.size, NULL));
  g_assert_true (tess_backup_writer_finish (writer, put, file, NULL));
  g_assert_true (g_file_set_contents (path, (const char *) file->data, file->len, NULL));
  return g_file_new_for_path (path);
}

/* A restored account's keys come into the keyring when it takes them, and open the profile until then; the app lock stays, a
 * recovery file of the keys of before goes. */
static void
test_restored (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "backup", NULL);
  g_autoptr (GFile) file = write_backup (path);
  g_autoptr (TessRecoveryText) code = make_code (self);
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK); /* that they stay is warned of */
  Item before = items[TESS_KEYRING_ACCOUNT];
  uint8_t seed[32];

  memset (seed, 0xab, sizeof seed);
  set (self, NULL, FIRST);
  stores_fail = true;
  test_done (tess_engine_restore (self->engine, file, SECOND, NULL));
  close_engine (self);
  g_assert_cmpmem (items[TESS_KEYRING_ACCOUNT].bytes, 32, before.bytes, 32);
  open_with (self, FIRST);
  g_assert_true (tess_engine_get_restored (self->engine));
  g_assert_cmpstr (tess_engine_get_name (self->engine), ==, "Bob");
  close_engine (self);
  stores_fail = false;
  g_log_set_always_fatal (fatal);
  open_with (self, FIRST);
  is_locked (self);
  g_assert_cmpmem (items[TESS_KEYRING_ACCOUNT].bytes, 32, seed, 32);
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_NONE);
  close_engine (self);
  stores_fail = true; /* nothing is left to be stored */
  open_with (self, FIRST);
  g_assert_true (tess_engine_get_restored (self->engine));
  stores_fail = false;
}

/* As long as the keyring does not take them, no recovery code is confirmed, which would go again with the file of before. */
static void
test_restored_code (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "backup", NULL);
  g_autoptr (GFile) file = write_backup (path);
  g_autoptr (TessRecoveryText) before = make_code (self), code = NULL;
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);

  stores_fail = true;
  test_done (tess_engine_restore (self->engine, file, SECOND, NULL));
  test_rejects (tess_engine_confirm_recovery_code (self->engine, before), TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING);
  test_rejects (tess_engine_set_recovery_passphrase (self->engine, FIRST), TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING);
  close_engine (self);
  open_with (self, NULL);
  test_rejects (tess_engine_confirm_recovery_code (self->engine, before), TESS_CORE_ERROR, TESS_CORE_ERROR_NO_KEYRING);
  stores_fail = false;
  g_log_set_always_fatal (fatal);
  code = make_code (self);
  close_engine (self);
  open_with (self, NULL);
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_CODE);
  close_engine (self);
  memset (items, 0, sizeof items);
  self->engine = test_object (tess_engine_recover (self->folder, tess_recovery_text_get (code), NULL));
  g_assert_cmpstr (tess_engine_get_name (self->engine), ==, "Bob");
}

/* A recovery file is of the keys that there are: one is not written while a restore may change them. */
static void
test_restored_meanwhile (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "backup", NULL);
  g_autoptr (GFile) file = write_backup (path);
  g_autoptr (TessRecoveryText) code = tess_engine_make_recovery_code (self->engine, NULL);

  self->engine->core->backup = dex_promise_new ();
  test_rejects (tess_engine_confirm_recovery_code (self->engine, code), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  dex_clear (&self->engine->core->backup);
  self->engine->core->recovery = dex_promise_new ();
  test_rejects (tess_engine_restore (self->engine, file, SECOND, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  dex_clear (&self->engine->core->recovery);
  test_done (tess_engine_restore (self->engine, file, SECOND, NULL));
  test_done (tess_engine_confirm_recovery_code (self->engine, code));
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  tess_process_init ();
  dex_init ();
  ADD ("/core/app-lock/set", test_set);
  ADD ("/core/app-lock/change", test_change);
  ADD ("/core/app-lock/recovered", test_recovered);
  ADD ("/core/app-lock/faults", test_faults);
  ADD ("/core/app-lock/another-key", test_another_key);
  ADD ("/core/app-lock/damaged", test_damaged);
  ADD ("/core/app-lock/database-is-lost", test_database_is_lost);
  ADD ("/core/app-lock/under-a-passphrase", test_under_a_passphrase);
  ADD ("/core/app-lock/closing", test_closing);
  ADD ("/core/app-lock/restored", test_restored);
  ADD ("/core/app-lock/restored-code", test_restored_code);
  ADD ("/core/app-lock/restored-meanwhile", test_restored_meanwhile);
  return g_test_run ();
}
