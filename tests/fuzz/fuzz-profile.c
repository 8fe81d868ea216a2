/* A profile's folder with damaged files: the `profile` file that names it, and the wrapped `keys`. Whatever stands there,
 * opening gives a profile with a good id or an error, touches neither file, and reads back the keys as they are or refuses them
 * as too long. Input: which file, then its content (kind 2: so many KiB of it).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "store/tess-profile-dir.h"
#include "store/tess-store-error.h"

#include <glib/gstdio.h>
#include <string.h>

static const char good_profile[] = "[Profile]\nFormat=1\nId=000102030405060708090a0b0c0d0e0f\n";

static const char *
folder (void)
{
  static char *path;

  if (path == NULL)
    path = g_dir_make_tmp ("tessera-fuzz-XXXXXX", NULL);
  return path;
}

static void
put_file (const char *name, gconstpointer data, size_t size)
{
  g_autofree char *path = g_build_filename (folder (), name, NULL);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  fclose (file);
}

static void
check_file (const char *name, gconstpointer data, size_t size)
{
  g_autofree char *path = g_build_filename (folder (), name, NULL);
  g_autofree char *now = NULL;
  gsize now_size = 0;

  g_assert_true (g_file_get_contents (path, &now, &now_size, NULL));
  g_assert_cmpmem (now, now_size, data, size);
}

static void
check_keys (TessProfileDir *profile, const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) keys = tess_profile_dir_read_keys (profile, &error);

  fuzz_check_error (error, keys == NULL, TESS_STORE_ERROR);
  g_assert_cmpint (keys != NULL, ==, size <= TESS_KEYS_FILE_MAX);
  if (keys != NULL)
    g_assert_cmpmem (g_bytes_get_data (keys, NULL), g_bytes_get_size (keys), data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (TessProfileDir) profile = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *long_one = NULL;
  const uint8_t *content = data + MIN (size, 1), *keys = content;
  size_t content_size = size - MIN (size, 1), keys_size = content_size;
  uint8_t kind = size > 0 ? data[0] % 3 : 0, id[16];
  const char *named = kind == 0 ? (const char *) content : good_profile;
  size_t named_size = kind == 0 ? content_size : strlen (good_profile);

  if (kind == 2)
    {
      keys_size = (content_size > 0 ? content[0] % 68 : 0) * 1024u + (content_size > 1 ? content[1] % 2 : 0);
      keys = long_one = g_malloc0 (keys_size + 1);
    }
  put_file ("profile", named, named_size);
  put_file ("keys", keys, keys_size);
  profile = tess_profile_dir_open (folder (), TESS_PROFILE_DIR_CREATE, &error);
  fuzz_check_error (error, profile == NULL, TESS_STORE_ERROR);
  check_file ("profile", named, named_size);
  check_file ("keys", keys, keys_size);
  if (profile == NULL)
    {
      g_assert_true (error->code == TESS_STORE_ERROR_DAMAGED || error->code == TESS_STORE_ERROR_NEWER);
      return 0;
    }
  g_assert_true (tess_hex_decode (tess_profile_dir_id (profile), id, sizeof id));
  check_keys (profile, keys, keys_size);
  return 0;
}
