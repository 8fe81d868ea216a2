/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core-fixture.h"

#include <gio/gio.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
test_until (TestHolds holds, gpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  guint source = g_timeout_add (20, tick, NULL);

  while (!holds (data) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_true (holds (data));
}

static bool
is_settled (gpointer data)
{
  return !dex_future_is_pending (data);
}

DexFuture *
test_settle (DexFuture *future)
{
  test_until (is_settled, future);
  return future;
}

void
test_done (DexFuture *future)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;

  dex_future_get_value (settled, &error);
  g_assert_no_error (error);
}

gpointer
test_object (DexFuture *future)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (settled, &error);

  g_assert_no_error (error);
  return g_value_dup_object (value);
}

char *
test_string (DexFuture *future)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (settled, &error);

  g_assert_no_error (error);
  return g_value_dup_string (value);
}

int
test_int (DexFuture *future)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (settled, &error);

  g_assert_no_error (error);
  return g_value_get_int (value);
}

void
test_rejects (DexFuture *future, GQuark domain, int code)
{
  g_autoptr (DexFuture) settled = test_settle (future);
  g_autoptr (GError) error = NULL;

  dex_future_get_value (settled, &error);
  g_assert_error (error, domain, code);
}

char *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("tessera-core-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_tree (GFile *file)
{
  g_autoptr (GFileEnumerator) children = g_file_enumerate_children (file, "standard::name", G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS,
                                                                    NULL, NULL);
  GFile *child = NULL;

  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_tree (child);
  g_file_delete (file, NULL, NULL);
}

void
test_folder_remove (char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  remove_tree (file);
  g_free (path);
}
