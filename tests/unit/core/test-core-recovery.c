/* The recovery code: what is shown opens nothing, what is confirmed takes an older one's place, and what fails leaves that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "core-fixture.h"
#include "core/tess-engine-private.h"
#include "core/tess-profile-recovery.h"
#include "store/tess-keyring.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define PASSPHRASE "a passphrase for later"

DexFuture *__wrap_tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout);

/* A profile's passphrase may be a keyring's app lock, which is looked for first. */
DexFuture *
__wrap_tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout)
{
  return dex_future_new_reject (TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "there is no keyring in this test");
}

/* An engine whose keys are not under its passphrase, as if they had come from the keyring, which stays out of this test. */
typedef struct {
  char *folder;
  char *file;
  TessEngine *engine;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *keys = NULL;
  TessCore *core;

  self->folder = test_folder_new ();
  self->file = g_build_filename (self->folder, "recovery", NULL);
  keys = g_build_filename (self->folder, "keys", NULL);
  self->engine = test_object (tess_engine_open (self->folder, "a passphrase"));
  core = self->engine->core;
  g_assert_null (core->keys);
  g_assert_cmpint (g_unlink (keys), ==, 0);
  core->keys = tess_secret_alloc (sizeof *core->keys);
  g_assert_true (tess_profile_keys_generate (core->keys, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  test_done (tess_engine_close (self->engine));
  g_object_unref (self->engine);
  test_folder_remove (self->folder);
  g_free (self->file);
}

static TessRecoveryText *
make (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  TessRecoveryText *code = tess_engine_make_recovery_code (self->engine, &error);

  g_assert_no_error (error);
  return code;
}

static TessRecoveryText *
make_and_confirm (Fixture *self)
{
  TessRecoveryText *code = make (self);

  test_done (tess_engine_confirm_recovery_code (self->engine, code));
  return code;
}

typedef struct {
  const Fixture *fixture;
  const TessProfileKeys *expected;
  const char *typed;
} Try;

static DexFuture *
run_try (gpointer data)
{
  const Try *self = data;
  g_autoptr (TessProfileDir) dir = NULL;
  TessPassphrase *typed = tess_passphrase_new (self->typed);
  TessProfileKeys *keys = tess_secret_alloc (sizeof *keys);
  GError *error = NULL;
  bool opened;

  if (self->fixture->engine->core->dir == NULL)
    dir = tess_profile_dir_open (self->fixture->folder, TESS_PROFILE_DIR_EXISTING, NULL);
  opened = tess_profile_recovery_open (dir != NULL ? dir : self->fixture->engine->core->dir, typed, keys, &error);
  g_assert_true (!opened || memcmp (keys, self->expected, sizeof *keys) == 0);
  tess_secret_free (keys);
  tess_secret_free (typed);
  return opened ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
try_open (Fixture *self, const char *typed)
{
  Try *try = g_new0 (Try, 1);

  *try = (Try) { self, self->engine->core->keys, typed };
  return tess_core_call (run_try, try, g_free);
}

static void
opens (Fixture *self, const char *typed)
{
  test_done (try_open (self, typed));
}

static void
refuses (Fixture *self, const char *typed)
{
  test_rejects (try_open (self, typed), TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_WRONG);
}

static GBytes *
read_file (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  g_file_get_contents (self->file, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static void
is_unchanged (Fixture *self, GBytes *before)
{
  g_autoptr (GBytes) now = read_file (self);

  g_assert_true (g_bytes_equal (now, before));
}

/* A profile that a passphrase keeps has no code to show. */
static void
has_none_under_a_passphrase (Fixture *self)
{
  TessProfileKeys *keys = g_steal_pointer (&self->engine->core->keys);
  g_autoptr (GError) error = NULL;

  g_assert_null (tess_engine_make_recovery_code (self->engine, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_RECOVERY_NONE);
  self->engine->core->keys = keys;
}

/* None before one is confirmed; and then the one that was confirmed last, whatever was shown since. */
static void
test_confirmed (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) first = make (self), unwritten = NULL, second = NULL;
  g_autoptr (GBytes) before = NULL;

  has_none_under_a_passphrase (self);
  g_assert_cmpuint (strlen (tess_recovery_text_get (first)), ==, TESS_RECOVERY_CODE_TEXT - 1);
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_NONE);
  g_assert_false (g_file_test (self->file, G_FILE_TEST_EXISTS));
  test_done (tess_engine_confirm_recovery_code (self->engine, first));
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_CODE);
  before = read_file (self);
  unwritten = make (self);
  g_assert_cmpstr (tess_recovery_text_get (unwritten), !=, tess_recovery_text_get (first));
  is_unchanged (self, before);
  opens (self, tess_recovery_text_get (first));
  second = make_and_confirm (self);
  refuses (self, tess_recovery_text_get (first));
  opens (self, tess_recovery_text_get (second));
}

/* A passphrase stays as it is when the code is confirmed, not as it was when that was shown. */
static void
test_passphrase (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) first = make_and_confirm (self), second = make (self), third = NULL;

  test_done (tess_engine_set_recovery_passphrase (self->engine, PASSPHRASE));
  test_done (tess_engine_confirm_recovery_code (self->engine, second));
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_CODE_AND_PASSPHRASE);
  opens (self, PASSPHRASE);
  third = make (self);
  test_done (tess_engine_set_recovery_passphrase (self->engine, NULL));
  test_done (tess_engine_confirm_recovery_code (self->engine, third));
  g_assert_cmpint (tess_engine_get_recovery (self->engine), ==, TESS_RECOVERY_CODE);
  refuses (self, PASSPHRASE);
}

/* A disk on which nothing fits; or as before. */
static void
set_full (bool full)
{
  static struct rlimit before;
  struct rlimit none;

  if (full)
    g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  none = before;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, full ? &none : &before), ==, 0);
}

/* The old code works on, and the new one can be confirmed later. */
static void
test_full (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) old = make_and_confirm (self), new = make (self);
  g_autoptr (GBytes) before = read_file (self);
  g_autoptr (DexFuture) outcome = NULL;
  g_autoptr (GError) error = NULL;

  /* Standard output may be a file too: nothing is said while the disk is full. */
  set_full (true);
  outcome = test_settle (tess_engine_confirm_recovery_code (self->engine, new));
  set_full (false);
  g_assert_null (dex_future_get_value (outcome, &error));
  g_assert_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NO_SPACE);
  is_unchanged (self, before);
  test_done (tess_engine_confirm_recovery_code (self->engine, new));
  opens (self, tess_recovery_text_get (new));
}

/* One change at a time; an engine that closes lets the one under way end, and begins none. */
static void
test_closing (Fixture *self, gconstpointer data)
{
  g_autoptr (TessRecoveryText) first = make_and_confirm (self), second = make (self), third = make (self);
  g_autoptr (DexFuture) confirming = tess_engine_confirm_recovery_code (self->engine, second);

  test_rejects (tess_engine_confirm_recovery_code (self->engine, third), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  g_assert_true (dex_future_is_pending (confirming));
  test_done (tess_engine_close (self->engine));
  test_done (g_steal_pointer (&confirming));
  test_rejects (tess_engine_confirm_recovery_code (self->engine, third), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  opens (self, tess_recovery_text_get (second));
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN);
  tess_process_init ();
  dex_init ();
  ADD ("/core/recovery/confirmed", test_confirmed);
  ADD ("/core/recovery/passphrase", test_passphrase);
  ADD ("/core/recovery/full", test_full);
  ADD ("/core/recovery/closing", test_closing);
  return g_test_run ();
}
