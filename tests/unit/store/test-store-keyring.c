/* Needs a session bus with an unlocked keyring, as tests/harness/session.py makes. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-keyring.h"

#include "tess-config.h"

#include <libsecret/secret.h>
#include <sodium.h>
#include <string.h>

static const uint8_t first[32] = { 0, 1, 2, 255, 254 };
static const uint8_t second[32] = { 9, 8, 7 };

#define PROFILE "00112233445566778899aabbccddeeff"
#define OTHER_PROFILE "ff112233445566778899aabbccddeeff"

static bool
have_keyring (void)
{
  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL &&
      secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, NULL, NULL) != NULL)
    return true;
  g_test_skip ("no Secret Service in this session");
  return false;
}

static void
run_fiber (DexFiberFunc function)
{
  g_autoptr (DexFuture) future = dex_scheduler_spawn (NULL, 0, function, NULL, NULL);

  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (dex_future_is_resolved (future));
}

static void
expect_load_error (const char *profile, TessKeyringRole role, TessStoreError code)
{
  g_autoptr (GError) error = NULL;
  uint8_t out[32] = { 1, 1, 1 };

  g_assert_false (tess_keyring_await_secret (tess_keyring_load (profile, role, true, 5), out, &error));
  g_assert_error (error, TESS_STORE_ERROR, (int) code);
  g_assert_true (sodium_is_zero (out, sizeof out));
}

static void
expect_secret (const char *profile, TessKeyringRole role, const uint8_t *wanted)
{
  g_autoptr (GError) error = NULL;
  uint8_t out[32];

  g_assert_true (tess_keyring_await_secret (tess_keyring_load (profile, role, true, 5), out, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (out, 32, wanted, 32);
}

static DexFuture *
round_trip_fiber (gpointer data)
{
  expect_load_error (PROFILE, TESS_KEYRING_DEVICE, TESS_STORE_ERROR_MISSING);
  g_assert_true (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DEVICE, first, 5), NULL));
  expect_secret (PROFILE, TESS_KEYRING_DEVICE, first);
  expect_load_error (PROFILE, TESS_KEYRING_ACCOUNT, TESS_STORE_ERROR_MISSING);
  expect_load_error (OTHER_PROFILE, TESS_KEYRING_DEVICE, TESS_STORE_ERROR_MISSING);

  g_assert_true (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_ACCOUNT, second, 5), NULL));
  g_assert_true (dex_await (tess_keyring_store (OTHER_PROFILE, TESS_KEYRING_DEVICE, second, 5), NULL));
  g_assert_true (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DEVICE, second, 5), NULL));
  expect_secret (PROFILE, TESS_KEYRING_DEVICE, second);

  g_assert_true (dex_await (tess_keyring_clear (PROFILE, 5), NULL));
  expect_load_error (PROFILE, TESS_KEYRING_DEVICE, TESS_STORE_ERROR_MISSING);
  expect_load_error (PROFILE, TESS_KEYRING_ACCOUNT, TESS_STORE_ERROR_MISSING);
  expect_secret (OTHER_PROFILE, TESS_KEYRING_DEVICE, second);
  g_assert_true (dex_await (tess_keyring_clear (OTHER_PROFILE, 5), NULL));
  g_assert_true (dex_await (tess_keyring_clear (OTHER_PROFILE, 5), NULL));
  return dex_future_new_true ();
}

static void
test_round_trip (void)
{
  if (have_keyring ())
    run_fiber (round_trip_fiber);
}

/* Somebody else's program put something in our place. */
static DexFuture *
damaged_fiber (gpointer data)
{
  static const char *const texts[] = { "", "short", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
  static const SecretSchema schema = {
    TESS_APP_ID,
    SECRET_SCHEMA_NONE,
    { { "profile", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "role", SECRET_SCHEMA_ATTRIBUTE_STRING } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (secret_password_store_sync (&schema, NULL, "test", texts[i], NULL, &error, "profile", PROFILE, "role",
                                                 "database", NULL));
      expect_load_error (PROFILE, TESS_KEYRING_DATABASE, TESS_STORE_ERROR_DAMAGED);
    }
  g_assert_true (dex_await (tess_keyring_clear (PROFILE, 5), NULL));
  return dex_future_new_true ();
}

static void
test_damaged (void)
{
  if (have_keyring ())
    run_fiber (damaged_fiber);
}

static void
expect_content (const uint8_t *wanted, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) wrapped = NULL;
  uint8_t out[32] = { 1 };

  g_assert_true (tess_keyring_await_content (tess_keyring_load (PROFILE, TESS_KEYRING_DATABASE, true, 5), out, &wrapped, &error));
  g_assert_no_error (error);
  if (size == 32)
    {
      g_assert_null (wrapped);
      g_assert_cmpmem (out, 32, wanted, 32);
      return;
    }
  g_assert_true (sodium_is_zero (out, sizeof out));
  g_assert_cmpmem (g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped), wanted, size);
}

