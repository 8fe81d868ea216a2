/* The load's WebSocket dialects: a Tessera relay, and a bare forwarder of the same frames.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-load-private.h"

#include "wire/tess-frames.h"
#include "wire/tess-records.h"

#include <sodium.h>
#include <string.h>

#define ACKS_MAX 128 /* in one write */

static void
hello (Load *load, LoadLink *link)
{
  g_autofree char *text = g_strdup_printf ("GET /v1/%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Protocol: tessera.v1\r\n\r\n",
                                           link->deposits ? "deposit" : "mailbox", load_port (load));

  load_write (link, text, strlen (text));
}

/* Sends one frame with a short payload. */
static void
send_short (LoadLink *link, uint8_t opcode, const void *payload, size_t size)
{
  uint8_t frame[WS_HEAD_MAX + 512];
  size_t head = ws_head (opcode, size, true, frame);

  g_assert (size <= sizeof frame - head);
  memcpy (frame + head, payload, size);
  ws_mask (frame + head, size, 0);
  load_write (link, frame, head + size);
}

/* -- A Tessera mailbox --------------------------------------------------------------------------------------------------- */

static void
prove (Load *load, LoadLink *link, const WsFrame *frame)
{
  static const char name[] = "\"nonce\":\"";
  const char *at = g_strstr_len ((const char *) frame->data, (gssize) frame->size, name);
  g_autofree char *origin = g_strdup_printf ("http://127.0.0.1:%u", load_port (load)), *text = NULL;
  uint8_t public[32], secret[64], nonce[TESS_NONCE_SIZE], signature[64];
  char device_text[64], signature_text[128];
  size_t size;

  if (at == NULL
      || sodium_base642bin (nonce, sizeof nonce, at + strlen (name), 43, NULL, &size, NULL,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    g_error ("no challenge: %.*s", (int) frame->size, (const char *) frame->data);
  load_device (link->number, public, secret);
  tess_relay_auth_sign (nonce, origin, secret, signature);
  sodium_bin2base64 (device_text, sizeof device_text, public, sizeof public, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_bin2base64 (signature_text, sizeof signature_text, signature, 64, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text = g_strdup_printf ("{\"op\":\"auth\",\"device\":\"%s\",\"signature\":\"%s\"}", device_text, signature_text);
  send_short (link, WS_TEXT, text, strlen (text));
  link->stage = LINK_PROVING;
}

static void
on_text (Load *load, LoadLink *link, const WsFrame *frame)
{
  if (link->stage == LINK_SHAKING)
    prove (load, link, frame);
  else if (link->stage == LINK_PROVING
           && g_strstr_len ((const char *) frame->data, (gssize) frame->size, "\"registered\":true") != NULL)
    load_ready (load, link);
  else
    g_error ("an unexpected word: %.*s", (int) frame->size, (const char *) frame->data);
}

/* -- Frames of both dialects --------------------------------------------------------------------------------------------- */

typedef struct {
  uint8_t bytes[ACKS_MAX * (WS_HEAD_MAX + FRAME_ACK_SIZE)];
  size_t size;
  unsigned count;
} Acks;

/* Each mail is acknowledged by a frame of its own, as by a client that stores one at a time; those of one reading go
 * out together. */
static void
acknowledge (LoadLink *link, const uint8_t *sequence, Acks *acks)
{
  uint8_t *at = acks->bytes + acks->size;
  size_t head = ws_head (WS_BINARY, FRAME_ACK_SIZE, true, at);

  at[head] = FRAME_ACK;
  memcpy (at + head + 1, sequence, 8);
  ws_mask (at + head, FRAME_ACK_SIZE, 0);
  acks->size += head + FRAME_ACK_SIZE;
  if (++acks->count < ACKS_MAX)
    return;
  load_write (link, acks->bytes, acks->size);
  *acks = (Acks) { 0 };
}

static void
on_binary (Load *load, LoadLink *link, const WsFrame *frame, Acks *acks)
{
  if (frame->data[0] == FRAME_ANSWER && frame->data[5] == TESS_DEPOSIT_STORED)
    load_stored (load, link);
  else if (frame->data[0] == FRAME_ANSWER)
    load_refused (load, link, frame->data[5]);
  else if (frame->data[0] == FRAME_MAIL)
    {
      load_arrived (load, frame->data + FRAME_MAIL_HEAD);
      acknowledge (link, frame->data + 1, acks);
    }
  else if (frame->data[0] == FRAME_READY)
    load_ready (load, link);
}

/* Gives the bytes of the answer to the handshake, 0 when it is not whole yet. */
static size_t
shaken (const uint8_t *data, size_t size)
{
  const char *end = g_strstr_len ((const char *) data, (gssize) size, "\r\n\r\n");

  if (end == NULL)
    return 0;
  if (g_strstr_len ((const char *) data, 13, " 101 ") == NULL)
    g_error ("the handshake was answered: %.*s", (int) size, (const char *) data);
  return (size_t) (end + 4 - (const char *) data);
}

static size_t
input (Load *load, LoadLink *link, uint8_t *data, size_t size)
{
  size_t at = 0, took;
  WsFrame frame;
  Acks acks;

  acks.size = acks.count = 0;
  while ((took = ws_take (data + at, size - at, &frame)) > 0)
    {
      at += took;
      if (frame.opcode == WS_TEXT)
        on_text (load, link, &frame);
      else if (frame.opcode == WS_BINARY)
        on_binary (load, link, &frame, &acks);
      else if (frame.opcode == WS_PING)
        send_short (link, WS_PONG, frame.data, frame.size);
      else if (frame.opcode == WS_CLOSE)
        g_error ("a connection was closed: %.*s", (int) frame.size - 2, (const char *) frame.data + 2);
    }
  if (acks.count > 0)
    load_write (link, acks.bytes, acks.size);
  return at;
}

static size_t
input_tessera (Load *load, LoadLink *link, uint8_t *data, size_t size)
{
  size_t head = link->shaken ? 0 : shaken (data, size);

  if (!link->shaken && head == 0)
    return 0;
  if (!link->shaken && link->deposits)
    load_ready (load, link);
  link->shaken = true;
  return head + input (load, link, data + head, size - head);
}

static size_t
input_bare (Load *load, LoadLink *link, uint8_t *data, size_t size)
{
  uint8_t name[33] = { FRAME_HELLO };
  size_t head = link->shaken ? 0 : shaken (data, size);

  if (!link->shaken && head == 0)
    return 0;
  if (!link->shaken && link->deposits)
    load_ready (load, link);
  else if (!link->shaken)
    {
      memcpy (name + 1, &link->number, 4);
      send_short (link, WS_BINARY, name, sizeof name);
    }
  link->shaken = true;
  return head + input (load, link, data + head, size - head);
}

/* -- Deposits ------------------------------------------------------------------------------------------------------------ */

/* Writes one field into the masked frame. */
static void
put (uint8_t *payload, size_t at, const void *data, size_t size)
{
  memcpy (payload + at, data, size);
  ws_mask (payload + at, size, at);
}

static uint8_t *
payload_of (Depositor *depositor)
{
  return depositor->frame + depositor->head;
}

static void
prepare (Depositor *depositor)
{
  size_t size = FRAME_ENVELOPE_AT + ENVELOPE_SIZE;
  uint8_t *payload;

  depositor->frame = g_malloc0 (WS_HEAD_MAX + size);
  depositor->head = ws_head (WS_BINARY, size, true, depositor->frame);
  depositor->size = depositor->head + size;
  payload = payload_of (depositor);
  payload[0] = FRAME_DEPOSIT;
  memcpy (payload + FRAME_CAPABILITY_AT, load_capability, sizeof load_capability);
  randombytes_buf (payload + FRAME_ENVELOPE_AT, ENVELOPE_SIZE);
  payload[FRAME_ENVELOPE_AT] = 1;
  memcpy (payload + FRAME_ENVELOPE_AT + ENVELOPE_SENDER_AT, &depositor->link.number, 4);
  ws_mask (payload, size, 0);
}

static void
compose (Load *load, Depositor *depositor, const uint8_t device[static 32], uint64_t stamp)
{
  uint8_t id[16];
  uint64_t nonce = load_nonce (load);

  depositor->request++;
  memcpy (id, &nonce, 8);
  memcpy (id + 8, &depositor->link.number, 4);
  memcpy (id + 12, &depositor->request, 4);
  put (payload_of (depositor), 1, &depositor->request, 4);
  put (payload_of (depositor), FRAME_DEVICE_AT, device, 32);
  put (payload_of (depositor), FRAME_ID_AT, id, sizeof id);
  put (payload_of (depositor), FRAME_ENVELOPE_AT + ENVELOPE_STAMP_AT, &stamp, sizeof stamp);
}

static void
compose_tessera (Load *load, Depositor *depositor, uint32_t to, uint64_t stamp)
{
  uint8_t secret[64];

  if (depositor->frame == NULL)
    prepare (depositor);
  if (depositor->to != to || depositor->request == 0)
    load_device (to, depositor->device, secret);
  depositor->to = to;
  compose (load, depositor, depositor->device, stamp);
}

static void
compose_bare (Load *load, Depositor *depositor, uint32_t to, uint64_t stamp)
{
  uint8_t device[32] = { 0 };

  if (depositor->frame == NULL)
    prepare (depositor);
  memcpy (device, &to, 4);
  compose (load, depositor, device, stamp);
}

const Dialect dialect_tessera = { .hello = hello, .input = input_tessera, .compose = compose_tessera };
const Dialect dialect_bare = { .hello = hello, .input = input_bare, .compose = compose_bare };
