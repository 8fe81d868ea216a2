/* What people say to each other: the JSON inside the ratchet (protocol.md 5). Any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_CONTENT_ID_SIZE 16

typedef enum {
  TESS_CONTENT_TEXT,
  TESS_CONTENT_RECEIPT,
  TESS_CONTENT_PROFILE,
  TESS_CONTENT_VERIFY,
  TESS_CONTENT_EDIT,
  TESS_CONTENT_DELETE,
  TESS_CONTENT_REACTION,
  TESS_CONTENT_TYPING,
  TESS_CONTENT_TIMER,
  TESS_CONTENT_UNKNOWN, /* to be kept and shown as "needs a newer version" */
} TessContentKind;

typedef struct {
  TessContentKind kind;
  uint8_t id[TESS_CONTENT_ID_SIZE];
  int64_t time_ms;
  char *body;             /* TEXT, EDIT: 1 to TESS_TEXT_BYTES_MAX bytes of UTF-8; REACTION: up to TESS_EMOJI_BYTES_MAX, "" for
                             none, not checked to be an emoji; UNKNOWN: the kind's name */
  bool has_reply_to;      /* TEXT */
  uint8_t reply_to[TESS_CONTENT_ID_SIZE];
  uint32_t seconds;       /* TEXT: until it is erased once it was seen; TIMER: the same for those to come. 0: never.
                             At most TESS_TIMER_MAX */
  uint8_t target[TESS_CONTENT_ID_SIZE]; /* EDIT, DELETE, REACTION */
  bool on;                /* TYPING */
  GArray *delivered;      /* RECEIPT: elements of TESS_CONTENT_ID_SIZE bytes, at most TESS_RECEIPT_IDS_MAX */
  GArray *read;
  char *name;             /* PROFILE: made safe to show, may be "" */
  uint8_t capability[16]; /* PROFILE: the contact capability */
  char *relay;            /* PROFILE: a checked origin */
  uint8_t mac[32];        /* VERIFY */
} TessContent;

/* New content of @kind with a fresh id and the clock's time; NULL when the random source failed. */
TessContent *tess_content_new (TessContentKind kind);
void tess_content_free (TessContent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessContent, tess_content_free)

/* The content's JSON: at most TESS_CONTENT_SIZE_MAX bytes, else NULL. UNKNOWN cannot be sent (asserted). */
GBytes *tess_content_encode (const TessContent *self);

/* Reads what a peer sent. NULL when it is not a JSON object with id, time and kind, or a known kind with a missing or ill-typed
 * member: TESS_WIRE_ERROR. Unknown members are ignored. */
TessContent *tess_content_parse (const uint8_t *data, size_t size, GError **error);

G_END_DECLS
