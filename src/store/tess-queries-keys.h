/* Settings, own prekeys and one-time prekeys, shown codes. For jobs: call on the database thread, inside a transaction. Every
 * function: FALSE and TESS_STORE_ERROR on failure. Private halves are wiped with their structs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tess-secret.h"
#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

/* Settings: small values under a name. Who reads a name knows its type. Core's names: see src/core. */
bool tess_db_setting_set_text (TessDb *db, const char *name, const char *value, GError **error);
bool tess_db_setting_set_int (TessDb *db, const char *name, int64_t value, GError **error);
bool tess_db_setting_set_blob (TessDb *db, const char *name, const uint8_t *value, size_t size, GError **error);
/* @fallback, NULL or FALSE in @found_out (may be NULL) when the name is not set. Free texts with g_free(). */
bool tess_db_setting_get_text (TessDb *db, const char *name, char **value_out, GError **error);
bool tess_db_setting_get_int (TessDb *db, const char *name, int64_t fallback, int64_t *value_out, GError **error);
bool tess_db_setting_get_blob (TessDb *db, const char *name, GBytes **value_out, GError **error);
/* A blob of exactly @size bytes to @out: DAMAGED for another size; zeros when not set. */
bool tess_db_setting_copy (TessDb *db, const char *name, uint8_t *out, size_t size, bool *found_out, GError **error);
/* Adds @amount to a number (0 when not set) and gives the sum (@sum_out may be NULL): counters, next ids. */
bool tess_db_setting_add (TessDb *db, const char *name, int64_t amount, int64_t *sum_out, GError **error);
bool tess_db_setting_remove (TessDb *db, const char *name, GError **error);

/* An own prekey record and the private halves of its three keys (protocol.md 1). */
typedef struct {
  uint32_t spk_id;
  uint32_t envelope_key_id;
  int64_t created, expires;    /* seconds, as in the record */
  int64_t published;           /* when the relay took it; 0: not yet */
  uint8_t spk_private[32];
  uint8_t last_resort_seed[64];
  uint8_t envelope_seed[32];
  GBytes *record;              /* signed, as published */
  int64_t last_resort_uses;    /* sessions that were started with its last-resort key */
} TessPrekeyRow;

void tess_prekey_row_free (TessPrekeyRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessPrekeyRow, tess_prekey_row_free)

/* EXISTS for an spk_id or envelope_key_id that was used. */
bool tess_db_prekey_insert (TessDb *db, const TessPrekeyRow *row, GError **error);
bool tess_db_prekey_set_published (TessDb *db, uint32_t spk_id, int64_t when, GError **error);
/* Counts one more session that was started with the record's last-resort key; MISSING when it is not held. */
bool tess_db_prekey_count_last_resort (TessDb *db, uint32_t spk_id, GError **error);
/* One row, or NULL in @row_out when there is none: by id, by envelope key, or the newest of those not made after @created_max (a
 * clock that was ahead for a while leaves some from the future, which nobody takes). */
bool tess_db_prekey_find (TessDb *db, uint32_t spk_id, TessPrekeyRow **row_out, GError **error);
bool tess_db_prekey_find_envelope (TessDb *db, uint32_t envelope_key_id, TessPrekeyRow **row_out, GError **error);
bool tess_db_prekey_newest (TessDb *db, int64_t created_max, TessPrekeyRow **row_out, GError **error);
/* Erases records expired before @expired_before (now - TESS_PREKEY_KEEP_AFTER_EXPIRY), and with them the hellos seen under
 * them whose session is gone: mail under a session that lives may still repeat its hello. */
bool tess_db_prekey_erase_expired (TessDb *db, int64_t expired_before, GError **error);

/* The private halves of an own one-time prekey. */
typedef struct {
  uint32_t id;
  int64_t created;
  int64_t uploaded;          /* when the relay took it; 0: not yet */
  uint8_t opk_private[32];
  uint8_t kem_seed[64];
} TessOneTimeRow;

void tess_one_time_row_free (TessOneTimeRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessOneTimeRow, tess_one_time_row_free)

bool tess_db_one_time_insert (TessDb *db, const TessOneTimeRow *row, GError **error);
bool tess_db_one_time_find (TessDb *db, uint32_t id, TessOneTimeRow **row_out, GError **error);
/* Used in a handshake: erased (FALSE and MISSING when it is not held). */
bool tess_db_one_time_erase (TessDb *db, uint32_t id, GError **error);
/* Those never taken by the relay (TessOneTimeRow, oldest first, at most @max): to be sent (again). */
bool tess_db_one_time_not_uploaded (TessDb *db, unsigned max, GPtrArray **rows_out, GError **error);
/* Marks those of the ids @first to @last that were not, as taken. */
bool tess_db_one_time_set_uploaded (TessDb *db, uint32_t first, uint32_t last, int64_t when, GError **error);
/* Erases those uploaded before @uploaded_before (now - TESS_ONE_TIME_KEEP); @count_out may be NULL. */
bool tess_db_one_time_erase_old (TessDb *db, int64_t uploaded_before, unsigned *count_out, GError **error);

/* Codes shown (protocol.md 8): one use, until @expires, remembered a while longer. @contact is 0 for the general code. */
bool tess_db_code_insert (TessDb *db, const uint8_t secret[static 16], int64_t contact, int64_t expires, GError **error);
/* MISSING when it is unknown, or was over before @now: nothing makes it good again. */
bool tess_db_code_set_expires (TessDb *db, const uint8_t secret[static 16], int64_t now, int64_t expires, GError **error);
/* The codes made for @contact alone are over. */
bool tess_db_code_end_contact (TessDb *db, int64_t contact, int64_t now, GError **error);

typedef enum {
  TESS_CODE_FRESH,
  TESS_CODE_SPENT,
  TESS_CODE_TOLD, /* the person was told that somebody came too late with it */
} TessCodeState;

typedef struct {
  uint8_t secret[16];
  int64_t contact; /* whom it was made for, or who spent it */
  int64_t expires;
  TessCodeState state;
} TessCodeRow;

/* The codes that are remembered, those spent and expired too (TessCodeRow, newest first, at most TESS_CODES_REMEMBERED_MAX, wiped
 * with the array). */
bool tess_db_code_list (TessDb *db, GPtrArray **rows_out, GError **error);
/* @contact spends a code: MISSING when it is unknown or spent. */
bool tess_db_code_use (TessDb *db, const uint8_t secret[static 16], int64_t contact, GError **error);
bool tess_db_code_set_told (TessDb *db, const uint8_t secret[static 16], GError **error);
/* Those that expired before @expired_before (now - TESS_CODE_REMEMBER). */
bool tess_db_code_erase_expired (TessDb *db, int64_t expired_before, GError **error);

G_END_DECLS
