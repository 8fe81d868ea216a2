/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "wraps.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* When every history begins. */
#define START 1800000000

/* A person as everybody starts: made once a process, out of a seed of its own, and copied from then on. */
typedef struct {
  TessIdentity *us;
  GBytes *image;
  GBytes *older_list;
  GBytes *prekey;
  GPtrArray *one_time;
} Template;

static Template templates[PEOPLE_MAX];
static const char *const names[PEOPLE_MAX] = { "Alice", "Bob", "Carol", "Dave", "Erin" };

/* The history so far, for whoever dies in it: plain memory, for it is printed by a signal handler too. */
static char *trace;
static gsize trace_size;
static guint32 trace_seed;

static void
print_trace (void)
{
  if (trace == NULL)
    return;
  for (const char *line = trace; *line != '\0';)
    {
      const char *end = strchr (line, '\n');

      printf ("# %.*s\n", (int) (end - line), line);
      line = end + 1;
    }
  printf ("# Replay with: TESSERA_SEED=%u ./dev test property\n", trace_seed);
  fflush (stdout);
}

static void
on_abort (int number)
{
  print_trace ();
  signal (number, SIG_DFL);
  raise (number);
}

void
world_note (World *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  gsize size;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  size = strlen (line);
  trace = g_realloc (trace, trace_size + size + 2);
  memcpy (trace + trace_size, line, size);
  memcpy (trace + trace_size + size, "\n", 2);
  trace_size += size + 1;
}

void
world_fail (World *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  world_note (self, "FAILED: %s", message);
  abort ();
}

guint
world_below (World *self, guint bound)
{
  return (guint) g_rand_int_range (self->choices, 0, (gint32) bound);
}

bool
world_chance (World *self, guint bound)
{
  return world_below (self, bound) == 0;
}

guint
world_somebody (World *self)
{
  return world_below (self, self->n);
}

guint
world_other (World *self, guint one)
{
  return (one + 1 + world_below (self, self->n - 1)) % self->n;
}

void
world_harm (World *self, guint a, guint b, unsigned harm)
{
  self->harm[a][b] |= harm;
  self->harm[b][a] |= harm;
}

void
world_harm_all (World *self, guint who, unsigned harm)
{
  for (guint i = 0; i < self->n; i++)
    if (i != who)
      world_harm (self, who, i, harm);
}

/* The same account with its device list under a higher version: everybody here has once changed it. */
static void
raise_list (Template *template)
{
  TessIdentity *us = template->us;
  TessDeviceList list;
  g_auto (TessSignSecret) account = { 0 };
  g_autoptr (GError) error = NULL;

  tess_device_list_parse (g_bytes_get_data (us->device_list, NULL), g_bytes_get_size (us->device_list), &list, &error);
  g_assert_no_error (error);
  memcpy (account.bytes, us->secrets->account.bytes, 32);
  memcpy (account.bytes + 32, us->us.account.bytes, 32);
  list.version++;
  template->older_list = us->device_list;
  us->device_list = tess_device_list_sign (&list, account.bytes, &error);
  g_assert_no_error (error);
}

static void
make_templates (void)
{
  GRand *random = g_rand_new_with_seed (1);

  wraps_set_random (random);
  wraps_set_clock (START);
  for (guint i = 0; i < PEOPLE_MAX; i++)
    {
      Template *template = &templates[i];
      PartyUpload upload = { .left = 0 };
      g_autoptr (Party) party = party_new (names[i]);

      party_run (party, party_upload, &upload);
      template->us = tess_identity_ref (party->us);
      raise_list (template);
      template->image = party_image (party);
      template->prekey = upload.prekey;
      template->one_time = upload.one_time;
    }
  wraps_set_random (NULL);
  g_rand_free (random);
}

static void
person_init (Person *self, const Template *template, const char *name)
{
  g_strlcpy (self->name, name, sizeof self->name);
  self->party = party_new_from (template->us, template->image);
  self->mailbox = g_ptr_array_new_with_free_func ((GDestroyNotify) mail_unref);
  self->delivered = g_ptr_array_new_with_free_func ((GDestroyNotify) mail_unref);
  self->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) mail_unref);
  self->deposits = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->one_time = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->issued = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->older_list = template->older_list;
  g_ptr_array_add (self->records, g_bytes_ref (template->prekey));
  for (guint i = 0; i < template->one_time->len; i++)
    g_ptr_array_add (self->one_time, g_bytes_ref (g_ptr_array_index (template->one_time, i)));
}

static void
person_clear (Person *self)
{
  party_free (self->party);
  g_ptr_array_unref (self->mailbox);
  g_ptr_array_unref (self->delivered);
  g_ptr_array_unref (self->opened);
  g_hash_table_unref (self->deposits);
  g_ptr_array_unref (self->records);
  g_ptr_array_unref (self->one_time);
  g_ptr_array_unref (self->issued);
}

