/* What is done to messages after they were written: edits, deletions, reactions, erasing in time. For jobs, as
 * tess-queries-keys.h. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-queries-messages.h"

G_BEGIN_DECLS

/* The message with this id in the conversation, by whomever; NULL when there is none. */
bool tess_db_message_find_in (TessDb *db, int64_t conversation, const uint8_t message_id[static 16], TessMessageRow **row_out,
                              GError **error);

/* A new body for a text, which is marked as edited at @edited_ms. */
bool tess_db_message_edit (TessDb *db, int64_t id, const char *body, int64_t edited_ms, GError **error);
/* Takes a text back for everyone: its body, its reactions and the own edits and reactions on their way are erased, the row stays
 * as a mark. Read. */
bool tess_db_message_erase (TessDb *db, const TessMessageRow *row, GError **error);
/* Removes a message with all that belongs to it; its conversation's last message and count are what is left. */
bool tess_db_message_remove (TessDb *db, const TessMessageRow *row, GError **error);
/* Removes an action alone. */
bool tess_db_action_remove (TessDb *db, int64_t id, GError **error);
/* Their actions on @target that came before it (TessMessageRow), in the order of their coming. */
bool tess_db_actions_early (TessDb *db, int64_t conversation, const uint8_t target[static 16], GPtrArray **rows_out,
                            GError **error);
/* The oldest of theirs are removed until at most @max are left. */
bool tess_db_actions_trim (TessDb *db, int64_t conversation, unsigned max, GError **error);
/* Theirs that came before @before_ms and never found their target are removed. */
bool tess_db_actions_forget (TessDb *db, int64_t before_ms, GError **error);
/* Why the newest own action on @target that failed did: a word of core's (free with g_free()), NULL when none has; and all of
 * them wait again. */
bool tess_db_action_failed (TessDb *db, int64_t conversation, const uint8_t target[static 16], char **failure_out,
                            GError **error);
bool tess_db_actions_retry (TessDb *db, int64_t conversation, const uint8_t target[static 16], GError **error);
/* Those own ones of this kind that failed are given up: a newer one takes their place. */
bool tess_db_action_supersede (TessDb *db, int64_t conversation, const uint8_t target[static 16], TessAction action,
                               GError **error);

/* The own changes of the timer that failed are given up, whatever notice tells of them: the notices (int64_t rows). */
bool tess_db_timer_supersede (TessDb *db, int64_t conversation, GArray **notices_out, GError **error);

/* @sender's reaction ("" for none any more), unless a newer one is known: *@changed_out. @sender as in TessMessageRow. */
bool tess_db_reaction_set (TessDb *db, int64_t message, int64_t sender, const char *emoji, int64_t time_ms, bool *changed_out,
                           GError **error);
/* The own reaction (@own) or the other person's to a message: newly allocated, "" for none; and its time, 0 for none. @time_out
 * may be NULL. */
bool tess_db_reaction_get (TessDb *db, int64_t message, bool own, char **emoji_out, int64_t *time_out, GError **error);

bool tess_db_conversation_set_timer (TessDb *db, int64_t id, unsigned seconds, GError **error);
/* The time of a message that is erased in time begins, unless it had begun. */
bool tess_db_expiry_begin (TessDb *db, int64_t message, int64_t now_ms, GError **error);
/* The next that is due (ms), 0: none; and those due by @now_ms (TessMessageRow), at most @max. */
bool tess_db_expiry_next (TessDb *db, int64_t *due_out, GError **error);
bool tess_db_expiry_due (TessDb *db, int64_t now_ms, unsigned max, GPtrArray **rows_out, GError **error);

G_END_DECLS
