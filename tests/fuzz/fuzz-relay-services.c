/* The relay's mailbox and deposit services and its store, to hostile clients: three devices of two accounts and a depositor say
 * anything in any order, with genuine signatures where those are needed to get on. Everything that the relay says parses; mail
 * comes in order and within its window; nothing is heard or done on a link that was told to close. Input: steps: what u8 (which
 * link in its low bits) and what that needs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "fake-relay.h"

#include "wire-fixtures.h"

#include "relay/tess-relay-link.h"
#include "relay/tess-relay-mailbox.h"
#include "wire/tess-address.h"

#include <string.h>

#define LINKS 4
#define DEPOSITOR 3
#define STEPS_MAX 160

struct _TessRelayLink {
  unsigned who; /* 0 to 2: a device's mailbox */
  const TessRelayLinkEvents *events;
  void *owner;
  unsigned holds;
  unsigned close_code; /* 0: open */
  uint8_t nonce[TESS_NONCE_SIZE];
  uint64_t delivered;
  unsigned unacked;
  bool deleting; /* it asked for its mailbox's end; the next one counts from 1 */
};

typedef struct {
  TessRelayServer *server;
  TessRelayLink *links[LINKS];
} World;

typedef struct {
  FixtureKey accounts[2], devices[LINKS - 1]; /* the first two devices are of the first account */
} Fixtures;

static const Fixtures *
fixtures (void)
{
  static Fixtures self;
  static bool made;

  if (!made)
    {
      self.accounts[0] = fixture_key (1);
      self.accounts[1] = fixture_key (2);
      self.devices[0] = fixture_key (100);
      self.devices[1] = fixture_key (101);
      self.devices[2] = fixture_key (102);
      made = true;
    }
  return &self;
}

/* -- The link, as the services see it ------------------------------------------------------------------------------------ */

void
tess_relay_link_set_owner (TessRelayLink *self, const TessRelayLinkEvents *events, void *owner)
{
  self->events = events;
  self->owner = owner;
}

static void
hear_notice (TessRelayLink *self, const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessNotice) notice = tess_notice_parse ((const char *) data, size, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (self->who, !=, DEPOSITOR);
  if (notice->op == TESS_NOTICE_CHALLENGE)
    memcpy (self->nonce, notice->nonce, sizeof self->nonce);
  if (self->deleting && notice->op == TESS_NOTICE_OK)
    self->delivered = self->unacked = 0;
  self->deleting = self->deleting && notice->op != TESS_NOTICE_OK && notice->op != TESS_NOTICE_ERROR;
}

static void
hear_mail (TessRelayLink *self, uint64_t sequence)
{
  g_assert_cmpuint (sequence, >, self->delivered);
  self->delivered = sequence;
  g_assert_cmpuint (++self->unacked, <=, TESS_MAILBOX_UNACKED_MAX);
}

void
tess_relay_link_send (TessRelayLink *self, bool text, const uint8_t *data, size_t size)
{
  TessDepositAnswer answer;

  if (text)
    hear_notice (self, data, size);
  else if (self->who == DEPOSITOR)
    g_assert_true (tess_deposit_answer_parse (data, size, &answer));
  else
    g_assert_not_reached ();
}

void
tess_relay_link_send_parts (TessRelayLink *self, const uint8_t *head, size_t head_size, GBytes *body)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  TessMailFrame mail;

  g_byte_array_append (frame, head, (guint) head_size);
  g_byte_array_append (frame, g_bytes_get_data (body, NULL), (guint) g_bytes_get_size (body));
  g_assert_true (tess_mail_frame_parse (frame->data, frame->len, &mail));
  hear_mail (self, mail.sequence);
}

void
tess_relay_link_close (TessRelayLink *self, unsigned code, const char *reason)
{
  g_assert_true (code >= 1000 && code <= 4999);
  if (self->close_code == 0)
    self->close_code = code;
}

void
tess_relay_link_hold (TessRelayLink *self)
{
  self->holds++;
}

void
tess_relay_link_release (TessRelayLink *self)
{
  g_assert_cmpuint (self->holds, >, 0);
  self->holds--;
}