static void
said_free (gpointer data)
{
  g_free (((Said *) data)->text);
  g_free (data);
}

void
world_init (World *self, guint32 seed, guint n)
{
  memset (self, 0, sizeof *self);
  wraps_forget_keys ();
  if (templates[0].us == NULL)
    {
      make_templates ();
      signal (SIGABRT, on_abort);
      signal (SIGTRAP, on_abort);
      signal (SIGSEGV, on_abort);
    }
  g_clear_pointer (&trace, g_free);
  trace_size = 0;
  trace_seed = self->seed = seed;
  self->choices = g_rand_new_with_seed (seed);
  self->bytes = g_rand_new_with_seed (~seed);
  self->clock = START;
  self->n = n;
  self->said = g_ptr_array_new_with_free_func (said_free);
  self->texts = g_hash_table_new (g_str_hash, g_str_equal);
  wraps_set_clock (self->clock);
  wraps_set_random (self->bytes);
  for (guint i = 0; i < n; i++)
    person_init (&self->people[i], &templates[i], names[i]);
}

void
world_clear (World *self)
{
  for (guint i = 0; i < self->n; i++)
    person_clear (&self->people[i]);
  g_hash_table_unref (self->texts);
  g_ptr_array_unref (self->said);
  wraps_set_random (NULL);
  g_rand_free (self->choices);
  g_rand_free (self->bytes);
}

void
world_pass_time (World *self, int64_t seconds)
{
  self->clock += seconds;
  wraps_set_clock (self->clock);
}

bool
world_try (World *self, guint who, PartyJob job, gpointer data)
{
  Party *party = self->people[who].party;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  bool fails = !self->is_settling && world_chance (self, 12), done;

  if (fails)
    {
      before = party_state (party);
      if (world_chance (self, 3))
        wraps_fail_random (1 + world_below (self, 6));
      else
        tess_db_fail_write (party->db, 1 + world_below (self, 16));
    }
  done = party_try (party, job, data, &error);
  wraps_fail_random (0);
  tess_db_fail_write (party->db, 0);
  if (done)
    return true;
  if (!fails)
    world_fail (self, "a job of %s failed by itself: %s", self->people[who].name, error->message);
  world_note (self, "  … which failed: %s", error->message);
  after = party_state (party);
  if (strcmp (before, after) != 0)
    world_fail (self, "a failed job of %s left something behind", self->people[who].name);
  return false;
}

guint
world_find_account (World *self, const uint8_t account[static 32])
{
  guint i = 0;

  while (i < self->n && memcmp (self->people[i].party->us->us.account.bytes, account, 32) != 0)
    i++;
  return i < self->n ? i : PEOPLE_MAX;
}

guint
world_find_device (World *self, const uint8_t device[static 32])
{
  guint i = 0;

  while (i < self->n && memcmp (self->people[i].party->us->us.device.bytes, device, 32) != 0)
    i++;
  return i < self->n ? i : PEOPLE_MAX;
}

void
world_look_up (World *self, guint who)
{
  Person *person = &self->people[who];
  g_autoptr (TessQuery) query
    = tess_db_query (person->party->db, "SELECT c.account, c.id, v.id FROM contacts c JOIN conversations v ON v.contact = c.id");

  memset (person->contacts, 0, sizeof person->contacts);
  memset (person->chats, 0, sizeof person->chats);
  while (tess_query_next (query))
    {
      uint8_t account[32];
      guint other;

      tess_query_copy (query, account, sizeof account);
      other = world_find_account (self, account);
      if (other == PEOPLE_MAX || other == who)
        world_fail (self, "%s has a contact that is nobody", person->name);
      person->contacts[other] = tess_query_int (query);
      person->chats[other] = tess_query_int (query);
    }
}

char *
world_make_text (World *self, guint from, guint to, gsize size)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "#%u %s to %s ", self->said->len, self->people[from].name, self->people[to].name);
  while (text->len < size)
    g_string_append_c (text, (char) ('a' + text->len % 26));
  return g_string_free_and_steal (text);
}

Said *
world_said (World *self, guint from, guint to, const char *text)
{
  Said *said = g_new0 (Said, 1);

  said->number = self->said->len;
  said->from = from;
  said->to = to;
  said->text = g_strdup (text);
  g_ptr_array_add (self->said, said);
  g_hash_table_insert (self->texts, said->text, said);
  return said;
}

Mail *
mail_ref (Mail *mail)
{
  g_ref_count_inc (&mail->count);
  return mail;
}

void
mail_unref (Mail *mail)
{
  if (!g_ref_count_dec (&mail->count))
    return;
  g_bytes_unref (mail->envelope);
  g_free (mail);
}
