/* The load's MQTT 3.1.1 dialect: QoS 1 on both sides, clean sessions. SPDX-License-Identifier: GPL-3.0-or-later */
#include "../relay-load-private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CONNECT 0x10
#define CONNACK 0x20
#define PUBLISH_QOS1 0x32
#define PUBACK 0x40
#define SUBSCRIBE 0x82
#define SUBACK 0x90
#define KIND(byte) ((byte) & 0xF0)

#define TOPIC "m/%08u"
#define TOPIC_SIZE 10
/* Behind the fixed head of a PUBLISH: the topic with its length, the packet's id. */
#define ENVELOPE_AT (2 + TOPIC_SIZE + 2)

/* The head of a packet with @size bytes behind it. */
static size_t
head_of (uint8_t kind, size_t size, uint8_t out[static 5])
{
  size_t at = 1;

  out[0] = kind;
  do
    {
      out[at++] = (uint8_t) (size % 128 | (size >= 128 ? 0x80 : 0));
      size /= 128;
    }
  while (size > 0);
  return at;
}

/* Reads a head: the bytes behind it, and its own size; 0 when the packet is not whole yet. */
static size_t
read_head (const uint8_t *data, size_t size, size_t *body_out)
{
  size_t body = 0;

  for (size_t at = 1; at < size && at < 5; at++)
    {
      body |= (size_t) (data[at] & 0x7F) << (7 * (at - 1));
      if ((data[at] & 0x80) != 0)
        continue;
      *body_out = body;
      return size >= at + 1 + body ? at + 1 : 0;
    }
  return 0;
}

static void
hello (Load *load, LoadLink *link)
{
  char name[24];
  uint8_t packet[64] = { CONNECT, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0 };
  size_t size = (size_t) g_snprintf (name, sizeof name, "%s%u", link->deposits ? "from" : "to", link->number);

  packet[13] = (uint8_t) size;
  memcpy (packet + 14, name, size);
  packet[1] = (uint8_t) (12 + size);
  load_write (link, packet, 14 + size);
}

static void
subscribe (LoadLink *link)
{
  char topic[TOPIC_SIZE + 1];
  uint8_t packet[2 + 2 + 2 + TOPIC_SIZE + 1] = { SUBSCRIBE, 2 + 2 + TOPIC_SIZE + 1, 0, 1, 0, TOPIC_SIZE };

  g_snprintf (topic, sizeof topic, TOPIC, link->number);
  memcpy (packet + 6, topic, TOPIC_SIZE);
  packet[sizeof packet - 1] = 1;
  load_write (link, packet, sizeof packet);
}

static void
on_mail (Load *load, LoadLink *link, const uint8_t *body)
{
  uint8_t ack[4] = { PUBACK, 2, body[2 + TOPIC_SIZE], body[3 + TOPIC_SIZE] };

  load_arrived (load, body + ENVELOPE_AT);
  load_write (link, ack, sizeof ack);
}

static size_t
input (Load *load, LoadLink *link, uint8_t *data, size_t size)
{
  size_t at = 0, head, body;

  while ((head = read_head (data + at, size - at, &body)) > 0)
    {
      const uint8_t *packet = data + at;

      at += head + body;
      if (KIND (packet[0]) == CONNACK && packet[3] != 0)
        g_error ("the broker refused a connection: %u", packet[3]);
      else if (KIND (packet[0]) == CONNACK && !link->deposits)
        subscribe (link);
      else if (KIND (packet[0]) == CONNACK || KIND (packet[0]) == SUBACK)
        load_ready (load, link);
      else if (KIND (packet[0]) == PUBACK)
        load_stored (load, link);
      else if (KIND (packet[0]) == KIND (PUBLISH_QOS1))
        on_mail (load, link, packet + head);
    }
  return at;
}

static void
compose (Load *load, Depositor *depositor, uint32_t to, uint64_t stamp)
{
  char topic[TOPIC_SIZE + 1];
  uint16_t id = (uint16_t) (depositor->request++ % 65535 + 1);
  uint8_t *body;

  if (depositor->frame == NULL)
    {
      depositor->frame = g_malloc0 (5 + ENVELOPE_AT + ENVELOPE_SIZE);
      depositor->head = head_of (PUBLISH_QOS1, ENVELOPE_AT + ENVELOPE_SIZE, depositor->frame);
      depositor->size = depositor->head + ENVELOPE_AT + ENVELOPE_SIZE;
      depositor->frame[depositor->head + 1] = TOPIC_SIZE;
      randombytes_buf (depositor->frame + depositor->head + ENVELOPE_AT, ENVELOPE_SIZE);
    }
  body = depositor->frame + depositor->head;
  g_snprintf (topic, sizeof topic, TOPIC, to);
  memcpy (body + 2, topic, TOPIC_SIZE);
  body[2 + TOPIC_SIZE] = (uint8_t) (id >> 8);
  body[3 + TOPIC_SIZE] = (uint8_t) id;
  memcpy (body + ENVELOPE_AT + ENVELOPE_STAMP_AT, &stamp, sizeof stamp);
  memcpy (body + ENVELOPE_AT + ENVELOPE_SENDER_AT, &depositor->link.number, 4);
}

const Dialect dialect_mqtt = { .hello = hello, .input = input, .compose = compose };
