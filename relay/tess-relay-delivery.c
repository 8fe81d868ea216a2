/* Mail from the store to a mailbox's device, and acknowledgements back (protocol.md 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-mailbox.h"

#include "base/tess-bytes.h"

#include <string.h>

/* For a device without a mailbox to register. */
#define REGISTER_SECONDS 120
/* One read: a device with much mail gets it in several, others' in between. */
#define READ_COUNT 64
#define READ_BYTES (256 * 1024)
#define RETRY_SECONDS 2
/* How long an ack waits for company. */
#define ACK_MS 50

typedef struct {
  TessRelayJob job;
  TessRelayMailbox *mailbox;
  uint64_t after;
  unsigned count;
  size_t bytes;
  GPtrArray *mail;
  bool more;
} Reading;

typedef struct {
  TessRelayJob job;
  TessRelayMailbox *mailbox;
  uint64_t sequence;
  uint64_t before; /* ack_submitted, to go back to */
} Acking;

/* -- The window ---------------------------------------------------------------------------------------------------------- */

static bool
window_has_room (const TessRelayMailbox *self, size_t size)
{
  return self->window_count < TESS_MAILBOX_UNACKED_MAX && self->window_bytes + size <= TESS_MAILBOX_UNACKED_BYTES_MAX;
}

static void
send_mail (TessRelayMailbox *self, uint64_t sequence, TessMailClass mail_class, GBytes *envelope)
{
  uint8_t head[TESS_MAIL_HEAD_SIZE];
  size_t size = g_bytes_get_size (envelope);
  TessWriter writer;

  tess_writer_init (&writer, head, sizeof head);
  tess_writer_u8 (&writer, TESS_FRAME_MAIL);
  tess_writer_u64 (&writer, sequence);
  tess_writer_u8 (&writer, (uint8_t) mail_class);
  tess_relay_link_send_parts (self->link, head, sizeof head, envelope);
  self->server->counters.deliveries++;
  if (self->window == NULL)
    self->window = g_new (TessRelayInFlight, TESS_MAILBOX_UNACKED_MAX);
  self->window[(self->window_start + self->window_count) % TESS_MAILBOX_UNACKED_MAX] = (TessRelayInFlight) { sequence, size };
  self->window_count++;
  self->window_bytes += size;
  self->sent = sequence;
}

static void
shrink_window (TessRelayMailbox *self, uint64_t acked)
{
  while (self->window_count > 0 && self->window[self->window_start].sequence <= acked)
    {
      self->window_bytes -= self->window[self->window_start].size;
      self->window_start = (self->window_start + 1) % TESS_MAILBOX_UNACKED_MAX;
      self->window_count--;
    }
  /* Most mailboxes that are online wait for mail: none of them keeps a window. */
  if (self->window_count == 0)
    g_clear_pointer (&self->window, g_free);
}

void
tess_relay_mailbox_start (TessRelayMailbox *self, const TessRelayMailboxState *state)
{
  self->registered = state->registered;
  memcpy (self->account, state->account, sizeof self->account);
  self->last = state->last;
  self->sent = self->ack = self->ack_submitted = state->acked;
  self->window_start = self->window_count = 0;
  self->window_bytes = 0;
  g_clear_pointer (&self->window, g_free);
  self->behind = state->waiting > 0;
  tess_relay_link_set_deadline (self->link, self->registered ? 0 : REGISTER_SECONDS, TESS_RELAY_CLOSE_NORMAL);
  tess_relay_mailbox_deliver (self);
}

/* -- Reading ------------------------------------------------------------------------------------------------------------- */

static void read_mail (TessRelayMailbox *self);

static void
reading_free (Reading *reading)
{
  g_ptr_array_unref (reading->mail);
  tess_relay_mailbox_unref (reading->mailbox);
  g_free (reading);
}

static TessRelayResult
read_work (TessRelayJob *job, TessRelayStore *store)
{
  Reading *reading = (Reading *) job;

  g_ptr_array_set_size (reading->mail, 0);
  return tess_relay_store_mail (store, reading->mailbox->device, reading->after, reading->count, reading->bytes, reading->mail,
                                &reading->more);
}

