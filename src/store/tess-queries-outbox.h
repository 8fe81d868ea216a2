/* Sealed envelopes on their way (protocol.md 6), in the order of their sealing. For jobs, as tess-queries-keys.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

typedef struct {
  int64_t id;               /* set by insert; grows: the order */
  int64_t contact;
  uint8_t device[32];       /* the mailbox */
  char *relay;              /* its origin */
  uint8_t deposit_id[16];
  GBytes *envelope;         /* sealed */
  int64_t envelope_expires; /* when its envelope key's record expires (seconds): an entry never attempted is resealed then */
  TessWiped *inner;         /* what the envelope seals (type and body, without padding), until the first attempt; else NULL */
  int64_t message;          /* the message it carries; 0: none (receipt, profile, …) */
  bool by_request;          /* to be deposited under the request capability */
  unsigned attempts;
  int64_t next_try_ms;      /* not before this; 0: at once */
  int64_t created;          /* seconds */
} TessOutboxRow;

void tess_outbox_row_free (TessOutboxRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessOutboxRow, tess_outbox_row_free)

/* Appends an entry and sets its id. */
bool tess_db_outbox_insert (TessDb *db, TessOutboxRow *row, GError **error);
/* The first entry of each mailbox on the list, in their order: what may be tried (nothing overtakes). */
bool tess_db_outbox_heads (TessDb *db, GPtrArray **rows_out, GError **error);
/* The first entries of one mailbox, in order, at most @max. */
bool tess_db_outbox_of_device (TessDb *db, const uint8_t device[static 32], unsigned max, GPtrArray **rows_out, GError **error);
bool tess_db_outbox_find (TessDb *db, int64_t id, TessOutboxRow **row_out, GError **error);
/* Before an attempt: counts it and forgets @inner. */
bool tess_db_outbox_attempted (TessDb *db, int64_t id, GError **error);
/* After one that failed. */
bool tess_db_outbox_later (TessDb *db, int64_t id, int64_t next_try_ms, bool by_request, GError **error);
/* Another envelope for an entry never attempted (resealed), under a new deposit id. */
bool tess_db_outbox_reseal (TessDb *db, int64_t id, GBytes *envelope, int64_t envelope_expires,
                             const uint8_t deposit_id[static 16], GError **error);
/* The relay stored it, or it has failed for good: gone. @message_out (may be NULL): the message it carried, 0 when that has
 * other entries left or there is none. */
bool tess_db_outbox_remove (TessDb *db, int64_t id, int64_t *message_out, GError **error);
/* Drops what waits for @message or for @device (a session reset, a failed message): how many in @count_out (may be NULL). */
bool tess_db_outbox_remove_message (TessDb *db, int64_t message, unsigned *count_out, GError **error);
bool tess_db_outbox_remove_device (TessDb *db, const uint8_t device[static 32], unsigned *count_out, GError **error);
/* How many entries wait: of one contact, or of all (0). */
bool tess_db_outbox_count (TessDb *db, int64_t contact, unsigned *count_out, GError **error);
/* A contact moved: its waiting entries go to @relay. */
bool tess_db_outbox_set_relay (TessDb *db, int64_t contact, const char *relay, GError **error);

G_END_DECLS
