/* What a person does to chats and looks for in them, as jobs (tess-intents.h). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-intents.h"

G_BEGIN_DECLS

/* @conversation, @message (after), @count → @rows (TessMessageData, oldest first), @newer. */
bool tess_intent_load_newer (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message, @count → @rows: up to so many before it, and so many from it on; @more (older ones), @newer. */
bool tess_intent_load_around (TessJob *job, gpointer intent, GError **error);
/* @conversation, @secret (a message's id) → @message, 0 when it is not here. */
bool tess_intent_find_message (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message (a text that was not deleted) → @rows (its TessMessageData). */
bool tess_intent_load_message (TessJob *job, gpointer intent, GError **error);

/* @conversation, @text ("" or NULL: none), @reply (the row of the message that it answers, or 0). */
bool tess_intent_set_draft (TessJob *job, gpointer intent, GError **error);
/* @conversation, @result (TessChatFlag), @count (1: on). */
bool tess_intent_set_flag (TessJob *job, gpointer intent, GError **error);
/* @conversation, @text ("" or NULL: none). */
bool tess_intent_set_nickname (TessJob *job, gpointer intent, GError **error);
/* @conversation, @count (1: blocked). */
bool tess_intent_set_blocked (TessJob *job, gpointer intent, GError **error);
/* @conversation. */
bool tess_intent_remove (TessJob *job, gpointer intent, GError **error);
/* → @conversation. */
bool tess_intent_open_notes (TessJob *job, gpointer intent, GError **error);
/* @conversation. */
bool tess_intent_list (TessJob *job, gpointer intent, GError **error);
/* @conversation (0: all), @text, @message (before; 0: newest), @count → @rows (TessSearchRow, newest first). */
bool tess_intent_search (TessJob *job, gpointer intent, GError **error);
/* → @object (a TessUsage that was given). */
bool tess_intent_measure (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