static gboolean
on_retry (gpointer data)
{
  TessRelayMailbox *self = data;

  tess_relay_mailbox_deliver (self);
  tess_relay_mailbox_unref (self);
  return G_SOURCE_REMOVE;
}

static void
try_later (TessRelayMailbox *self)
{
  if (self->link != NULL && !self->server->stopping)
    g_timeout_add_seconds (RETRY_SECONDS, on_retry, tess_relay_mailbox_ref (self));
}

/* Gives the reader's place to the next who waits. */
static void
next_reader (TessRelayServer *server)
{
  TessRelayMailbox *next;

  server->readers--;
  while (server->readers < TESS_RELAY_READERS_MAX && (next = g_queue_pop_head (&server->waiting_readers)) != NULL)
    {
      if (next->link != NULL && !server->stopping)
        read_mail (next);
      tess_relay_mailbox_unref (next);
    }
}

static void
read_done (TessRelayJob *job, TessRelayResult result)
{
  Reading *reading = (Reading *) job;
  TessRelayMailbox *self = reading->mailbox;
  bool current = self->link != NULL && self->stage == TESS_RELAY_READY && self->registered && reading->after == self->sent;

  self->reading = false;
  next_reader (self->server);
  if (current && result == TESS_RELAY_OK)
    {
      for (unsigned i = 0; i < reading->mail->len; i++)
        {
          const TessRelayMail *mail = g_ptr_array_index (reading->mail, i);

          send_mail (self, mail->sequence, mail->mail_class, mail->envelope);
        }
      self->behind = reading->more || self->missed;
      self->missed = false;
      tess_relay_mailbox_deliver (self);
    }
  else if (result == TESS_RELAY_BUSY)
    try_later (self);
  else
    {
      /* No mailbox: the operator deleted it, and the device hears of that soon. */
      if (current)
        self->behind = false;
      tess_relay_mailbox_deliver (self);
    }
  reading_free (reading);
}

/* Asks the store for what the window has room for. A place among the readers is free. */
static void
read_mail (TessRelayMailbox *self)
{
  Reading *reading = g_new0 (Reading, 1);

  self->server->readers++;
  /* Without an address: there are TESS_RELAY_READERS_MAX at most. */
  reading->job = (TessRelayJob) { .work = read_work, .done = read_done, .bytes = sizeof *reading + READ_BYTES };
  reading->mailbox = tess_relay_mailbox_ref (self);
  reading->after = self->sent;
  reading->count = MIN (READ_COUNT, TESS_MAILBOX_UNACKED_MAX - self->window_count);
  reading->bytes = MIN ((size_t) READ_BYTES, TESS_MAILBOX_UNACKED_BYTES_MAX - self->window_bytes);
  reading->mail = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_relay_mail_free);
  if (!self->server->stopping && tess_relay_writer_submit (self->server->writer, &reading->job))
    return;
  self->server->readers--;
  self->reading = false;
  try_later (self);
  reading_free (reading);
}

void
tess_relay_mailbox_deliver (TessRelayMailbox *self)
{
  if (self->link == NULL || self->stage != TESS_RELAY_READY || !self->registered || !self->behind || self->reading
      || !window_has_room (self, TESS_ENVELOPE_LARGE))
    return;
  self->reading = true;
  if (self->server->readers < TESS_RELAY_READERS_MAX)
    read_mail (self);
  else
    g_queue_push_tail (&self->server->waiting_readers, tess_relay_mailbox_ref (self));
}

/* Answers come in the order of the commits, so whoever is not behind gets the next envelope straight from here. */
void
tess_relay_mailbox_stored (TessRelayServer *server, const uint8_t device[static 32], uint64_t sequence, TessMailClass mail_class,
                           GBytes *envelope)
{
  TessRelayMailbox *self = g_hash_table_lookup (server->mailboxes, device);

  if (self == NULL || self->stage != TESS_RELAY_READY || !self->registered)
    return;
  self->last = MAX (self->last, sequence);
  if (sequence <= self->sent)
    return;
  if (self->reading)
    self->missed = true;
  else if (!self->behind && window_has_room (self, g_bytes_get_size (envelope)))
    send_mail (self, sequence, mail_class, envelope);
  else
    self->behind = true;
}

