/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-sqlite-memory.h"

#include <limits.h>
#include <malloc.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static void *
take (int size)
{
  return malloc ((size_t) size);
}

static int
size_of (void *memory)
{
  return (int) malloc_usable_size (memory);
}

static void
give (void *memory)
{
  if (memory == NULL)
    return;
  sodium_memzero (memory, malloc_usable_size (memory));
  free (memory);
}

/* Never by realloc (), which may leave the old place behind as it is. Nor does it grow in place, as realloc () would: what grows
 * once may go on to (the rows of a word that is searched for, eight at a time), and gets room for that. */
static void *
resize (void *memory, int size)
{
  size_t old_size = malloc_usable_size (memory);
  size_t room = (size_t) size > old_size && size < INT_MAX / 2 ? (size_t) size + (size_t) size / 2 : (size_t) size;
  void *larger;

  if ((size_t) size <= old_size && (size_t) size > old_size / 2)
    return memory;
  larger = malloc (room);
  if (larger == NULL)
    return NULL;
  memcpy (larger, memory, MIN (old_size, (size_t) size));
  give (memory);
  return larger;
}

static int
round_up (int size)
{
  return (size + 15) & ~15;
}

static int
start (void *data)
{
  return SQLITE_OK;
}

static void
stop (void *data)
{
}

static gpointer
configure (gpointer data)
{
  static const sqlite3_mem_methods methods = { take, give, resize, size_of, round_up, start, stop, NULL };

  /* Each temporary table that a statement needs would else take room for 20 pages, all of it wiped when it goes. */
  return GINT_TO_POINTER (sqlite3_config (SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK
                          && sqlite3_config (SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) == SQLITE_OK);
}

bool
tess_sqlite_wipes_memory (void)
{
  static GOnce once = G_ONCE_INIT;

  return GPOINTER_TO_INT (g_once (&once, configure, NULL)) != 0;
}
