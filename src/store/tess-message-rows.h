/* Reading messages: private to the query files. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-queries-messages.h"

G_BEGIN_DECLS

#define TESS_SELECT_MESSAGE                                                                                                      \
  "SELECT id, conversation, sender, message_id, time_ms, stored_ms, kind, state, is_read, body, failure, reply_to, action, "     \
  "target, edited_ms, deleted, expires_after, expires_ms FROM messages "

/* The row of a TESS_SELECT_MESSAGE that stands before the query. */
TessMessageRow *tess_message_row_read (TessQuery *query);

/* Unread messages and the newest one of a conversation, counted anew. */
bool tess_message_rows_recount (TessDb *db, int64_t conversation, GError **error);

G_END_DECLS
