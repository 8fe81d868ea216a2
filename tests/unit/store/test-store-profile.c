/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tess-store-test.h"

#include "base/tess-limits.h"
#include "store/tess-profile-dir.h"

#include <gio/gio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
expect_error (const char *path, TessProfileDirMode mode, TessStoreError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessProfileDir) profile = tess_profile_dir_open (path, mode, &error);

  g_assert_null (profile);
  g_assert_error (error, TESS_STORE_ERROR, (int) code);
}

static TessProfileDir *
open_profile (const char *path, TessProfileDirMode mode)
{
  g_autoptr (GError) error = NULL;
  TessProfileDir *profile = tess_profile_dir_open (path, mode, &error);

  g_assert_no_error (error);
  g_assert_nonnull (profile);
  return profile;
}

static void
test_made (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->dir, "a", "b", NULL);
  g_autoptr (TessProfileDir) profile = NULL;
  g_autofree char *id = NULL;
  struct stat status;

  expect_error (path, TESS_PROFILE_DIR_EXISTING, TESS_STORE_ERROR_MISSING);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  profile = open_profile (path, TESS_PROFILE_DIR_CREATE);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  id = g_strdup (tess_profile_dir_id (profile));
  g_assert_cmpint (strlen (id), ==, 32);
  g_assert_true (g_str_has_prefix (tess_profile_dir_database (profile), path));
  g_assert_false (tess_profile_dir_has_database (profile));
  g_clear_pointer (&profile, tess_profile_dir_close);

  profile = open_profile (path, TESS_PROFILE_DIR_EXISTING);
  g_assert_cmpstr (tess_profile_dir_id (profile), ==, id);
}