static guint
count_items (const SecretSchema *schema)
{
  g_autolist (GObject) items =
    secret_password_search_sync (schema, SECRET_SEARCH_ALL, NULL, NULL, "profile", PROFILE, "role", "database", NULL);

  return g_list_length (items);
}

/* A key, what wraps it, the key again; and a copy that another collection holds since that was the default is not left behind. */
static DexFuture *
replace_fiber (gpointer data)
{
  static const SecretSchema schema = {
    TESS_APP_ID,
    SECRET_SCHEMA_NONE,
    { { "profile", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "role", SECRET_SCHEMA_ATTRIBUTE_STRING } },
  };
  uint8_t wrapped[TESS_KEYRING_WRAPPED_MAX];

  memset (wrapped, 0x5a, sizeof wrapped);
  g_assert_true (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DATABASE, first, 5), NULL));
  for (size_t size = 33; size <= sizeof wrapped; size += 479)
    {
      g_assert_true (dex_await (tess_keyring_replace (PROFILE, TESS_KEYRING_DATABASE, wrapped, size, 5), NULL));
      expect_content (wrapped, size);
      expect_load_error (PROFILE, TESS_KEYRING_DATABASE, TESS_STORE_ERROR_DAMAGED);
    }
  g_assert_true (secret_password_store_sync (&schema, SECRET_COLLECTION_SESSION, "test", "of old", NULL, NULL, "profile", PROFILE,
                                             "role", "database", NULL));
  g_assert_cmpuint (count_items (&schema), ==, 2);
  g_assert_true (dex_await (tess_keyring_replace (PROFILE, TESS_KEYRING_DATABASE, second, 32, 5), NULL));
  g_assert_cmpuint (count_items (&schema), ==, 1);
  expect_content (second, 32);
  g_assert_true (dex_await (tess_keyring_clear (PROFILE, 5), NULL));
  return dex_future_new_true ();
}

static void
test_replace (void)
{
  if (have_keyring ())
    run_fiber (replace_fiber);
}

/* A locked keyring asks; nobody answers here. Neither may hang, and neither may look like keys that are gone. Who asks nobody is
 * answered at once. */
static DexFuture *
locked_fiber (gpointer data)
{
  g_autoptr (SecretService) service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, NULL, NULL);
  g_autoptr (SecretCollection) collection =
    secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, NULL, NULL);
  GList collections = { .data = collection };
  gint64 started = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  uint8_t out[32];

  g_assert_true (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DEVICE, first, 5), NULL));
  g_assert_cmpint (secret_service_lock_sync (service, &collections, NULL, NULL, NULL), ==, 1);

  g_assert_false (tess_keyring_await_secret (tess_keyring_load (PROFILE, TESS_KEYRING_DEVICE, false, 60), out, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  g_clear_error (&error);
  g_assert_false (tess_keyring_await_secret (tess_keyring_load (PROFILE, TESS_KEYRING_DEVICE, true, 2), out, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  g_clear_error (&error);
  g_assert_false (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DATABASE, first, 2), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  g_assert_false (dex_await (tess_keyring_replace (PROFILE, TESS_KEYRING_DATABASE, first, 32, 1), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  g_assert_cmpint (g_get_monotonic_time () - started, <, 9 * G_USEC_PER_SEC);
  return dex_future_new_true ();
}

static void
test_locked (void)
{
  if (have_keyring ())
    run_fiber (locked_fiber);
}

static DexFuture *
no_service_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;

  expect_load_error (PROFILE, TESS_KEYRING_DEVICE, TESS_STORE_ERROR_NO_SERVICE);
  g_assert_false (dex_await (tess_keyring_store (PROFILE, TESS_KEYRING_DEVICE, first, 5), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  g_clear_error (&error);
  g_assert_false (dex_await (tess_keyring_clear (PROFILE, 5), &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE);
  return dex_future_new_true ();
}

static void
test_no_bus (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
      run_fiber (no_service_fiber);
      return;
    }
  g_test_trap_subprocess (NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* A bus on which nobody offers the service. GTestDBus wants the whole process for itself; its watcher ends the daemon with it. */
static void
test_empty_bus (void)
{
  static GTestDBus *volatile bus; /* kept: no leak */
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  if (g_test_subprocess ())
    {
      bus = g_test_dbus_new (G_TEST_DBUS_NONE);
      g_test_dbus_up (bus);
      run_fiber (no_service_fiber);
      return;
    }
  if (daemon == NULL)
    {
      g_test_skip ("no dbus-daemon");
      return;
    }
  g_test_trap_subprocess (NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  dex_init ();
  g_test_add_func ("/store/keyring/no-bus", test_no_bus);
  g_test_add_func ("/store/keyring/round-trip", test_round_trip);
  g_test_add_func ("/store/keyring/damaged", test_damaged);
  g_test_add_func ("/store/keyring/replace", test_replace);
  g_test_add_func ("/store/keyring/locked", test_locked);
  g_test_add_func ("/store/keyring/empty-bus", test_empty_bus);
  return g_test_run ();
}
