/* Whole engines and a real relay: a backup beside everything else, and an account that moves by it to another device.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "core-fixture.h"
#include "engine-fixture.h"
#include "net/tess-directory.h"
#include "net/tess-mailbox-link.h"
#include "net/tess-net-error-private.h"

#include <locale.h>
#include <string.h>

#define PASSPHRASE "of the backup"

static unsigned refused; /* registrations that a relay called stale, which knew no capability either; 0: it does not lie */

DexFuture *__wrap_tess_mailbox_link_register (TessMailboxLink *self, GBytes *device_list, GBytes *prekey, GPtrArray *one_time,
                                              const char *invitation);
DexFuture *__real_tess_mailbox_link_register (TessMailboxLink *self, GBytes *device_list, GBytes *prekey, GPtrArray *one_time,
                                              const char *invitation);
DexFuture *__wrap_tess_directory_get_account (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                                              const uint8_t capability[static TESS_CAPABILITY_SIZE], bool one_time);
DexFuture *__real_tess_directory_get_account (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                                              const uint8_t capability[static TESS_CAPABILITY_SIZE], bool one_time);

DexFuture *
__wrap_tess_mailbox_link_register (TessMailboxLink *self, GBytes *device_list, GBytes *prekey, GPtrArray *one_time,
                                   const char *invitation)
{
  if (refused == 0)
    return __real_tess_mailbox_link_register (self, device_list, prekey, one_time, invitation);
  refused++;
  return dex_future_new_for_error (tess_net_error_new (TESS_NET_ERROR_REJECTED, TESS_CODE_STALE, 0, NULL));
}

DexFuture *
__wrap_tess_directory_get_account (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                                   const uint8_t capability[static TESS_CAPABILITY_SIZE], bool one_time)
{
  if (refused == 0)
    return __real_tess_directory_get_account (origin, account, capability, one_time);
  return dex_future_new_for_error (tess_net_error_new (TESS_NET_ERROR_REFUSED, TESS_CODE_OTHER, 0, NULL));
}

static GFile *
backup_of (EngineFixture *fixture)
{
  g_autofree char *path = engine_profile (fixture, "file");

  return g_file_new_for_path (path);
}

/* Files that a backup left behind. */
static unsigned
leftovers (EngineFixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  unsigned count = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    count += g_str_has_prefix (name, ".tessera-backup-");
  return count;
}

static TessConversation *
chat_at (TessEngine *engine, guint position)
{
  g_autoptr (TessConversation) chat = g_list_model_get_item (tess_engine_get_conversations (engine), position);

  return chat; /* the engine's list holds it */
}

static void
count_notify (GObject *object, GParamSpec *spec, gpointer data)
{
  (*(unsigned *) data)++;
}

static bool
is_replaced (gpointer engine)
{
  return tess_engine_get_link_state (engine) == TESS_LINK_REFUSED
         && strstr (tess_engine_get_link_message (engine), "another device") != NULL;
}

static bool
is_changed (gpointer chat)
{
  g_autoptr (TessContact) contact = NULL;

  g_object_get (chat, "contact", &contact, NULL);
  return tess_contact_get_trust (contact) == TESS_TRUST_CHANGED;
}

/* While it is written one goes on as ever, and there is one at a time. */
static void
test_beside (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (GFile) file = backup_of (fixture);
  g_autoptr (TessProgress) progress = tess_progress_new ();
  g_autoptr (TessMessage) message = NULL;
  DexFuture *first;
  unsigned notified = 0;

  g_signal_connect (fixture->alice, "notify::backup-time", G_CALLBACK (count_notify), &notified);
  g_assert_cmpint (tess_engine_get_backup_time (fixture->alice), ==, 0);
  first = tess_engine_back_up (fixture->alice, file, PASSPHRASE, progress);
  test_rejects (tess_engine_back_up (fixture->alice, file, PASSPHRASE, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED);
  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "meanwhile"));
  test_until (engine_is_delivered, message);
  test_done (first);
  g_assert_cmpint (tess_engine_get_backup_time (fixture->alice), >, 0);
  g_assert_cmpuint (notified, >, 0);
  test_rejects (tess_engine_back_up (fixture->alice, file, "", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_PASSPHRASE_WRONG);
  engine_close (&fixture->alice);
  fixture->alice = engine_open (fixture, "alice");
  g_assert_cmpint (tess_engine_get_backup_time (fixture->alice), >, 0);
  g_assert_cmpuint (leftovers (fixture), ==, 0);
}

