/* The links and the directory against a real relay process: two people, one mailbox each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-deposit-link.h"
#include "net/tess-directory.h"
#include "net/tess-mailbox-link.h"
#include "wire-fixtures.h"

#include "base/tess-clock.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

static const char *relay_program;

/* A relay on a port of its own, with its data in a directory that goes with it. */
typedef struct {
  GSubprocess *process;
  char *data;
  char *origin;
} Relay;

static void
relay_start (Relay *self, const char *listen)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  if (self->data == NULL)
    self->data = g_dir_make_tmp ("tessera-relay-XXXXXX", NULL);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, relay_program, "--listen", listen, "--data",
                                    self->data,
                                    NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  g_free (self->origin);
  self->origin = g_strdup (line + strlen ("listening on "));
}

static void
relay_stop (Relay *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

static void
relay_clear (Relay *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->data, 0, NULL);
  const char *name = NULL;

  relay_stop (self);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->data, name, NULL);

      g_remove (path);
    }
  g_rmdir (self->data);
  g_free (self->data);
  g_free (self->origin);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Relay, relay_clear)

typedef struct {
  FixtureKey account;
  FixtureKey device;
  uint8_t contact[TESS_CAPABILITY_SIZE];
  uint8_t request[TESS_CAPABILITY_SIZE];
  uint64_t sequences[16];
  GBytes *mails[16];
  TessMailClass classes[16];
  unsigned count;
} Person;

static void
person_init (Person *self)
{
  *self = (Person) { .account = fixture_key (1), .device = fixture_key (100) };
  memset (self->contact, 7, sizeof self->contact);
  memset (self->request, 8, sizeof self->request);
}

static void
person_clear (Person *self)
{
  for (unsigned i = 0; i < self->count; i++)
    g_bytes_unref (self->mails[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Person, person_clear)

static bool
sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin, uint8_t signature_out[static TESS_SIGNATURE_SIZE],
      void *data)
{
  tess_relay_auth_sign (nonce, origin, ((Person *) data)->device.secret, signature_out);
  return true;
}

static void
mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
  Person *person = data;

  g_assert_cmpuint (person->count, <, G_N_ELEMENTS (person->mails));
  person->sequences[person->count] = sequence;
  person->classes[person->count] = class;
  person->mails[person->count++] = g_bytes_ref (envelope);
}

static const TessMailboxHandlers handlers = { sign, mail, NULL };

static TessMailboxLink *
person_connect (Person *person, const char *origin, TessMailboxReady *ready_out)
{
  TessMailboxLink *link = tess_mailbox_link_new (origin, person->device.public, &handlers, person);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessMailboxReady) ready = dex_await_boxed (tess_mailbox_link_connect (link), &error);

  g_assert_no_error (error);
  *ready_out = *ready;
  return link;
}

static void
person_register (Person *person, TessMailboxLink *link)
{
  g_autoptr (GBytes) list = fixture_device_list_bytes (&person->account, 1);
  TessPrekeyRecord record = fixture_prekey (&person->device);
  g_autoptr (GBytes) prekey = NULL;
  g_autoptr (GPtrArray) one_time = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;

  record.created = (uint64_t) tess_clock_now ();
  record.expires = record.created + TESS_PREKEY_LIFETIME_MAX;
  prekey = tess_prekey_record_sign (&record, person->device.secret, NULL);
  for (unsigned i = 0; i < TESS_ONE_TIME_UPLOAD; i++)
    g_ptr_array_add (one_time, fixture_one_time_bytes (&person->device, i + 1));
  g_assert_cmpuint (dex_await_uint (tess_mailbox_link_register (link, list, prekey, one_time, NULL), &error), ==, 100);
  g_assert_no_error (error);
  g_assert_true (dex_await_boolean (tess_mailbox_link_capabilities (link, person->contact, person->request), &error));
  g_assert_no_error (error);
}

