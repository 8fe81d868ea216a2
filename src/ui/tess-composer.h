/* Where a message is written, answered or changed. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-message.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals:
 *   ::send (string, TessMessage)    the person wants this text sent, as an answer to that message or, NULL, to none; it is
 *                                   cleared already
 *   ::change (TessMessage, string)  that message's text is to be this
 *   ::typed ()                      the person changed the text
 *   ::step (int)                    answer the message before (-1) or after (1) the one that tess_composer_get_reply() tells
 *   ::edit-last ()                  change the last own message */
#define TESS_TYPE_COMPOSER (tess_composer_get_type ())
G_DECLARE_FINAL_TYPE (TessComposer, tess_composer, TESS, COMPOSER, AdwBin)

void tess_composer_set_text (TessComposer *self, const char *text);
/* What stands in it, or, while a message is being changed, stood in it before. Free with g_free(). */
char *tess_composer_dup_draft (TessComposer *self);
/* Whether something is being written that is no change of an old message. */
gboolean tess_composer_is_writing (TessComposer *self);
/* What is written next answers @message, of a chat with @name. */
void tess_composer_reply (TessComposer *self, TessMessage *message, const char *name);
/* The message that is being answered, or NULL. Borrowed. */
TessMessage *tess_composer_get_reply (TessComposer *self);
/* @message is being changed; what stands here comes back afterwards, and what it answers. What is answered or changed and then
 * erased is so no more. */
void tess_composer_edit (TessComposer *self, TessMessage *message);
/* No change any more, or where nothing is changed no answer; FALSE when there was neither. */
gboolean tess_composer_cancel (TessComposer *self);
/* Takes the focus; with @event a key press of elsewhere is typed here (TRUE when it was text). */
void tess_composer_focus (TessComposer *self);
gboolean tess_composer_forward_key (TessComposer *self, GtkEventControllerKey *controller);

G_END_DECLS
