/* Notifications on the desktop, each under an id of ours: through the portal in a sandbox, else from
 * org.freedesktop.Notifications. What is said goes out as plain text, whatever the desktop makes of markup. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  TESS_NOTIFICATION_OPEN,
  TESS_NOTIFICATION_REPLY,
  TESS_NOTIFICATION_READ,
} TessNotificationAct;

/* Signals:
 *   ::activated (string id, uint act, string text, string token)  a person chose something: @act a TessNotificationAct;
 *       @text what they replied, where the desktop has an entry for that, or NULL; @token what gives a window the focus, or NULL
 *   ::dismissed (string id)  it is on the screen no more, not by us; a portal does not tell */
#define TESS_TYPE_NOTIFICATIONS (tess_notifications_get_type ())
G_DECLARE_FINAL_TYPE (TessNotifications, tess_notifications, TESS, NOTIFICATIONS, GObject)

/* @bus: the session's, or NULL: nothing is shown. When it is disposed of, what is shown is withdrawn. */
TessNotifications *tess_notifications_new (GDBusConnection *bus);

/* Plain text. */
typedef struct {
  const char *title;
  const char *body;
  gboolean answers; /* with Reply and Mark as Read */
  gboolean quiet;   /* makes no sound: it only says something else now */
} TessNotification;

/* Shows it in the place of the one of that id, if there is one. A desktop without notifications is no error. */
void tess_notifications_show (TessNotifications *self, const char *id, const TessNotification *notification);
void tess_notifications_withdraw (TessNotifications *self, const char *id);

G_END_DECLS
