/* All that a backup holds, page by page, and putting it into a database where nothing is yet (protocol.md 12). For jobs, as
 * tess-queries-keys.h. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-queries-messages.h"

G_BEGIN_DECLS

/* Messages (TessMessageRow), oldest first, above the row @after, at most @max. Left out are those that are erased in time, what
 * others did to messages that are not here, and what was done here to messages that are left out. */
bool tess_db_backup_messages (TessDb *db, int64_t after, unsigned max, GPtrArray **rows_out, GError **error);
/* The newest row of all messages; 0: none. */
bool tess_db_backup_newest (TessDb *db, int64_t *newest_out, GError **error);

typedef struct {
  int64_t sender; /* as in TessMessageRow */
  int64_t time_ms;
  char *emoji;
} TessReactionRow;

void tess_reaction_row_free (TessReactionRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessReactionRow, tess_reaction_row_free)

/* The reactions to a message (TessReactionRow), the own one first. */
bool tess_db_backup_reactions (TessDb *db, int64_t message, GPtrArray **rows_out, GError **error);

/* Removes everything but the schema: contacts and all that hangs on them, own prekeys, settings, what was seen. */
bool tess_db_backup_erase (TessDb *db, GError **error);
/* The conversation of @row's contact, made or replaced with all of @row but its counts; sets its id. */
bool tess_db_backup_put_conversation (TessDb *db, TessConversationRow *row, GError **error);
/* A message with all of @row, and no other effect; sets its id. EXISTS when its sender used the id. */
bool tess_db_backup_put_message (TessDb *db, TessMessageRow *row, GError **error);
/* EXISTS when that person has reacted to it. */
bool tess_db_backup_put_reaction (TessDb *db, int64_t message, const TessReactionRow *row, GError **error);
/* The message that the conversation's draft answers. */
bool tess_db_backup_put_answered (TessDb *db, int64_t conversation, int64_t message, GError **error);
/* At the end: counts what is unread, and finds each conversation's newest message. */
bool tess_db_backup_settle (TessDb *db, GError **error);

G_END_DECLS