static TessDepositStatus
deposit (TessDepositLink *link, const Person *person, const uint8_t *capability, uint8_t id_byte)
{
  uint8_t *data = g_malloc0 (TESS_ENVELOPE_SMALL);
  g_autoptr (GBytes) envelope = g_bytes_new_take (data, TESS_ENVELOPE_SMALL);
  uint8_t id[TESS_DEPOSIT_ID_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (TessDepositAnswer) said = NULL;

  data[0] = 1;
  data[1] = id_byte;
  memset (id, id_byte, sizeof id);
  said = dex_await_boxed (tess_deposit_link_deposit (link, person->device.public, capability, id, envelope), &error);
  g_assert_no_error (error);
  return said->status;
}

static TessDepositLink *
deposit_link_open (const char *origin)
{
  TessDepositLink *link = tess_deposit_link_new (origin);
  g_autoptr (GError) error = NULL;

  g_assert_true (dex_await_boolean (tess_deposit_link_connect (link), &error));
  g_assert_no_error (error);
  return link;
}

/* Waits for @count mails, at most 5 seconds. */
static void
person_wait (Person *person, unsigned count)
{
  for (unsigned i = 0; i < 500 && person->count < count; i++)
    fixture_wait (10);
  g_assert_cmpuint (person->count, ==, count);
}

static DexFuture *
conversation (gpointer data)
{
  g_auto (Relay) relay = { 0 };
  g_auto (Person) person = { 0 };
  g_autoptr (TessMailboxLink) link = NULL;
  g_autoptr (TessDepositLink) depositor = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TessInfo) info = NULL;
  g_autoptr (TessBundle) bundle = NULL;
  TessMailboxReady ready;
  uint8_t wrong[TESS_CAPABILITY_SIZE] = { 0 };

  relay_start (&relay, "127.0.0.1:0");
  person_init (&person);
  info = dex_await_boxed (tess_directory_get_info (relay.origin), &error);
  g_assert_no_error (error);
  g_assert_true (info->registration_open);
  link = person_connect (&person, relay.origin, &ready);
  g_assert_false (ready.registered);
  person_register (&person, link);
  bundle = dex_await_boxed (tess_directory_get_account (relay.origin, person.account.public, person.request, true), &error);
  g_assert_no_error (error);
  g_assert_true (bundle->count == 1 && bundle->devices[0].has_one_time && !bundle->devices[0].expired);
  g_error_free (fixture_rejects (tess_directory_get_account (relay.origin, person.account.public, wrong, true),
                                 TESS_NET_ERROR_REFUSED));
  g_error_free (fixture_rejects (tess_directory_get_account (relay.origin, person.device.public, person.request, true),
                                 TESS_NET_ERROR_REFUSED));
  depositor = deposit_link_open (relay.origin);
  g_assert_cmpint (deposit (depositor, &person, person.contact, 1), ==, TESS_DEPOSIT_STORED);
  g_assert_cmpint (deposit (depositor, &person, person.contact, 1), ==, TESS_DEPOSIT_STORED_BEFORE);
  g_assert_cmpint (deposit (depositor, &person, person.request, 2), ==, TESS_DEPOSIT_STORED);
  g_assert_cmpint (deposit (depositor, &person, wrong, 3), ==, TESS_DEPOSIT_REFUSED);
  person_wait (&person, 2);
  g_assert_true (person.classes[0] == TESS_MAIL_CONTACT && person.classes[1] == TESS_MAIL_REQUEST);
  g_assert_cmpuint (((const uint8_t *) g_bytes_get_data (person.mails[1], NULL))[1], ==, 2);
  tess_mailbox_link_ack (link, person.sequences[0]);
  return dex_future_new_for_boolean (TRUE);
}

/* What was stored outlives the relay's process; the new connection closes the old one. */
static DexFuture *
restart (gpointer data)
{
  g_auto (Relay) relay = { 0 };
  g_auto (Person) person = { 0 };
  g_autoptr (TessMailboxLink) link = NULL;
  g_autoptr (TessMailboxLink) second = NULL;
  g_autoptr (TessDepositLink) depositor = NULL;
  g_autofree char *listen = NULL;
  uint64_t first = 0;
  TessMailboxReady ready;

  relay_start (&relay, "127.0.0.1:0");
  person_init (&person);
  link = person_connect (&person, relay.origin, &ready);
  person_register (&person, link);
  depositor = deposit_link_open (relay.origin);
  for (uint8_t i = 1; i <= 3; i++)
    g_assert_cmpint (deposit (depositor, &person, person.contact, i), ==, TESS_DEPOSIT_STORED);
  person_wait (&person, 3);
  first = person.sequences[0];
  tess_mailbox_link_ack (link, first);
  fixture_wait (300);
  relay_stop (&relay);
  g_error_free (fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_UNREACHABLE));
  g_error_free (fixture_rejects (tess_deposit_link_ended (depositor), TESS_NET_ERROR_UNREACHABLE));
  g_clear_object (&link);
  listen = g_strdup (relay.origin + strlen ("http://"));
  relay_start (&relay, listen);
  link = person_connect (&person, relay.origin, &ready);
  g_assert_true (ready.registered);
  g_assert_cmpuint (ready.waiting, ==, 2);
  g_assert_cmpuint (ready.acked, ==, first);
  person_wait (&person, 5);
  second = person_connect (&person, relay.origin, &ready);
  g_error_free (fixture_rejects (tess_mailbox_link_ended (link), TESS_NET_ERROR_REPLACED));
  person_wait (&person, 7);
  tess_mailbox_link_ack (second, person.sequences[6]);
  return dex_future_new_for_boolean (TRUE);
}

static void
run (gconstpointer test)
{
  fixture_run ((DexFiberFunc) test, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_assert_cmpint (sodium_init (), >=, 0);
  g_assert_cmpint (argc, ==, 2);
  relay_program = argv[1];
  g_test_add_data_func ("/net/with-relay/conversation", conversation, run);
  g_test_add_data_func ("/net/with-relay/restart", restart, run);
  return g_test_run ();
}