/* One process at a time; a child of that process does not keep the profile when it lives longer. */
static void
test_lock (Fixture *self, gconstpointer data)
{
  TessProfileDir *profile = open_profile (self->dir, TESS_PROFILE_DIR_CREATE);
  g_autoptr (GSubprocess) child = NULL;
  pid_t pid = fork ();
  int status = 0;

  if (pid == 0)
    {
      g_autoptr (GError) error = NULL;
      TessProfileDir *second = tess_profile_dir_open (self->dir, TESS_PROFILE_DIR_EXISTING, &error);

      _exit (second == NULL && g_error_matches (error, TESS_STORE_ERROR, TESS_STORE_ERROR_IN_USE) ? 0 : 1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  expect_error (self->dir, TESS_PROFILE_DIR_EXISTING, TESS_STORE_ERROR_IN_USE);

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "sleep", "30", NULL);
  g_assert_nonnull (child);
  tess_profile_dir_close (profile);
  profile = open_profile (self->dir, TESS_PROFILE_DIR_EXISTING);
  tess_profile_dir_close (profile);
  g_subprocess_force_exit (child);
  g_assert_true (g_subprocess_wait (child, NULL, NULL)); /* or it keeps the test's output open when we end first */
}

static void
test_keys (Fixture *self, gconstpointer data)
{
  g_autoptr (TessProfileDir) profile = open_profile (self->dir, TESS_PROFILE_DIR_CREATE);
  g_autofree char *path = g_build_filename (self->dir, "keys", NULL);
  g_autofree char *too_long = g_strnfill (TESS_KEYS_FILE_MAX + 1, 'x');
  g_autoptr (GBytes) first = g_bytes_new_static ("wrapped\0bytes", 13);
  g_autoptr (GBytes) second = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) found = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_false (tess_profile_dir_has_keys (profile));
  g_assert_null (tess_profile_dir_read_keys (profile, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING);
  g_clear_error (&error);
  g_assert_true (tess_profile_dir_write_keys (profile, first, &error));
  g_assert_true (tess_profile_dir_has_keys (profile));
  found = tess_profile_dir_read_keys (profile, &error);
  g_assert_true (g_bytes_equal (found, first));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_clear_pointer (&found, g_bytes_unref);
  g_assert_true (tess_profile_dir_write_keys (profile, second, &error));
  found = tess_profile_dir_read_keys (profile, &error);
  g_assert_true (g_bytes_equal (found, second));

  g_assert_true (g_file_set_contents (path, too_long, -1, NULL));
  g_assert_null (tess_profile_dir_read_keys (profile, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED);
  g_clear_error (&error);
  /* A link in the place of a file is never followed. */
  g_unlink (path);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  g_assert_null (tess_profile_dir_read_keys (profile, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_IO);
  g_assert_true (tess_profile_dir_erase (profile, NULL));
  g_assert_false (tess_profile_dir_has_keys (profile));
}

/* The recovery file is written as the keys are, beside them. */
static void
test_recovery (Fixture *self, gconstpointer data)
{
  g_autoptr (TessProfileDir) profile = open_profile (self->dir, TESS_PROFILE_DIR_CREATE);
  g_autofree char *path = g_build_filename (self->dir, "recovery", NULL);
  g_autofree char *id_path = g_build_filename (self->dir, "profile", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("wrapped\0bytes", 13);
  g_autoptr (GBytes) found = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_false (tess_profile_dir_has_recovery (profile));
  g_assert_null (tess_profile_dir_read_recovery (profile, &error));
  g_assert_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING);
  g_assert_true (tess_profile_dir_write_recovery (profile, bytes, NULL));
  g_assert_true (tess_profile_dir_has_recovery (profile));
  g_assert_false (tess_profile_dir_has_keys (profile));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  found = tess_profile_dir_read_recovery (profile, NULL);
  g_assert_true (g_bytes_equal (found, bytes));
  g_clear_pointer (&profile, tess_profile_dir_close);

  /* A new id would make it another profile's. */
  g_unlink (id_path);
  expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_DAMAGED);
}

static void
test_unsafe (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->dir, "file", NULL);
  g_autofree char *below = g_build_filename (self->dir, "file", "profile", NULL);

  g_assert_cmpint (g_chmod (self->dir, 0770), ==, 0);
  expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_UNSAFE);
  g_assert_cmpint (g_chmod (self->dir, 0707), ==, 0);
  expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_UNSAFE);
  g_assert_cmpint (g_chmod (self->dir, 0700), ==, 0);

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  expect_error (file, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_IO);
  expect_error (below, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_IO);

  if (geteuid () != 0)
    {
      expect_error ("/", TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_UNSAFE);
      g_assert_cmpint (g_chmod (self->dir, 0500), ==, 0);
      expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_READ_ONLY);
      g_assert_cmpint (g_chmod (self->dir, 0700), ==, 0);
    }
  expect_error ("/proc/nowhere", TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_MISSING);
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = { "", "nonsense", "[Profile]\nFormat=1\n", "[Profile]\nFormat=1\nId=xyz\n",
                                       "[Profile]\nFormat=1\nId=00112233445566778899AABBCCDDEEFF\n", "\x01\x02\xff" };
  g_autofree char *path = g_build_filename (self->dir, "profile", NULL);
  g_autofree char *huge = g_strnfill (100000, '#');

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_DAMAGED);
    }
  g_assert_true (g_file_set_contents (path, huge, -1, NULL));
  expect_error (self->dir, TESS_PROFILE_DIR_EXISTING, TESS_STORE_ERROR_DAMAGED);
  g_assert_true (g_file_set_contents (path, "[Profile]\nFormat=2\nId=?\n", -1, NULL));
  expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_NEWER);
  /* A new id beside an old database would lose its keys. */
  g_unlink (path);
  g_assert_true (g_file_set_contents (self->path, "x", 1, NULL));
  expect_error (self->dir, TESS_PROFILE_DIR_CREATE, TESS_STORE_ERROR_DAMAGED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define ADD(name, function) g_test_add ("/store/profile/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("made", test_made);
  ADD ("lock", test_lock);
  ADD ("keys", test_keys);
  ADD ("recovery", test_recovery);
  ADD ("unsafe", test_unsafe);
  ADD ("damaged", test_damaged);
#undef ADD
  return g_test_run ();
}