/* Closing ends it, and a person may: the file of before stays. */
static void
test_ended (EngineFixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = backup_of (fixture);
  g_autoptr (TessProgress) progress = tess_progress_new ();
  g_autofree char *content = NULL;
  DexFuture *future;

  g_assert_true (g_file_set_contents (g_file_peek_path (file), "before", -1, NULL));
  tess_progress_cancel (progress);
  test_rejects (tess_engine_back_up (fixture->alice, file, PASSPHRASE, progress), TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED);
  future = tess_engine_back_up (fixture->alice, file, PASSPHRASE, NULL);
  g_main_context_iteration (NULL, FALSE);
  engine_close (&fixture->alice);
  test_rejects (future, TESS_CORE_ERROR, TESS_CORE_ERROR_CANCELLED);
  g_assert_true (g_file_get_contents (g_file_peek_path (file), &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "before");
  g_assert_cmpuint (leftovers (fixture), ==, 0);
  fixture->alice = engine_open (fixture, "alice");
}

/* Restored, closed, opened again, registered then: the setup goes on where it was. The old device says so and keeps quiet. */
static void
test_moved (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture), *to_alice = chat_at (fixture->bob, 0);
  g_autoptr (GFile) file = backup_of (fixture);
  g_autoptr (TessRecoveryText) code = tess_engine_make_backup_code (NULL);
  g_autoptr (TessProgress) progress = tess_progress_new ();
  g_autofree char *before = tess_engine_dup_address (fixture->bob), *after = NULL;
  g_autoptr (TessMessage) first = NULL, second = NULL, late = NULL;
  TessEngine *moved = engine_open (fixture, "moved");

  test_done (tess_engine_set_trust (fixture->alice, to_bob, TESS_TRUST_VERIFIED));
  test_done (tess_engine_back_up (fixture->bob, file, tess_recovery_text_get (code), NULL));
  test_rejects (tess_engine_back_up (moved, file, PASSPHRASE, NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_REGISTERED);
  test_rejects (tess_engine_restore (fixture->bob, file, "x", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_REGISTERED);
  test_rejects (tess_engine_restore (moved, file, "x", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_BACKUP_WRONG);
  g_assert_false (tess_engine_get_restored (moved));
  test_done (tess_engine_restore (moved, file, tess_recovery_text_get (code), progress));
  g_assert_true (tess_engine_get_restored (moved));
  g_assert_false (tess_engine_get_registered (moved));
  g_assert_cmpuint (g_list_model_get_n_items (tess_engine_get_conversations (moved)), ==, 1);
  engine_close (&moved);
  moved = engine_open (fixture, "moved");
  g_assert_true (tess_engine_get_restored (moved));
  g_assert_cmpstr (tess_engine_get_name (moved), ==, "Bob");
  g_assert_cmpstr (tess_engine_get_relay (moved), ==, fixture->origin);
  test_rejects (tess_engine_restore (moved, file, "x", NULL), TESS_CORE_ERROR, TESS_CORE_ERROR_REGISTERED);
  test_done (tess_engine_register (moved, tess_engine_get_name (moved), tess_engine_get_relay (moved), NULL));
  g_assert_false (tess_engine_get_restored (moved));
  after = tess_engine_dup_address (moved);
  g_assert_cmpstr (after, ==, before);
  tess_engine_start (moved);
  test_until (is_replaced, fixture->bob);
  test_until (is_changed, to_bob);
  test_done (tess_engine_set_trust (fixture->alice, to_bob, TESS_TRUST_UNVERIFIED));
  first = test_object (tess_engine_send_text (fixture->alice, to_bob, "to the new device"));
  test_until (engine_is_delivered, first);
  second = test_object (tess_engine_send_text (moved, chat_at (moved, 0), "from the new device"));
  test_until (engine_is_delivered, second);
  /* However often it is told to try: it is refused, in the same words, and nothing goes from there. */
  late = test_object (tess_engine_send_text (fixture->bob, to_alice, "from the old device"));
  tess_engine_nudge (fixture->bob);
  test_until (is_replaced, fixture->bob);
  test_rejects (tess_engine_flush (fixture->bob), TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED);
  g_assert_cmpint (tess_message_get_delivery (late), ==, TESS_DELIVERY_WAITING);
  engine_close (&moved);
}

/* A relay that calls every list stale drives the restored one up, but not beyond what contacts take: once it stops, or another is
 * used, they follow. */
static void
test_lying_relay (EngineFixture *fixture, gconstpointer data)
{
  TessConversation *to_bob = engine_befriend (fixture);
  g_autoptr (GFile) file = backup_of (fixture);
  g_autoptr (TessMessage) message = NULL;
  TessEngine *moved = engine_open (fixture, "moved");
  unsigned before;

  test_done (tess_engine_set_trust (fixture->alice, to_bob, TESS_TRUST_VERIFIED));
  test_done (tess_engine_back_up (fixture->bob, file, PASSPHRASE, NULL));
  engine_close (&fixture->bob);
  test_done (tess_engine_restore (moved, file, PASSPHRASE, NULL));
  refused = 1;
  for (unsigned i = 0; i < 4; i++)
    {
      before = refused;
      test_rejects (tess_engine_register (moved, "Bob", fixture->origin, NULL), TESS_CORE_ERROR,
                    i == 0 ? TESS_CORE_ERROR_REPLACED : TESS_CORE_ERROR_REFUSED);
      g_assert_cmpuint (refused, >, before);
    }
  g_assert_cmpuint (moved->core->identity->listed.version, <=, 1 + TESS_DEVICE_LIST_JUMP_MAX);
  refused = 0;
  test_done (tess_engine_register (moved, "Bob", fixture->origin, NULL));
  tess_engine_start (moved);
  test_until (is_changed, to_bob);
  test_done (tess_engine_set_trust (fixture->alice, to_bob, TESS_TRUST_UNVERIFIED));
  message = test_object (tess_engine_send_text (fixture->alice, to_bob, "to the new device"));
  test_until (engine_is_delivered, message);
  engine_close (&moved);
  fixture->bob = engine_open (fixture, "bob");
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
  g_test_add ("/core/moved/beside", EngineFixture, NULL, engine_set_up, test_beside, engine_tear_down);
  g_test_add ("/core/moved/ended", EngineFixture, NULL, engine_set_up, test_ended, engine_tear_down);
  g_test_add ("/core/moved/moved", EngineFixture, NULL, engine_set_up, test_moved, engine_tear_down);
  g_test_add ("/core/moved/lying-relay", EngineFixture, NULL, engine_set_up, test_lying_relay, engine_tear_down);
  return g_test_run ();
}
