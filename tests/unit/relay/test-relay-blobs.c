/* The folder of attachments. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "relay/tess-relay-blobs.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char *folder;

static const uint8_t id[TESS_BLOB_ID_SIZE] = { 1 }, other[TESS_BLOB_ID_SIZE] = { 2 };

static const TessRelayBlobOwner nobody = { 1, 1 };

static TessRelayBlobs *
open_blobs (void)
{
  g_autoptr (GError) error = NULL;
  TessRelayBlobs *blobs = tess_relay_blobs_new (folder, 0, &error);

  g_assert_no_error (error);
  return blobs;
}

static unsigned
count_files (void)
{
  g_autofree char *path = g_build_filename (folder, "blobs", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  unsigned count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

typedef struct {
  bool came;
  bool good;
} Answer;

static void
on_done (bool good, void *data)
{
  *(Answer *) data = (Answer) { true, good };
}

static bool
finish (TessRelayBlobUpload *upload)
{
  Answer answer = { 0 };

  tess_relay_blob_upload_finish (upload, on_done, &answer);
  while (!answer.came)
    g_main_context_iteration (NULL, TRUE);
  return answer.good;
}

static void
store (TessRelayBlobs *blobs, const uint8_t *name, const char *text)
{
  TessRelayBlobUpload *upload = tess_relay_blob_upload_new (blobs, name, strlen (text), nobody);

  g_assert_nonnull (upload);
  g_assert_true (tess_relay_blob_upload_write (upload, text, strlen (text)));
  g_assert_true (finish (upload));
  tess_relay_blob_upload_keep (upload);
  tess_relay_blob_upload_free (upload);
}

static bool
is_there (TessRelayBlobs *blobs, const uint8_t *name, const char *text)
{
  char read_back[64] = "";
  uint64_t size;
  int fd;
  TessRelayResult result = tess_relay_blobs_open (blobs, name, &fd, &size);

  if (result == TESS_RELAY_NOT_FOUND)
    return false;
  g_assert_cmpint (result, ==, TESS_RELAY_OK);
  g_assert_cmpuint (size, ==, strlen (text));
  g_assert_cmpint (read (fd, read_back, sizeof read_back), ==, (ssize_t) size);
  g_assert_cmpmem (read_back, size, text, strlen (text));
  close (fd);
  return true;
}

static void
test_uploads (void)
{
  TessRelayBlobs *blobs = open_blobs ();
  TessRelayBlobUpload *upload;

  store (blobs, id, "sealed");
  g_assert_true (is_there (blobs, id, "sealed"));
  g_assert_false (is_there (blobs, other, ""));
  /* Another one of the same name never takes its place, nor takes it away. */
  upload = tess_relay_blob_upload_new (blobs, id, 5, nobody);
  g_assert_true (tess_relay_blob_upload_write (upload, "other", 5));
  g_assert_false (finish (upload));
  tess_relay_blob_upload_free (upload);
  g_assert_true (is_there (blobs, id, "sealed"));
  /* Too short, too long, the same twice, too many. */
  upload = tess_relay_blob_upload_new (blobs, other, 5, nobody);
  g_assert_null (tess_relay_blob_upload_new (blobs, other, 5, nobody));
  g_assert_true (tess_relay_blob_upload_write (upload, "four", 4));
  g_assert_false (finish (upload));
  g_assert_false (tess_relay_blob_upload_write (upload, "xy", 2));
  tess_relay_blob_upload_free (upload);
  g_assert_cmpuint (count_files (), ==, 1);
  g_assert_null (tess_relay_blob_upload_new (blobs, other, UINT64_MAX / 2, nobody));
  {
    TessRelayBlobUpload *all[TESS_RELAY_UPLOADS_MAX];
    uint8_t name[TESS_BLOB_ID_SIZE] = { 3 };

    for (unsigned i = 0; i < TESS_RELAY_UPLOADS_MAX; i++)
      {
        name[1] = (uint8_t) i;
        all[i] = tess_relay_blob_upload_new (blobs, name, 1, (TessRelayBlobOwner) { 2 + i / 16, 1000 + i });
        g_assert_nonnull (all[i]);
        /* One account, whatever its addresses. */
        if (i == TESS_RELAY_UPLOADS_OF_ONE_MAX - 1)
          g_assert_null (tess_relay_blob_upload_new (blobs, other, 1, (TessRelayBlobOwner) { 2, 1 }));
      }
    g_assert_null (tess_relay_blob_upload_new (blobs, other, 1, nobody));
    for (unsigned i = 0; i < TESS_RELAY_UPLOADS_MAX; i++)
      tess_relay_blob_upload_free (all[i]);
  }
  /* Finished, but its ticket could not be spent. */
  upload = tess_relay_blob_upload_new (blobs, other, 1, nobody);
  g_assert_true (tess_relay_blob_upload_write (upload, "x", 1));
  g_assert_true (finish (upload));
  tess_relay_blob_upload_free (upload);
  g_assert_cmpuint (count_files (), ==, 1);
  tess_relay_blobs_free (blobs);
}

