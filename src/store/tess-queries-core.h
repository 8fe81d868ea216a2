/* Queries over several tables that core's workers ask: what waits to be sealed, what is still on its way. For jobs, as
 * tess-queries-keys.h. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

/* Rows (int64_t) of own waiting messages to @contact that no outbox entry carries yet, oldest first, at most @max. */
bool tess_db_message_unsealed (TessDb *db, int64_t contact, unsigned max, GArray **rows_out, GError **error);
/* Fails with @failure what waits for @contact, the texts and the actions on them, but for what a relay was given already: the
 * rows (int64_t). */
bool tess_db_message_fail_waiting (TessDb *db, int64_t contact, const char *failure, GArray **rows_out, GError **error);
/* Contacts (int64_t) that have messages which no outbox entry carries, or receipts that wait. */
bool tess_db_contacts_unsealed (TessDb *db, GArray **contacts_out, GError **error);
/* How many contacts were neither accepted nor blocked. */
bool tess_db_contact_count_requests (TessDb *db, unsigned *count_out, GError **error);
/* The database's size in bytes, without its write-ahead log, and how many texts are in it. Reads an index of all messages. */
bool tess_db_usage (TessDb *db, uint64_t *bytes_out, uint64_t *messages_out, GError **error);
/* How much of what waits is left: outbox entries up to @outbox, own waiting messages up to @message. */
bool tess_db_unsent_count (TessDb *db, int64_t outbox, int64_t message, unsigned *count_out, GError **error);
/* The newest outbox entry and message; 0: none. */
bool tess_db_unsent_newest (TessDb *db, int64_t *outbox_out, int64_t *message_out, GError **error);
/* Archives the active sessions of @contact (0: of all). */
bool tess_db_session_archive_active (TessDb *db, int64_t contact, GError **error);
/* Settings whose name begins with @prefix (ASCII): names (strings) to @names_out, free with g_ptr_array_unref(). */
bool tess_db_setting_names (TessDb *db, const char *prefix, GPtrArray **names_out, GError **error);

G_END_DECLS