void
tess_relay_link_set_deadline (TessRelayLink *self, unsigned seconds, unsigned code)
{
}

uint64_t
tess_relay_link_address (TessRelayLink *self)
{
  return self->who;
}

/* -- The clients ---------------------------------------------------------------------------------------------------------- */

static void
disconnect (World *self, unsigned who)
{
  TessRelayLink *link = self->links[who];

  self->links[who] = NULL;
  if (link == NULL)
    return;
  link->events->closed (link, link->owner);
  while (fake_relay_answer ())
    ;
  g_free (link);
}

static TessRelayLink *
connected (World *self, unsigned who)
{
  if (self->links[who] != NULL && self->links[who]->close_code != 0)
    disconnect (self, who);
  if (self->links[who] == NULL)
    {
      self->links[who] = g_new0 (TessRelayLink, 1);
      self->links[who]->who = who;
      if (who == DEPOSITOR)
        tess_relay_deposit_serve (self->server, self->links[who]);
      else
        tess_relay_mailbox_serve (self->server, self->links[who]);
    }
  return self->links[who];
}

/* Whoever waited for an answer reads on after it, closing or not. */
static void
answer_all (World *self)
{
  while (fake_relay_answer ())
    ;
  for (unsigned i = 0; i < LINKS; i++)
    g_assert_true (self->links[i] == NULL || self->links[i]->holds == 0);
}

/* A message that arrives, unless the service reads nothing now. */
static void
say (TessRelayLink *link, bool text, const uint8_t *data, size_t size)
{
  while (link->holds > 0)
    g_assert_true (fake_relay_answer ());
  if (link->close_code == 0)
    link->events->message (link, text, data, size, link->owner);
}

static void
say_text (TessRelayLink *link, const char *text)
{
  say (link, true, (const uint8_t *) text, strlen (text));
}

static void
authenticate (TessRelayLink *link, uint8_t how)
{
  const FixtureKey *device = &fixtures ()->devices[link->who];
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_AUTH);
  g_autofree char *text = NULL;

  memcpy (request->device, device->public, TESS_KEY_SIZE);
  tess_relay_auth_sign (link->nonce, how == 255 ? "https://other.example.org" : FAKE_RELAY_ORIGIN, device->secret,
                        request->signature);
  text = tess_request_build (request);
  say_text (link, text);
}

/* The account's list: its devices so far, in a version that @input chooses. */
static GBytes *
make_list (unsigned who, TessReader *input)
{
  const Fixtures *fixed = fixtures ();
  unsigned owner = who == 2 ? 1 : 0;
  uint8_t how = tess_reader_u8 (input);
  TessDeviceList list = { .version = how / 4, .count = 1 + (owner == 0 && how % 2 == 1) };

  memcpy (list.account, fixed->accounts[owner].public, TESS_KEY_SIZE);
  for (unsigned i = 0; i < list.count; i++)
    {
      unsigned at = list.count == 1 && how % 4 == 2 ? (who + 1) % (LINKS - 1) : list.count == 2 ? i : who;

      list.devices[i].number = i + 1;
      tess_device_entry_sign (&list.devices[i], list.account, fixed->devices[at].secret);
    }
  return tess_device_list_sign (&list, fixed->accounts[owner].secret, NULL);
}

/* The address that a name is to stand for: the account's; another's; at another relay; with a code. */
static char *
make_address (unsigned who, unsigned how)
{
  static const uint8_t capability[TESS_CAPABILITY_SIZE] = { 3 };
  unsigned owner = (who == 2) != (how % 4 == 1);
  g_autoptr (TessAddress) address = tess_address_new (how % 4 == 2 ? "https://other.example.org" : FAKE_RELAY_ORIGIN,
                                                      fixtures ()->accounts[owner].public, capability);

  address->has_code = how % 4 == 3;
  return tess_address_to_string (address);
}

