/* The parent's side: gathers what the child tells, then looks through the child's memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "watch.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROLE 32
#define PIECE 8           /* bytes that are looked for: half a secret left over is one too */
#define TABLE_BITS 21
#define FILTER_BITS 24
#define CHUNK (1u << 20)
#define LINES_MAX 60

typedef struct {
  uint64_t piece; /* 0: free */
  uint32_t name;  /* in @names: "role (form)" */
  uint16_t at;    /* of the secret's bytes */
  bool public;
} Needle;

typedef struct {
  Needle *table;
  uint8_t *filter;
  unsigned n;
  GPtrArray *names;
  GHashTable *name_ids;
} Haystack;

static uint64_t
mix (uint64_t piece)
{
  return piece * 0x9e3779b97f4a7c15u;
}

static bool
is_telling (const uint8_t *bytes)
{
  unsigned distinct = 0;
  bool seen[256] = { false };

  for (unsigned i = 0; i < PIECE; i++)
    {
      distinct += !seen[bytes[i]];
      seen[bytes[i]] = true;
    }
  return distinct >= 5;
}

static void
add_piece (Haystack *self, const uint8_t *bytes, uint32_t name, size_t at)
{
  uint64_t piece;
  size_t slot;

  if (!is_telling (bytes))
    return;
  memcpy (&piece, bytes, sizeof piece);
  slot = mix (piece) >> (64 - TABLE_BITS);
  while (self->table[slot].piece != 0 && self->table[slot].piece != piece)
    slot = (slot + 1) & ((1u << TABLE_BITS) - 1);
  if (self->table[slot].piece == piece)
    return;
  self->table[slot] = (Needle) { piece, name, (uint16_t) at };
  self->filter[(mix (piece) >> (64 - FILTER_BITS)) / 8] |= 1u << (mix (piece) >> (64 - FILTER_BITS)) % 8;
  g_assert (++self->n < (1u << TABLE_BITS) / 2);
}

static void
add_needle (const char *role, const char *form, const void *bytes, size_t size, void *data)
{
  Haystack *self = data;
  g_autofree char *name = g_strdup_printf ("%s (%s)", role, form);
  gpointer id;

  if (!g_hash_table_lookup_extended (self->name_ids, name, NULL, &id))
    {
      id = GUINT_TO_POINTER (self->names->len);
      g_hash_table_insert (self->name_ids, g_strdup (name), id);
      g_ptr_array_add (self->names, g_strdup (name));
    }
  for (size_t at = 0; at + PIECE <= size; at += PIECE)
    add_piece (self, (const uint8_t *) bytes + at, GPOINTER_TO_UINT (id), at);
}

static const Needle *
find (const Haystack *self, const uint8_t *bytes)
{
  uint64_t piece, hash;
  size_t slot;

  memcpy (&piece, bytes, sizeof piece);
  hash = mix (piece);
  if (G_LIKELY ((self->filter[(hash >> (64 - FILTER_BITS)) / 8] & 1u << (hash >> (64 - FILTER_BITS)) % 8) == 0))
    return NULL;
  for (slot = hash >> (64 - TABLE_BITS); self->table[slot].piece != 0; slot = (slot + 1) & ((1u << TABLE_BITS) - 1))
    {
      if (self->table[slot].piece == piece)
        return &self->table[slot];
    }
  return NULL;
}

/* What @bytes hold, wherever it starts, is public. */
static void
forget_pieces (Haystack *self, const uint8_t *bytes, size_t size)
{
  for (size_t at = 0; at + PIECE <= size; at++)
    {
      Needle *needle = (Needle *) find (self, bytes + at);

      if (needle != NULL)
        needle->public = true;
    }
}

