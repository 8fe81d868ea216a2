/* The main of a fuzz target in an ordinary build: runs it over its corpus and over what is derived from that, and speaks TAP.
 *
 *     fuzz-NAME [--derived N] FOLDER | FILE…
 *
 * Of each file: itself; with a byte more; cut off at every length; every byte changed: at most N of the last two together, spread
 * evenly.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DERIVED_USUAL 400

/* What is being run, for whoever reads of its end. */
static char running[512];

static void
on_abort (int number)
{
  ssize_t ignored = write (STDOUT_FILENO, running, strnlen (running, sizeof running));

  (void) ignored;
}

/* Runs a copy that is exactly as large as its content. */
static void
run (const char *name, const char *how, size_t at, const uint8_t *data, size_t size)
{
  g_autofree uint8_t *copy = g_malloc (MAX (size, 1));

  g_snprintf (running, sizeof running, "Bail out! %s, %s %zu\n", name, how, at);
  if (size > 0)
    memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
}

static void
replay (const char *name, const uint8_t *data, size_t size, unsigned derived)
{
  size_t step = MAX (1, 2 * size / MAX (derived, 1));
  g_autofree uint8_t *changed = g_malloc (size + 1);

  run (name, "as it is, byte", size, data, size);
  memcpy (changed, data, size);
  changed[size] = 0;
  run (name, "with a byte more at", size, changed, size + 1);
  for (size_t at = 0; derived > 0 && at < size; at += step)
    run (name, "cut off at", at, data, at);
  for (size_t at = 0; derived > 0 && at < size; at += step)
    {
      memcpy (changed, data, size);
      changed[at] ^= (uint8_t) (1u << (at % 8));
      run (name, "with another byte at", at, changed, size);
    }
}

/* The files to run, in order: those of a folder, or the ones named. */
static GPtrArray *
find_files (char **paths)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);

  for (; *paths != NULL; paths++)
    {
      g_autoptr (GDir) folder = g_dir_open (*paths, 0, NULL);
      const char *name;

      if (folder == NULL)
        g_ptr_array_add (files, g_strdup (*paths));
      while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
        g_ptr_array_add (files, g_build_filename (*paths, name, NULL));
    }
  g_ptr_array_sort_values (files, (GCompareFunc) g_strcmp0);
  return files;
}

int
main (int argc, char **argv)
{
  unsigned derived = DERIVED_USUAL;
  g_autoptr (GPtrArray) files = NULL;
  char **paths = argv + 1;

  if (argc > 2 && g_str_equal (argv[1], "--derived"))
    {
      derived = (unsigned) g_ascii_strtoull (argv[2], NULL, 10);
      paths += 2;
    }
  signal (SIGABRT, on_abort);
  LLVMFuzzerInitialize (&argc, &argv);
  files = find_files (paths);
  printf ("TAP version 13\n1..%u\n", files->len + 1);
  fflush (stdout);
  run ("nothing", "byte", 0, NULL, 0);
  printf ("ok 1 - nothing\n");
  fflush (stdout);
  for (unsigned i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *data = NULL;
      gsize size = 0;

      if (!g_file_get_contents (path, &data, &size, NULL))
        {
          printf ("Bail out! %s cannot be read\n", path);
          return EXIT_FAILURE;
        }
      replay (name, (const uint8_t *) data, size, derived);
      printf ("ok %u - %s\n", i + 2, name);
      fflush (stdout);
    }
  return EXIT_SUCCESS;
}
