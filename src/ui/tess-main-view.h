/* The chats, side by side where there is room, one behind the other where not. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TESS_TYPE_MAIN_VIEW (tess_main_view_get_type ())
G_DECLARE_FINAL_TYPE (TessMainView, tess_main_view, TESS, MAIN_VIEW, AdwBreakpointBin)

/* @open: the id of the chat to open with, 0: none. */
GtkWidget *tess_main_view_new (TessEngine *engine, gint64 open);
/* The open chat's id, 0: none. */
gint64 tess_main_view_get_open (TessMainView *self);
/* The same while it is before a person's eyes, in the window that has the keyboard; else 0. */
gint64 tess_main_view_get_seen (TessMainView *self);
/* Opens the chat with that id, if there is one, and brings the cursor to its composer. */
void tess_main_view_open (TessMainView *self, gint64 id);
/* The same, with @text in its composer unless there is something else: what could not be sent is not lost. */
void tess_main_view_offer (TessMainView *self, gint64 id, const char *text);
/* Opens the chat @step further down the list; the next in that direction with something unread; or, from 1 on, that one. */
void tess_main_view_step (TessMainView *self, int step);
void tess_main_view_step_unread (TessMainView *self, int step);
void tess_main_view_open_number (TessMainView *self, guint number);
/* Opens the chat with that id at the message of @row. */
void tess_main_view_show_message (TessMainView *self, gint64 id, gint64 row);
/* The search over all chats, in the list, for @text or (NULL) what it was for before; and the one in the open chat. */
void tess_main_view_search (TessMainView *self, const char *text);
void tess_main_view_search_chat (TessMainView *self);
/* Whatever is typed where nothing takes text goes to the composer: TRUE when it did. @controller has the key press at hand. */
gboolean tess_main_view_take_key (TessMainView *self, GtkEventControllerKey *controller, guint keyval, GdkModifierType state);
/* Keeps what stands in the open chat's composer. */
void tess_main_view_save_draft (TessMainView *self);
/* From the list to the chat and back. */
void tess_main_view_next_pane (TessMainView *self);

G_END_DECLS