/* Reads the child's secrets until it says that it is done, or has to be looked at. */
static bool
gather (FILE *from, Haystack *haystack, WatchResult *result)
{
  for (;;)
    {
      char role[ROLE];
      uint32_t size;
      g_autofree uint8_t *bytes = NULL;

      if (fread (role, 1, sizeof role, from) != sizeof role || fread (&size, 1, sizeof size, from) != sizeof size)
        return false;
      bytes = g_malloc (size + 1);
      if (fread (bytes, 1, size, from) != size)
        return false;
      if (g_str_equal (role, "done"))
        return true;
      if (g_str_equal (role, "checkpoint"))
        {
          bytes[size] = '\0';
          g_free (result->checkpoint);
          result->checkpoint = g_steal_pointer ((char **) &bytes);
          return true;
        }
      if (g_str_equal (role, "public"))
        {
          forget_pieces (haystack, bytes, size);
          continue;
        }
      result->secrets++;
      watch_derive (role, bytes, size, add_needle, haystack);
    }
}

static bool
is_allowed (const WatchAllowed *allowed, const char *where, const char *name)
{
  for (; allowed != NULL && allowed->where != NULL; allowed++)
    {
      if (g_str_has_prefix (where, allowed->where) && g_str_has_prefix (name, allowed->role))
        return true;
    }
  return false;
}

typedef struct {
  const Haystack *haystack;
  const WatchAllowed *allowed;
  WatchResult *result;
  const char *where;
  uint64_t start, end; /* of the mapping */
  bool guarded;
  uint64_t last;       /* the place before, whose next piece is no new place */
} Look;

static void
note (Look *look, uint64_t address, const Needle *needle)
{
  const char *name = g_ptr_array_index (look->haystack->names, needle->name);
  bool allowed = is_allowed (look->allowed, look->where, name) || (look->result->checkpoint != NULL && look->guarded);
  bool goes_on = address - look->last <= PIECE;

  look->last = address;
  if (goes_on)
    return;
  *(allowed ? &look->result->allowed : &look->result->found) += 1;
  if (!allowed && look->result->found <= LINES_MAX)
    g_string_append_printf (look->result->report,
                            "%s: %s, byte %u: in %s, %#" G_GINT64_MODIFIER "x from its start, %#" G_GINT64_MODIFIER
                            "x from its end\n",
                            look->result->checkpoint != NULL ? look->result->checkpoint : "at the end", name, needle->at,
                            look->where, address - look->start, look->end - address);
}

static void
look_through_mapping (Look *look, int memory)
{
  g_autofree uint8_t *chunk = g_malloc (CHUNK + PIECE);

  for (uint64_t at = look->start; at < look->end; at += CHUNK)
    {
      ssize_t got = pread (memory, chunk, MIN (CHUNK + PIECE - 1, look->end - at), (off_t) at);

      g_assert_cmpint (got, >=, MIN ((ssize_t) CHUNK, (ssize_t) (look->end - at)));
      look->result->bytes += MIN (CHUNK, look->end - at);
      for (ssize_t i = 0; i + PIECE <= got && i < (ssize_t) CHUNK; i++)
        {
          const Needle *needle = find (look->haystack, chunk + i);

          if (G_UNLIKELY (needle != NULL) && !needle->public)
            note (look, at + (uint64_t) i, needle);
        }
    }
}

typedef struct {
  uint64_t start, end;
  char rights[5];
  const char *name;
} Mapping;

static GArray *
parse_mappings (char **lines)
{
  GArray *mappings = g_array_new (FALSE, TRUE, sizeof (Mapping));

  for (; *lines != NULL; lines++)
    {
      Mapping mapping = { .name = "anonymous" };
      int name = 0;

      if (sscanf (*lines, "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x %4s %*s %*s %*s %n", &mapping.start, &mapping.end,
                  mapping.rights, &name) < 3)
        continue;
      if (name > 0 && (*lines)[name] != '\0')
        mapping.name = *lines + name;
      g_array_append_val (mappings, mapping);
    }
  return mappings;
}

