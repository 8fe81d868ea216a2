/* Tells the desktop of messages that nobody looks at: one notification a chat, one for all requests of strangers. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"
#include "ui/tess-main-view.h"

G_BEGIN_DECLS

/* A chat's notification is there while something unread has come since the start, its chat is not muted or blocked, and the
 * preferences say so; it is replaced every TESS_NOTIFY_EVERY_MS at most. While the session is locked it names nobody.
 * Signals:
 *   ::open (int64 id, string token)  a person wants that chat; @token, or NULL, gives the window the focus
 *   ::unsent (int64 id, string text, string why)  what they replied in the notification could not be sent */
#define TESS_TYPE_NOTIFIER (tess_notifier_get_type ())
G_DECLARE_FINAL_TYPE (TessNotifier, tess_notifier, TESS, NOTIFIER, GObject)

/* @view says which chat is being looked at; @bus is the session's, or NULL. When it is disposed of, all is withdrawn. */
TessNotifier *tess_notifier_new (TessEngine *engine, TessMainView *view, GDBusConnection *bus);

G_END_DECLS
