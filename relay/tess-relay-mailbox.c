/* The authenticated WebSocket: challenge, authentication, and who is online (protocol.md 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-mailbox.h"

#include "base/tess-clock.h"
#include "base/tess-random.h"

#include <string.h>

/* A mailbox request costs as much as a request over HTTP, and more with keys to verify. */
#define KEYS_A_TOKEN 10

typedef struct {
  TessRelayJob job;
  TessRelayMailbox *mailbox;
  TessRelayMailboxState state;
} Opening;

TessRelayMailbox *
tess_relay_mailbox_ref (TessRelayMailbox *self)
{
  self->refs++;
  return self;
}

void
tess_relay_mailbox_unref (TessRelayMailbox *self)
{
  if (--self->refs > 0)
    return;
  g_free (self->window);
  g_free (self);
}

void
tess_relay_mailbox_notify (TessRelayMailbox *self, const TessNotice *notice)
{
  g_autofree char *text = NULL;

  if (self->link == NULL)
    return;
  text = tess_notice_build (notice);
  tess_relay_link_send (self->link, true, (const uint8_t *) text, strlen (text));
}

void
tess_relay_mailbox_answer (TessRelayMailbox *self, int64_t id, TessRelayCode code, const char *message)
{
  g_autoptr (TessNotice) notice = tess_notice_new (TESS_NOTICE_ERROR);

  notice->id = id;
  notice->code = code;
  notice->message = g_strdup (message);
  tess_relay_mailbox_notify (self, notice);
}

/* -- Who is online ------------------------------------------------------------------------------------------------------- */

static void
go_offline (TessRelayMailbox *self)
{
  if (g_hash_table_lookup (self->server->mailboxes, self->device) == self)
    g_hash_table_remove (self->server->mailboxes, self->device);
  self->stage = TESS_RELAY_GONE;
}

static void
go_online (TessRelayMailbox *self)
{
  TessRelayMailbox *old = g_hash_table_lookup (self->server->mailboxes, self->device);

  if (old != NULL)
    {
      go_offline (old);
      tess_relay_mailbox_store_ack (old);
      if (old->link != NULL)
        tess_relay_link_close (old->link, TESS_RELAY_CLOSE_REPLACED, "replaced");
    }
  g_hash_table_insert (self->server->mailboxes, self->device, self);
}

void
tess_relay_mailbox_one_time_left (TessRelayServer *server, const uint8_t device[static 32], uint32_t left)
{
  TessRelayMailbox *self = g_hash_table_lookup (server->mailboxes, device);
  g_autoptr (TessNotice) notice = NULL;

  if (self == NULL || self->stage != TESS_RELAY_READY || !self->registered || left >= TESS_ONE_TIME_REFILL_BELOW)
    return;
  notice = tess_notice_new (TESS_NOTICE_ONE_TIME);
  notice->one_time = left;
  tess_relay_mailbox_notify (self, notice);
}

void
tess_relay_mailbox_removed (TessRelayServer *server, const uint8_t device[static 32])
{
  TessRelayMailbox *self = g_hash_table_lookup (server->mailboxes, device);

  if (self == NULL)
    return;
  /* It may come back: it then learns that it is not registered. */
  go_offline (self);
  if (self->link != NULL)
    tess_relay_link_close (self->link, TESS_RELAY_CLOSE_GOING_AWAY, "unregistered");
}

/* -- Authentication ------------------------------------------------------------------------------------------------------ */

static TessRelayResult
open_work (TessRelayJob *job, TessRelayStore *store)
{
  Opening *opening = (Opening *) job;

  return tess_relay_store_mailbox (store, opening->mailbox->device, &opening->state);
}

static void
send_ready (TessRelayMailbox *self, const TessRelayMailboxState *state)
{
  g_autoptr (TessNotice) notice = tess_notice_new (TESS_NOTICE_READY);

  notice->registered = state->registered;
  notice->waiting = state->waiting;
  notice->one_time = state->one_time;
  notice->acked = state->acked;
  tess_relay_mailbox_notify (self, notice);
}

static void
open_done (TessRelayJob *job, TessRelayResult result)
{
  Opening *opening = (Opening *) job;
  TessRelayMailbox *self = opening->mailbox;

  if (self->link != NULL)
    tess_relay_link_release (self->link);
  if (self->link != NULL && self->stage == TESS_RELAY_OPENING)
    {
      if (result == TESS_RELAY_BUSY)
        {
          tess_relay_mailbox_answer (self, -1, TESS_CODE_BUSY, "the relay cannot read its store; try again soon");
          tess_relay_link_close (self->link, TESS_RELAY_CLOSE_GOING_AWAY, "busy");
        }
      else
        {
          self->stage = TESS_RELAY_READY;
          send_ready (self, &opening->state);
          tess_relay_mailbox_start (self, &opening->state);
        }
    }
  tess_relay_mailbox_unref (self);
  g_free (opening);
}