/* Each upload alone would fit, and both would not: the one that began has its room, as long as it lasts. */
static void
test_reserve (void)
{
  g_autoptr (GError) error = NULL;
  TessRelayBlobs *blobs;
  TessRelayBlobUpload *upload, *small;
  struct statvfs info;
  uint64_t space;

  g_assert_no_errno (statvfs (folder, &info));
  space = (uint64_t) info.f_bavail * info.f_frsize;
  /* Others use the disk as well: an eighth of what is free may come and go. */
  blobs = tess_relay_blobs_new (folder, space / 8 * 5, &error);
  g_assert_no_error (error);
  upload = tess_relay_blob_upload_new (blobs, id, space / 4, nobody);
  g_assert_nonnull (upload);
  g_assert_null (tess_relay_blob_upload_new (blobs, other, space / 4, nobody));
  tess_relay_blob_upload_free (upload);
  upload = tess_relay_blob_upload_new (blobs, other, space / 4, nobody);
  g_assert_nonnull (upload);
  tess_relay_blob_upload_free (upload);
  /* Nothing of what came or did not come stays promised. */
  for (unsigned i = 0; i < 2; i++)
    {
      small = tess_relay_blob_upload_new (blobs, other, 4, nobody);
      g_assert_true (tess_relay_blob_upload_write (small, "four", i == 0 ? 4 : 2));
      g_assert_true (finish (small) == (i == 0));
      tess_relay_blob_upload_free (small);
    }
  upload = tess_relay_blob_upload_new (blobs, id, space / 4, nobody);
  g_assert_nonnull (upload);
  tess_relay_blob_upload_free (upload);
  tess_relay_blobs_free (blobs);
}

static void
sweep_and_wait (TessRelayBlobs *blobs, int64_t now, unsigned expected)
{
  tess_relay_blobs_sweep (blobs, now);
  /* What the thread says when it is done is all that there is to dispatch; a sweep that is asked for before that is none. */
  while (!g_main_context_iteration (NULL, TRUE))
    ;
  g_assert_cmpuint (count_files (), ==, expected);
}

static void
test_sweep (void)
{
  TessRelayBlobs *blobs = open_blobs ();
  TessRelayBlobUpload *upload;
  int64_t now = tess_clock_now ();

  g_assert_cmpuint (count_files (), ==, 1);
  tess_clock_set_offset (10);
  store (blobs, other, "younger");
  tess_clock_set_offset (0);
  sweep_and_wait (blobs, now + TESS_BLOB_KEEP - 60, 2);
  sweep_and_wait (blobs, now + TESS_BLOB_KEEP + 5, 1);
  g_assert_true (is_there (blobs, other, "younger"));
  upload = tess_relay_blob_upload_new (blobs, id, 1, nobody);
  sweep_and_wait (blobs, now + 2 * TESS_BLOB_KEEP, 1);
  tess_relay_blob_upload_free (upload);
  g_assert_cmpuint (count_files (), ==, 0);
  tess_relay_blobs_free (blobs);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("blobs-XXXXXX", NULL);
  g_test_add_func ("/relay/blobs/uploads", test_uploads);
  g_test_add_func ("/relay/blobs/reserve", test_reserve);
  g_test_add_func ("/relay/blobs/sweep", test_sweep);
  result = g_test_run ();
  g_autofree char *path = g_build_filename (folder, "blobs", NULL);
  g_rmdir (path);
  g_rmdir (folder);
  g_free (folder);
  return result;
}
