/* The anonymous WebSocket of depositors (protocol.md 7). SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-server.h"

#include "base/tess-clock.h"

#include <string.h>

/* Deposits of one link on their way to the disk: more are not read, and none beside one that is on its way while others crowd
 * there, so that hundreds of links that bring all they can leave room for who brings one. */
#define IN_FLIGHT_HIGH 64
#define IN_FLIGHT_LOW 32
/* A link that deposits nothing for so long is closed: its depositor comes back when there is something. */
#define IDLE_SECONDS 600

/* Lives until its link is closed and its last deposit answered. */
typedef struct {
  TessRelayServer *server;
  TessRelayLink *link; /* NULL once closed */
  unsigned in_flight;
  bool held;
} Depositor;

typedef struct {
  TessRelayJob job;
  Depositor *depositor;
  uint32_t request;
  TessRelayDepositEntry entry;
  uint64_t sequence;
  TessMailClass mail_class;
} Deposit;

static void
free_if_done (Depositor *self)
{
  if (self->link == NULL && self->in_flight == 0)
    g_free (self);
}

static void
answer (Depositor *self, uint32_t request, TessDepositStatus status, uint32_t retry_after_ms)
{
  TessDepositAnswer reply = { .request = request, .status = status, .retry_after_ms = retry_after_ms };
  uint8_t bytes[TESS_DEPOSIT_ANSWER_SIZE_MAX];

  self->server->counters.deposits[status]++;
  if (self->link != NULL)
    tess_relay_link_send (self->link, false, bytes, tess_deposit_answer_encode (&reply, bytes));
}

/* Answers come also when the writer is gone. */
static bool
is_crowded (const Depositor *self)
{
  return self->server->writer != NULL && tess_relay_writer_is_crowded (self->server->writer);
}

static TessRelayResult
work (TessRelayJob *job, TessRelayStore *store)
{
  Deposit *deposit = (Deposit *) job;

  return tess_relay_store_deposit (store, &deposit->entry, &deposit->sequence, &deposit->mail_class);
}

static void
done (TessRelayJob *job, TessRelayResult result)
{
  Deposit *deposit = (Deposit *) job;
  Depositor *self = deposit->depositor;

  self->in_flight--;
  switch (result)
    {
    case TESS_RELAY_OK:
      answer (self, deposit->request, TESS_DEPOSIT_STORED, 0);
      tess_relay_mailbox_stored (self->server, deposit->entry.device, deposit->sequence, deposit->mail_class,
                                 deposit->entry.envelope);
      break;
    case TESS_RELAY_STORED_BEFORE:
      answer (self, deposit->request, TESS_DEPOSIT_STORED_BEFORE, 0);
      break;
    case TESS_RELAY_NO_MAILBOX:
      answer (self, deposit->request, TESS_DEPOSIT_NO_MAILBOX, 0);
      break;
    case TESS_RELAY_REFUSED:
      answer (self, deposit->request, TESS_DEPOSIT_REFUSED, 0);
      break;
    case TESS_RELAY_FULL:
      answer (self, deposit->request, TESS_DEPOSIT_FULL, TESS_RELAY_FULL_RETRY_MS);
      break;
    default:
      answer (self, deposit->request, TESS_DEPOSIT_SLOW_DOWN, TESS_RELAY_BUSY_RETRY_MS);
      break;
    }
  if (self->held && self->link != NULL
      && (self->in_flight == 0 || (self->in_flight <= IN_FLIGHT_LOW && !is_crowded (self))))
    {
      self->held = false;
      tess_relay_link_release (self->link);
    }
  g_bytes_unref (deposit->entry.envelope);
  g_free (deposit);
  free_if_done (self);
}

static void
submit (Depositor *self, const TessDepositFrame *frame)
{
  Deposit *deposit = g_new0 (Deposit, 1);

  deposit->job = (TessRelayJob) { .work = work, .done = done, .writes = true, .bytes = sizeof *deposit + frame->envelope_size,
                                  .address = tess_relay_link_address (self->link) };
  deposit->depositor = self;
  deposit->request = frame->request;
  deposit->entry.now = tess_clock_now ();
  memcpy (deposit->entry.device, frame->device, sizeof deposit->entry.device);
  memcpy (deposit->entry.id, frame->id, sizeof deposit->entry.id);
  tess_capability_hash (frame->capability, deposit->entry.capability);
  deposit->entry.envelope = g_bytes_new (frame->envelope, frame->envelope_size);
  tess_relay_mailbox_depositing (self->server, frame->device);
  if (self->server->stopping || tess_relay_blobs_disk_is_low (self->server->blobs)
      || !tess_relay_writer_submit (self->server->writer, &deposit->job))
    {
      answer (self, frame->request, TESS_DEPOSIT_SLOW_DOWN, TESS_RELAY_BUSY_RETRY_MS);
      g_bytes_unref (deposit->entry.envelope);
      g_free (deposit);
      return;
    }
  self->in_flight++;
  if (!self->held && (self->in_flight >= IN_FLIGHT_HIGH || is_crowded (self)))
    {
      self->held = true;
      tess_relay_link_hold (self->link);
    }
}

static void
on_message (TessRelayLink *link, bool text, const uint8_t *data, size_t size, void *owner)
{
  Depositor *self = owner;
  TessDepositFrame frame;
  uint32_t wait;

  if (text || !tess_deposit_frame_parse (data, size, &frame))
    {
      tess_relay_link_close (link, TESS_RELAY_CLOSE_MALFORMED, "malformed");
      return;
    }
  tess_relay_link_set_deadline (link, IDLE_SECONDS, TESS_RELAY_CLOSE_NORMAL);
  wait = tess_relay_throttle_take (self->server->deposits, tess_relay_link_address (link), 1, g_get_monotonic_time ());
  if (wait > 0)
    answer (self, frame.request, TESS_DEPOSIT_SLOW_DOWN, wait);
  else if (!tess_envelope_check (frame.envelope, frame.envelope_size))
    answer (self, frame.request, TESS_DEPOSIT_BAD_ENVELOPE, 0);
  else
    submit (self, &frame);
}

static void
on_closed (TessRelayLink *link, void *owner)
{
  Depositor *self = owner;

  self->link = NULL;
  free_if_done (self);
}

void
tess_relay_deposit_serve (TessRelayServer *server, TessRelayLink *link)
{
  static const TessRelayLinkEvents events = { .message = on_message, .closed = on_closed };
  Depositor *self = g_new0 (Depositor, 1);

  self->server = server;
  self->link = link;
  tess_relay_link_set_owner (link, &events, self);
  tess_relay_link_set_deadline (link, IDLE_SECONDS, TESS_RELAY_CLOSE_NORMAL);
}