/* A request in order, whose records are signed after @input has changed them. */
static char *
make_request (unsigned who, TessReader *input)
{
  const FixtureKey *device = &fixtures ()->devices[who];
  static const char *const names[] = { "alice", "bob-1", NULL, "" };
  TessRequestOp op = TESS_REQUEST_REGISTER + tess_reader_u8 (input) % 7;
  g_autoptr (TessRequest) request = tess_request_new (op);
  uint8_t shape = tess_reader_u8 (input);
  unsigned keys = shape % 4;
  int64_t now = g_get_real_time () / G_USEC_PER_SEC;
  TessPrekeyRecord prekey = fixture_prekey (device);

  prekey.created = (uint64_t) now;
  prekey.expires = prekey.created + 1 + tess_reader_u16 (input);
  request->id = tess_reader_u16 (input);
  request->device_list = make_list (who, input);
  request->prekey = tess_prekey_record_sign (&prekey, device->secret, NULL);
  request->one_time = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (unsigned i = 0; i < keys; i++)
    g_ptr_array_add (request->one_time, fixture_one_time_bytes (device, 1 + tess_reader_u8 (input)));
  request->replace = keys == 3;
  request->count = 1 + shape % TESS_TICKETS_MAX;
  request->name = g_strdup (names[shape / 4 % 4]);
  request->address = make_address (who, shape / 16);
  memset (request->contact_hash, tess_reader_u8 (input) % 3, sizeof request->contact_hash);
  tess_capability_hash (request->contact_hash, request->request_hash);
  tess_capability_hash (request->request_hash, request->contact_hash);
  return tess_request_build (request);
}

static void
leave_mail (TessRelayLink *link, TessReader *input)
{
  uint8_t how = tess_reader_u8 (input);
  g_autofree uint8_t *envelope = g_malloc0 (TESS_ENVELOPE_SMALL);
  TessDepositFrame frame = { .request = how, .envelope = envelope, .envelope_size = TESS_ENVELOPE_SMALL };
  g_autoptr (GBytes) bytes = NULL;
  uint8_t capability[TESS_CAPABILITY_HASH_SIZE] = { 0 };

  envelope[0] = 1;
  memset (capability, how / 4 % 3, sizeof capability);
  memcpy (frame.device, fixtures ()->devices[how % 3].public, TESS_KEY_SIZE);
  memcpy (frame.capability, capability, sizeof frame.capability);
  frame.id[0] = tess_reader_u8 (input);
  bytes = tess_deposit_frame_encode (&frame);
  say (link, false, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
acknowledge (TessRelayLink *link, uint8_t back)
{
  uint64_t sequence = link->delivered > back / 16 ? link->delivered - back / 16 : 0;
  uint8_t frame[TESS_ACK_SIZE];

  /* The window as far as this end can tell; what was acknowledged before stays so. */
  if (sequence == link->delivered)
    link->unacked = 0;
  tess_ack_encode (sequence, frame);
  say (link, false, frame, sizeof frame);
}

static void
step (World *self, TessReader *input)
{
  uint8_t what = tess_reader_u8 (input);
  unsigned who = what % 4;
  TessRelayLink *link = connected (self, who);
  g_autofree char *text = NULL;
  const uint8_t *data;
  size_t size;

  switch (what / 4 % 8)
    {
    case 0:
      disconnect (self, who);
      break;
    case 1:
      data = tess_reader_var16 (input, input->left, &size);
      if (data != NULL)
        say (link, what < 128, data, size);
      break;
    case 2:
      answer_all (self);
      break;
    case 3:
      if (who != DEPOSITOR)
        acknowledge (link, what);
      else
        leave_mail (link, input);
      break;
    default:
      if (who == DEPOSITOR)
        leave_mail (link, input);
      else if (((TessRelayMailbox *) link->owner)->stage == TESS_RELAY_CHALLENGED)
        authenticate (link, tess_reader_u8 (input));
      else
        {
          text = make_request (who, input);
          answer_all (self);
          link->deleting = strstr (text, "\"op\":\"delete\"") != NULL;
          say_text (link, text);
        }
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world = { 0 };
  TessReader input;

  fuzz_begin ();
  world.server = fake_relay_begin ();
  tess_reader_init (&input, data, size);
  for (unsigned i = 0; i < STEPS_MAX && input.left > 0; i++)
    step (&world, &input);
  answer_all (&world);
  for (unsigned i = 0; i < LINKS; i++)
    disconnect (&world, i);
  fake_relay_end ();
  return 0;
}