static void
authenticate (TessRelayMailbox *self, const TessRequest *request)
{
  Opening *opening;

  if (!tess_relay_auth_verify (self->nonce, self->server->origin, request->device, request->signature))
    {
      tess_relay_link_close (self->link, TESS_RELAY_CLOSE_AUTHENTICATION, "authentication failed");
      return;
    }
  memset (self->nonce, 0, sizeof self->nonce);
  memcpy (self->device, request->device, sizeof self->device);
  tess_relay_link_set_deadline (self->link, 0, 0);
  self->stage = TESS_RELAY_OPENING;
  go_online (self);
  opening = g_new0 (Opening, 1);
  opening->job = (TessRelayJob) { .work = open_work, .done = open_done, .bytes = sizeof *opening, .address = self->address };
  opening->mailbox = tess_relay_mailbox_ref (self);
  tess_relay_link_hold (self->link);
  if (self->server->stopping || !tess_relay_writer_submit (self->server->writer, &opening->job))
    open_done (&opening->job, TESS_RELAY_BUSY);
}

static void
challenge (TessRelayMailbox *self)
{
  g_autoptr (TessNotice) notice = tess_notice_new (TESS_NOTICE_CHALLENGE);

  if (!tess_random (self->nonce, sizeof self->nonce))
    {
      tess_relay_link_close (self->link, TESS_RELAY_CLOSE_GOING_AWAY, NULL);
      return;
    }
  memcpy (notice->nonce, self->nonce, sizeof notice->nonce);
  notice->relay = g_strdup (self->server->origin);
  tess_relay_mailbox_notify (self, notice);
  tess_relay_link_set_deadline (self->link, MIN (TESS_CHALLENGE_KEEP, self->server->config->http_seconds),
                                TESS_RELAY_CLOSE_AUTHENTICATION);
}

/* -- Messages ------------------------------------------------------------------------------------------------------------ */

static void
malformed (TessRelayMailbox *self)
{
  tess_relay_link_close (self->link, TESS_RELAY_CLOSE_MALFORMED, "malformed");
}

/* Takes what request @id costs, a bad one as well, from its address and from its account, which may have many addresses. FALSE,
 * with the answer given: there were too many. */
static bool
may_ask (TessRelayMailbox *self, int64_t id, double cost)
{
  TessRelayThrottle *requests = self->server->requests;
  uint64_t account = tess_relay_account_key (0, self->registered ? self->account : self->device);
  int64_t now = g_get_monotonic_time ();

  if (tess_relay_throttle_take (requests, tess_relay_link_address (self->link), cost, now) == 0
      && tess_relay_throttle_take (requests, account, cost, now) == 0)
    return true;
  tess_relay_mailbox_answer (self, id, TESS_CODE_SLOW_DOWN, "too many requests; wait a little");
  return false;
}

static void
on_request (TessRelayMailbox *self, const TessRequest *request)
{
  double cost = 1 + (request->one_time != NULL ? request->one_time->len / KEYS_A_TOKEN : 0);

  if (request->op == TESS_REQUEST_AUTH || self->stage != TESS_RELAY_READY)
    malformed (self);
  else if (!may_ask (self, (int64_t) request->id, cost))
    return;
  else if (!self->registered && request->op != TESS_REQUEST_REGISTER)
    tess_relay_mailbox_answer (self, (int64_t) request->id, TESS_CODE_UNREGISTERED, "this device has no mailbox here");
  else
    {
      tess_relay_mailbox_store_ack (self);
      tess_relay_mailbox_request (self, request);
    }
}

static void
on_text (TessRelayMailbox *self, const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  int64_t id = -1;
  g_autoptr (TessRequest) request = tess_request_parse ((const char *) data, size, &id, &error);

  if (self->stage == TESS_RELAY_CHALLENGED)
    {
      if (request != NULL && request->op == TESS_REQUEST_AUTH)
        authenticate (self, request);
      else
        malformed (self);
    }
  else if (request != NULL)
    on_request (self, request);
  else if (id < 0)
    malformed (self);
  else if (may_ask (self, id, 1))
    tess_relay_mailbox_answer (self, id, TESS_CODE_BAD_REQUEST, error->message);
}

static void
on_message (TessRelayLink *link, bool text, const uint8_t *data, size_t size, void *owner)
{
  TessRelayMailbox *self = owner;

  if (self->stage == TESS_RELAY_GONE)
    return;
  if (text)
    on_text (self, data, size);
  else if (self->stage != TESS_RELAY_READY || !self->registered || !tess_relay_mailbox_acknowledge (self, data, size))
    malformed (self);
}

static void
on_closed (TessRelayLink *link, void *owner)
{
  TessRelayMailbox *self = owner;

  self->link = NULL;
  go_offline (self);
  tess_relay_mailbox_store_ack (self);
  tess_relay_mailbox_unref (self);
}

void
tess_relay_mailbox_serve (TessRelayServer *server, TessRelayLink *link)
{
  static const TessRelayLinkEvents events = { .message = on_message, .closed = on_closed };
  TessRelayMailbox *self = g_new0 (TessRelayMailbox, 1);

  self->refs = 1;
  self->server = server;
  self->link = link;
  self->address = tess_relay_link_address (link);
  tess_relay_link_set_owner (link, &events, self);
  challenge (self);
}
