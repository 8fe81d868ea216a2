/* The client's two links to a hostile relay: it says anything in any order, while the client asks, acknowledges and lets go.
 * Every future settles by the end, mail comes in order and within its bounds and only after `ready`, and nothing is heard after
 * the end. Input: which link, then steps: what u8, for the relay's words also size u16 and the bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "fake-socket.h"

#include "net/tess-deposit-link.h"
#include "net/tess-mailbox-link.h"

#include <string.h>

#define ORIGIN "https://relay.example.org"
#define STEPS_MAX 160
#define FUTURES_MAX 128

typedef struct {
  TessMailboxLink *mailbox;
  TessDepositLink *deposit;
  DexFuture *futures[FUTURES_MAX];
  unsigned n_futures;
  uint64_t last;
  unsigned unacked;
  size_t unacked_bytes;
  bool challenged;
} World;

static bool
on_sign (const uint8_t nonce[static TESS_NONCE_SIZE], const char *origin, uint8_t signature_out[static TESS_SIGNATURE_SIZE],
         void *data)
{
  World *self = data;

  g_assert_cmpstr (origin, ==, ORIGIN);
  g_assert_false (self->challenged);
  self->challenged = true;
  memset (signature_out, 1, TESS_SIGNATURE_SIZE);
  return nonce[0] != 0xff;
}

static void
on_mail (TessMailboxLink *link, uint64_t sequence, TessMailClass class, GBytes *envelope, void *data)
{
  World *self = data;

  g_assert_true (self->challenged);
  g_assert_cmpuint (sequence, >, self->last);
  g_assert_true (class == TESS_MAIL_CONTACT || class == TESS_MAIL_REQUEST);
  g_assert_true (tess_envelope_check (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope)));
  self->last = sequence;
  self->unacked++;
  self->unacked_bytes += g_bytes_get_size (envelope);
  g_assert_cmpuint (self->unacked, <=, TESS_MAILBOX_UNACKED_MAX);
  g_assert_cmpuint (self->unacked_bytes, <=, TESS_MAILBOX_UNACKED_BYTES_MAX);
}

static void
on_one_time (TessMailboxLink *link, uint32_t left, void *data)
{
  g_assert_true (((World *) data)->challenged);
}

static void
keep (World *self, DexFuture *future)
{
  if (future == NULL)
    return;
  if (self->n_futures < FUTURES_MAX)
    self->futures[self->n_futures++] = future;
  else
    dex_unref (future);
}

static void
ask (World *self, uint8_t what)
{
  g_autoptr (GBytes) list = g_bytes_new_static ("list", 4);
  uint8_t capability[TESS_CAPABILITY_SIZE] = { 1 };

  if (what % 6 == 0)
    keep (self, tess_mailbox_link_tickets (self->mailbox, 1 + what % TESS_TICKETS_MAX));
  else if (what % 6 == 1)
    keep (self, tess_mailbox_link_publish (self->mailbox, NULL, NULL, true));
  else if (what % 6 == 2)
    keep (self, tess_mailbox_link_devices (self->mailbox, list));
  else if (what % 6 == 3)
    keep (self, tess_mailbox_link_capabilities (self->mailbox, capability, capability));
  else if (what % 6 == 4)
    keep (self, tess_mailbox_link_name (self->mailbox, what > 127 ? "name" : NULL, NULL));
  else
    keep (self, tess_mailbox_link_delete (self->mailbox));
}

static void
leave_mail (World *self, uint8_t what)
{
  g_autofree uint8_t *data = g_malloc0 (TESS_ENVELOPE_SMALL);
  g_autoptr (GBytes) envelope = NULL;
  uint8_t device[TESS_KEY_SIZE] = { what };

  data[0] = 1;
  envelope = g_bytes_new (data, TESS_ENVELOPE_SMALL);
  keep (self, tess_deposit_link_deposit (self->deposit, device, device, device, envelope));
}

/* The relay sends mail whose envelope no input has to hold: sequence u64, class u8, which size. */
static void
relay_mails (TessSocket *socket, TessReader *input)
{
  static const size_t sizes[] = { TESS_ENVELOPE_SMALL, TESS_ENVELOPE_MEDIUM, TESS_ENVELOPE_LARGE, 17 };
  uint64_t sequence = tess_reader_u8 (input);
  uint8_t how = tess_reader_u8 (input), class = how % 4;
  size_t size = sizes[class == 3 ? 3 : how / 4 % 3];
  g_autofree uint8_t *frame = g_malloc0 (TESS_MAIL_HEAD_SIZE + size);
  TessWriter writer;

  tess_writer_init (&writer, frame, TESS_MAIL_HEAD_SIZE + size);
  tess_writer_u8 (&writer, TESS_FRAME_MAIL);
  tess_writer_u64 (&writer, sequence);
  tess_writer_u8 (&writer, class);
  tess_writer_u8 (&writer, 1);
  fake_socket_binary (socket, frame, TESS_MAIL_HEAD_SIZE + size);
}

static void
acknowledge (World *self)
{
  tess_mailbox_link_ack (self->mailbox, self->last);
  self->unacked = 0;
  self->unacked_bytes = 0;
}

static void
step (World *self, TessSocket *socket, TessReader *input)
{
  uint8_t what = tess_reader_u8 (input);
  size_t size;
  const uint8_t *words;

  switch (what % 8)
    {
    case 0:
    case 1:
    case 2:
      words = tess_reader_var16 (input, input->left, &size);
      if (words != NULL && what % 8 < 2)
        fake_socket_text (socket, words, size);
      else if (words != NULL)
        fake_socket_binary (socket, words, size);
      break;
    case 3:
      relay_mails (socket, input);
      break;
    case 4:
      if (self->mailbox != NULL && self->unacked > 0)
        acknowledge (self);
      break;
    case 5:
    case 6:
      if (self->mailbox != NULL)
        ask (self, what / 8);
      else
        leave_mail (self, what);
      break;
    default:
      if (what == 255)
        fake_socket_lose (socket, tess_reader_u16 (input));
      break;
    }
}

/* Every promise is kept or broken when the link has gone. */
static void
check_settled (World *self)
{
  for (unsigned i = 0; i < self->n_futures; i++)
    {
      g_assert_false (dex_future_is_pending (self->futures[i]));
      dex_unref (self->futures[i]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const TessMailboxHandlers handlers = { on_sign, on_mail, on_one_time };
  static const uint8_t device[TESS_KEY_SIZE] = { 7 };
  World world = { 0 };
  TessReader input;

  tess_reader_init (&input, data, size);
  if (tess_reader_u8 (&input) % 4 != 3)
    {
      world.mailbox = tess_mailbox_link_new (ORIGIN, device, &handlers, &world);
      keep (&world, tess_mailbox_link_connect (world.mailbox));
      keep (&world, tess_mailbox_link_ended (world.mailbox));
    }
  else
    {
      world.deposit = tess_deposit_link_new (ORIGIN);
      keep (&world, tess_deposit_link_connect (world.deposit));
      keep (&world, tess_deposit_link_ended (world.deposit));
    }
  fake_socket_open (fake_socket ());
  for (unsigned i = 0; i < STEPS_MAX && input.left > 0; i++)
    step (&world, fake_socket (), &input);
  g_clear_object (&world.mailbox);
  g_clear_object (&world.deposit);
  g_assert_null (fake_socket ());
  check_settled (&world);
  return 0;
}