/* -- Acknowledgements ---------------------------------------------------------------------------------------------------- */

/* An ack is in no hurry: all that a crash before it is stored brings is the same mail once more, which devices know. So it waits
 * for the next deposit, or for a moment, and shares a commit instead of having one to itself, for which mail would have to wait.
 * Whoever looks at the mailbox finds it done all the same: a new link, a request, a deposit. */

static TessRelayResult
ack_work (TessRelayJob *job, TessRelayStore *store)
{
  Acking *acking = (Acking *) job;

  return tess_relay_store_ack (store, acking->mailbox->device, acking->sequence);
}

static gboolean
on_ack_retry (gpointer data)
{
  TessRelayMailbox *self = data;

  tess_relay_mailbox_store_ack (self);
  tess_relay_mailbox_unref (self);
  return G_SOURCE_REMOVE;
}

static void
ack_done (TessRelayJob *job, TessRelayResult result)
{
  Acking *acking = (Acking *) job;
  TessRelayMailbox *self = acking->mailbox;

  self->acking--;
  if (result == TESS_RELAY_BUSY)
    {
      self->ack_submitted = MIN (self->ack_submitted, acking->before);
      if (!self->server->stopping && self->link != NULL)
        g_timeout_add_seconds (RETRY_SECONDS, on_ack_retry, tess_relay_mailbox_ref (self));
    }
  tess_relay_mailbox_unref (self);
  g_free (acking);
}

void
tess_relay_mailbox_store_ack (TessRelayMailbox *self)
{
  Acking *acking;

  /* Once the writer is stopping, only its own answers come here. */
  if (self->ack <= self->ack_submitted || self->server->writer == NULL)
    return;
  acking = g_new0 (Acking, 1);
  acking->job = (TessRelayJob) { .work = ack_work, .done = ack_done, .writes = true, .bytes = sizeof *acking,
                                 .address = self->address };
  acking->mailbox = tess_relay_mailbox_ref (self);
  acking->sequence = self->ack;
  acking->before = self->ack_submitted;
  self->ack_submitted = self->ack;
  self->acking++;
  if (!tess_relay_writer_submit (self->server->writer, &acking->job))
    ack_done (&acking->job, TESS_RELAY_BUSY);
}

void
tess_relay_mailbox_store_acks (TessRelayServer *server)
{
  TessRelayMailbox *self;

  while ((self = g_queue_pop_head (&server->acks)) != NULL)
    {
      self->ack_waits = false;
      tess_relay_mailbox_store_ack (self);
      tess_relay_mailbox_unref (self);
    }
}

void
tess_relay_mailbox_depositing (TessRelayServer *server, const uint8_t device[static 32])
{
  TessRelayMailbox *self = g_hash_table_lookup (server->mailboxes, device);

  /* One that is on its way makes room enough; what came since goes with a later one. */
  if (self != NULL && self->acking == 0)
    tess_relay_mailbox_store_ack (self);
}

static gboolean
on_acks_due (gpointer data)
{
  TessRelayServer *server = data;

  server->ack_timer = 0;
  tess_relay_mailbox_store_acks (server);
  return G_SOURCE_REMOVE;
}

static void
put_off_ack (TessRelayMailbox *self)
{
  TessRelayServer *server = self->server;

  if (self->ack_waits)
    return;
  self->ack_waits = true;
  g_queue_push_tail (&server->acks, tess_relay_mailbox_ref (self));
  if (server->ack_timer == 0)
    server->ack_timer = g_timeout_add (ACK_MS, on_acks_due, server);
}

bool
tess_relay_mailbox_acknowledge (TessRelayMailbox *self, const uint8_t *data, size_t size)
{
  uint64_t sequence;

  if (!tess_ack_parse (data, size, &sequence) || sequence > self->last)
    return false;
  if (sequence <= self->ack)
    return true;
  self->ack = sequence;
  /* What was delivered on an earlier link and is acknowledged on this one need not come again. */
  self->sent = MAX (self->sent, sequence);
  shrink_window (self, sequence);
  put_off_ack (self);
  tess_relay_mailbox_deliver (self);
  return true;
}