/* Between two pages that nobody may touch, as libsodium lays secret memory out. */
static bool
is_guarded (const GArray *mappings, guint i)
{
  const Mapping *all = (const Mapping *) (void *) mappings->data;

  return i > 0 && i + 1 < mappings->len && all[i - 1].end == all[i].start && all[i - 1].rights[0] == '-' &&
         all[i].end == all[i + 1].start && all[i + 1].rights[0] == '-';
}

static void
look_through (pid_t child, const Haystack *haystack, const WatchAllowed *allowed, WatchResult *result)
{
  g_autofree char *maps_path = g_strdup_printf ("/proc/%d/maps", child);
  g_autofree char *memory_path = g_strdup_printf ("/proc/%d/mem", child);
  g_autofree char *maps = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GArray) mappings = NULL;
  int memory = open (memory_path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (memory, >=, 0);
  g_assert_true (g_file_get_contents (maps_path, &maps, NULL, NULL));
  lines = g_strsplit (maps, "\n", -1);
  mappings = parse_mappings (lines);
  for (guint i = 0; i < mappings->len; i++)
    {
      const Mapping *mapping = &g_array_index (mappings, Mapping, i);
      Look look = { haystack, allowed, result, mapping->name, mapping->start, mapping->end, is_guarded (mappings, i), 0 };

      /* What cannot be written to was never a place for a secret. */
      if (g_str_has_prefix (mapping->rights, "rw"))
        look_through_mapping (&look, memory);
    }
  close (memory);
}

static G_GNUC_NORETURN void
be_child (void (*flow) (void *data), void *data, int pipe_end, int control)
{
  char byte;

  watch_pipe = pipe_end;
  watch_control = control;
  flow (data);
  watch_secret ("done", NULL, 0);
  while (read (control, &byte, 1) > 0)
    ;
  _exit (0);
}

void
watch_run (void (*flow) (void *data), void *data, const WatchAllowed *allowed, WatchResult *result_out)
{
  Haystack haystack = {
    .table = g_new0 (Needle, 1u << TABLE_BITS),
    .filter = g_malloc0 ((1u << FILTER_BITS) / 8),
    .names = g_ptr_array_new_with_free_func (g_free),
    .name_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
  int secrets[2], control[2], status;
  FILE *from;
  pid_t child;

  *result_out = (WatchResult) { .report = g_string_new (NULL) };
  g_assert_cmpint (pipe (secrets), ==, 0);
  g_assert_cmpint (pipe (control), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (secrets[0]);
      close (control[1]);
      be_child (flow, data, secrets[1], control[0]);
    }
  close (secrets[1]);
  close (control[0]);
  from = fdopen (secrets[0], "r");
  while (gather (from, &haystack, result_out))
    {
      look_through (child, &haystack, allowed, result_out);
      if (result_out->checkpoint == NULL)
        break;
      g_clear_pointer (&result_out->checkpoint, g_free);
      g_assert_cmpint (write (control[1], "", 1), ==, 1);
    }
  fclose (from);
  close (control[1]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (result_out->bytes, >, 0);
  g_hash_table_unref (haystack.name_ids);
  g_ptr_array_unref (haystack.names);
  g_free (haystack.filter);
  g_free (haystack.table);
}

void
watch_result_clear (WatchResult *self)
{
  if (self->report != NULL)
    g_string_free (self->report, TRUE);
  self->report = NULL;
  g_clear_pointer (&self->checkpoint, g_free);
}

void
watch_expect_clean (void (*flow) (void *data), void *data, const WatchAllowed *allowed, unsigned secrets_min)
{
  g_auto (WatchResult) result = { 0 };

  watch_run (flow, data, allowed, &result);
  g_test_message ("%u secrets, %zu KiB of memory, %u places allowed", result.secrets, result.bytes / 1024, result.allowed);
  if (result.found > 0)
    g_test_message ("%u places:\n%s", result.found, result.report->str);
  g_assert_cmpuint (result.secrets, >=, secrets_min);
  g_assert_cmpuint (result.found, ==, 0);
}
