/* The memory that SQLCipher works in. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-sqlite-memory.h"

#include <sqlite3.h>
#include <string.h>

/* FTS5 collects the rows of a word by growing their array eight at a time. Copied each time, with 250,000 of them a search would
 * take longer over that than over all the rest. */
static void
test_grows (void)
{
  const int step = 64, end = 1 << 20;
  char *block = sqlite3_malloc (step);
  unsigned moves = 0;

  for (int size = step; size < end; size += step)
    {
      char *before = block;

      memset (block + size - step, size / step, step);
      block = sqlite3_realloc (block, size + step);
      g_assert_nonnull (block);
      moves += block != before;
    }
  for (int size = step; size < end; size += step)
    g_assert_cmpint (block[size - 1], ==, (char) (size / step));
  g_assert_cmpuint (moves, <, 64);
  sqlite3_free (block);
}

/* What is made small gives its room back, and keeps what it holds. */
static void
test_shrinks (void)
{
  char *block = sqlite3_malloc (1 << 16);

  memset (block, 7, 1 << 16);
  block = sqlite3_realloc (block, 100);
  g_assert_cmpuint (sqlite3_msize (block), <, 1 << 12);
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpint (block[i], ==, 7);
  sqlite3_free (block);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (tess_sqlite_wipes_memory ());
  g_assert_cmpint (sqlite3_initialize (), ==, SQLITE_OK);
  g_test_add_func ("/store/memory/grows", test_grows);
  g_test_add_func ("/store/memory/shrinks", test_shrinks);
  return g_test_run ();
}
