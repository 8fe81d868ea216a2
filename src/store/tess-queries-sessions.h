/* Ratchet sessions, stored message keys, hellos and envelopes seen. For jobs, as tess-queries-keys.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

typedef struct {
  int64_t id;            /* set by insert */
  int64_t contact;
  uint8_t device[32];    /* D of the other side */
  bool active;           /* the one that sends; else archived: receives only */
  bool initiator;        /* we sent the hello */
  bool answered;         /* initiator: they decrypted it and wrote back, the hello is no longer sent */
  int64_t created;       /* seconds */
  int64_t last_received; /* seconds; 0: nothing yet */
  uint32_t spk_id;       /* of the responder, from the hello */
  uint8_t ek[32];        /* EKa, from the hello */
  GBytes *hello;         /* initiator until answered: the bytes that precede each message; else NULL */
  TessWiped *state;      /* the ratchet, serialised: secret */
  bool last_resort;      /* agreed without a one-time prekey: with the responder's last-resort key */
} TessSessionRow;

void tess_session_row_free (TessSessionRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessSessionRow, tess_session_row_free)

/* Stores a new session and sets its id. When it is active, the device's active one is archived first. */
bool tess_db_session_insert (TessDb *db, TessSessionRow *row, GError **error);
/* Writes active, answered, last_received, hello and state of the row with this id; becoming active archives the other. */
bool tess_db_session_update (TessDb *db, const TessSessionRow *row, GError **error);
bool tess_db_session_find (TessDb *db, int64_t id, TessSessionRow **row_out, GError **error);
bool tess_db_session_find_active (TessDb *db, int64_t contact, const uint8_t device[static 32], TessSessionRow **row_out,
                                  GError **error);
/* All of a device (TessSessionRow): the active one first, then by last_received, newest first. */
bool tess_db_session_list (TessDb *db, int64_t contact, const uint8_t device[static 32], GPtrArray **rows_out, GError **error);
bool tess_db_session_remove (TessDb *db, int64_t id, GError **error);
/* Removes archived sessions without mail since @received_before, and of each device those beyond @keep archived ones (the
 * longest without mail first; one that never received counts from its creation). */
bool tess_db_session_prune (TessDb *db, int64_t received_before, unsigned keep, GError **error);

/* The message keys that a session keeps for mail that comes late. Each goes with the session; a place that was stored before is
 * overwritten. */
bool tess_db_skipped_put (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, const uint8_t key[static 32],
                          int64_t stored, GError **error);
/* The key for (dh, number) to @key_out; FALSE in @found_out (and zeros) when it is not stored. It stays until
 * tess_db_skipped_remove(). */
bool tess_db_skipped_find (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, uint8_t key_out[static 32],
                           bool *found_out, GError **error);
bool tess_db_skipped_remove (TessDb *db, int64_t session, const uint8_t dh[static 32], uint32_t number, GError **error);
/* Drops those of @session beyond the newest TESS_RATCHET_STORED_KEYS_MAX: after a job's last tess_db_skipped_put(). */
bool tess_db_skipped_trim (TessDb *db, int64_t session, GError **error);
/* Drops those stored before @stored_before (now - TESS_RATCHET_STORED_KEY_KEEP), in all sessions. */
bool tess_db_skipped_erase_old (TessDb *db, int64_t stored_before, GError **error);

/* Hellos seen (protocol.md 2): (spk_id, EKa) is remembered until both the prekey is erased and its session is gone. */
bool tess_db_hello_put (TessDb *db, uint32_t spk_id, const uint8_t ek[static 32], int64_t session, GError **error);
/* @found_out: the hello is known; *@session_out its session, 0 when that is gone. */
bool tess_db_hello_find (TessDb *db, uint32_t spk_id, const uint8_t ek[static 32], bool *found_out, int64_t *session_out,
                         GError **error);

/* Envelopes handled (protocol.md 6): @seen_out tells whether the hash was there; it is now. */
bool tess_db_envelope_see (TessDb *db, const uint8_t hash[static 32], int64_t now, bool *seen_out, GError **error);
/* Whether the hash is there; changes nothing. */
bool tess_db_envelope_seen (TessDb *db, const uint8_t hash[static 32], bool *seen_out, GError **error);
/* Forgets those before @seen_before (now - TESS_SEEN_ENVELOPE_KEEP). */
bool tess_db_envelope_erase_old (TessDb *db, int64_t seen_before, GError **error);

G_END_DECLS
