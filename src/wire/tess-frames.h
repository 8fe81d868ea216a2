/* The binary frames of the two WebSockets (protocol.md 7) and the outer shape of an envelope (protocol.md 4). Pure; any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"
#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_DEPOSIT_ID_SIZE 16
#define TESS_DEPOSIT_HEAD_SIZE (1 + 4 + 32 + 16 + 16)
#define TESS_DEPOSIT_ANSWER_SIZE_MAX (1 + 4 + 1 + 4)
#define TESS_MAIL_HEAD_SIZE (1 + 8 + 1)
#define TESS_ACK_SIZE (1 + 8)

/* The first byte of a frame. */
typedef enum {
  TESS_FRAME_DEPOSIT = 0x01,
  TESS_FRAME_ACK = 0x02,
  TESS_FRAME_DEPOSIT_ANSWER = 0x81,
  TESS_FRAME_MAIL = 0x82,
} TessFrame;

/* A relay's answer to a deposit. */
typedef enum {
  TESS_DEPOSIT_STORED = 0,        /* durable */
  TESS_DEPOSIT_STORED_BEFORE = 1, /* this deposit id was stored already: as good as stored */
  TESS_DEPOSIT_NO_MAILBOX = 2,
  TESS_DEPOSIT_REFUSED = 3,       /* the capability */
  TESS_DEPOSIT_FULL = 4,          /* carries a wait */
  TESS_DEPOSIT_BAD_ENVELOPE = 5,
  TESS_DEPOSIT_SLOW_DOWN = 6,     /* carries a wait */
} TessDepositStatus;

/* Under which capability mail came. */
typedef enum {
  TESS_MAIL_CONTACT = 1,
  TESS_MAIL_REQUEST = 2,
} TessMailClass;

/* TRUE for one of the three lengths with the first byte 0x01: all that can be seen from outside. */
bool tess_envelope_check (const uint8_t *data, size_t size);

typedef struct {
  uint32_t request;
  uint8_t device[TESS_KEY_SIZE];
  uint8_t capability[TESS_CAPABILITY_SIZE];
  uint8_t id[TESS_DEPOSIT_ID_SIZE];
  const uint8_t *envelope; /* borrowed from the frame */
  size_t envelope_size;
} TessDepositFrame;

/* A deposit as bytes; NULL when the envelope has no envelope's shape. */
GBytes *tess_deposit_frame_encode (const TessDepositFrame *self);
/* Reads a deposit of at most TESS_FRAME_BYTES_MAX. The envelope's shape is left to the caller (tess_envelope_check()), because
 * a bad one is answered with a status and a bad frame by closing. FALSE, @out zeroed: malformed. */
bool tess_deposit_frame_parse (const uint8_t *data, size_t size, TessDepositFrame *out);

typedef struct {
  uint32_t request;
  TessDepositStatus status;
  uint32_t retry_after_ms; /* FULL and SLOW_DOWN, else 0 */
} TessDepositAnswer;

/* Writes an answer and gives its size (6 or 10). */
size_t tess_deposit_answer_encode (const TessDepositAnswer *self, uint8_t out[static TESS_DEPOSIT_ANSWER_SIZE_MAX]);
/* FALSE, @out zeroed: malformed, or an unknown status. */
bool tess_deposit_answer_parse (const uint8_t *data, size_t size, TessDepositAnswer *out);

typedef struct {
  uint64_t sequence; /* not 0 */
  TessMailClass class;
  const uint8_t *envelope; /* borrowed from the frame */
  size_t envelope_size;
} TessMailFrame;

/* Mail as bytes; NULL when the envelope has no envelope's shape. */
GBytes *tess_mail_frame_encode (const TessMailFrame *self);
/* FALSE, @out zeroed: malformed, a class that does not exist, a sequence of 0 or above 2^53 - 1, or an envelope without an
 * envelope's shape. */
bool tess_mail_frame_parse (const uint8_t *data, size_t size, TessMailFrame *out);

void tess_ack_encode (uint64_t sequence, uint8_t out[static TESS_ACK_SIZE]);
/* FALSE, *@sequence_out 0: malformed. */
bool tess_ack_parse (const uint8_t *data, size_t size, uint64_t *sequence_out);

G_END_DECLS
