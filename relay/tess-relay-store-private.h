/* What the files of the SQLite store share. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/tess-relay-store.h"

#include <sqlite3.h>

G_BEGIN_DECLS

struct _TessRelayStore {
  sqlite3 *db;
  GHashTable *statements; /* SQL literal (by address) → sqlite3_stmt */
  int64_t complained;     /* when a database error was last logged */
  int64_t sweep_cursor;   /* the mailbox that the sweep looked at last */
};

/* A prepared statement in use; goes back, reset, when it leaves its scope. */
typedef struct {
  TessRelayStore *store;
  sqlite3_stmt *stmt; /* NULL when it could not be prepared: stepping it is a failure */
} TessRelayQuery;

/* @sql is a literal: statements are kept by its address. */
TessRelayQuery tess_relay_query (TessRelayStore *self, const char *sql);
void tess_relay_query_clear (TessRelayQuery *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TessRelayQuery, tess_relay_query_clear)

/* Parameters count from 1. Blobs and texts stay the caller's and outlive the query. */
void tess_relay_bind_int (TessRelayQuery *self, int index, int64_t value);
void tess_relay_bind_blob (TessRelayQuery *self, int index, const void *data, size_t size);
void tess_relay_bind_text (TessRelayQuery *self, int index, const char *text);
void tess_relay_bind_bytes (TessRelayQuery *self, int index, GBytes *bytes);

typedef enum { TESS_RELAY_STEP_ROW, TESS_RELAY_STEP_DONE, TESS_RELAY_STEP_FAILED } TessRelayStep;
TessRelayStep tess_relay_step (TessRelayQuery *self);
/* Steps a statement that gives no rows. */
bool tess_relay_run (TessRelayQuery *self);

/* Columns count from 0. A text is a copy, NULL for NULL. */
char *tess_relay_column_text (TessRelayQuery *self, int index);
int64_t tess_relay_column_int (TessRelayQuery *self, int index);
/* A copy; NULL for NULL. */
GBytes *tess_relay_column_bytes (TessRelayQuery *self, int index);
/* Copies a blob of exactly @size bytes; zeros, and FALSE, for anything else. */
bool tess_relay_column_copy (TessRelayQuery *self, int index, uint8_t *out, size_t size);

/* Brings the schema of an open database up to date, or without @update refuses any other (tess-relay-store-schema.c). */
bool tess_relay_store_migrate (TessRelayStore *self, const char *path, bool update, GError **error);
/* Sets TESS_RELAY_ERROR_DATA from the database's own last error. */
void tess_relay_store_set_error (TessRelayStore *self, const char *path, const char *doing, GError **error);

/* Mail of mailbox number m with sequence s has the id m << 36 | s: one key, in order, without an index of its own. */
#define TESS_RELAY_SEQUENCE_BITS 36
#define TESS_RELAY_SEQUENCE_MAX ((INT64_C (1) << TESS_RELAY_SEQUENCE_BITS) - 1)
/* Above it the ids would no longer be positive. */
#define TESS_RELAY_NUMBER_MAX ((INT64_C (1) << (63 - TESS_RELAY_SEQUENCE_BITS)) - 1)
#define TESS_RELAY_MAIL_ID(mailbox, sequence) ((int64_t) (mailbox) << TESS_RELAY_SEQUENCE_BITS | (int64_t) (sequence))

/* The class under which @hash may deposit for @account; REFUSED, BUSY. */
TessRelayResult tess_relay_store_check_capability (TessRelayStore *self, const uint8_t account[static 32],
                                                   const uint8_t hash[static TESS_CAPABILITY_HASH_SIZE], int64_t now,
                                                   TessMailClass *class_out);
/* The number and account of the mailbox of @device; NO_MAILBOX, BUSY. */
TessRelayResult tess_relay_store_find (TessRelayStore *self, const uint8_t device[static 32], int64_t *number_out,
                                       uint8_t account_out[static 32]);
/* Deletes the earlier capabilities of @account that have ended. */
bool tess_relay_store_trim_capabilities (TessRelayStore *self, const uint8_t account[static 32], int64_t now);
/* Takes @name, which is @account's, away from it. */
bool tess_relay_store_disown (TessRelayStore *self, const uint8_t account[static 32], const char *name);
/* Gives up the name of @account, if it has one. */
bool tess_relay_store_release_name (TessRelayStore *self, const uint8_t account[static 32]);
/* Whether @account may be made with the invitation @hash, and takes it for that: OK, INVITATION, BUSY. */
TessRelayResult tess_relay_store_use_invitation (TessRelayStore *self, const uint8_t hash[static TESS_RELAY_INVITATION_SIZE],
                                                 const uint8_t account[static 32], int64_t now);
/* The invitation of @account stays used, but no longer says by whom. */
bool tess_relay_store_forget_invited (TessRelayStore *self, const uint8_t account[static 32]);
/* Deletes @account, if it has no mailbox left. */
bool tess_relay_store_delete_if_empty (TessRelayStore *self, const uint8_t account[static 32]);
/* Deletes what has ended of the tickets and sums of @account. */
bool tess_relay_store_trim_uploads (TessRelayStore *self, const uint8_t account[static 32], int64_t now);
/* Forgets the tickets and sums of @account. */
bool tess_relay_store_forget_uploads (TessRelayStore *self, const uint8_t account[static 32]);
/* Takes mailbox @number out of use; the sweep deletes what it held. */
bool tess_relay_store_drop (TessRelayStore *self, int64_t number);

G_END_DECLS
