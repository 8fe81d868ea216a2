/* The desktop's portals, over D-Bus. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <libdex.h>

G_BEGIN_DECLS

#define TESS_PORTAL_ERROR (tess_portal_error_quark ())
GQuark tess_portal_error_quark (void);

typedef enum {
  TESS_PORTAL_ERROR_FAILED, /* the message says how */
  TESS_PORTAL_ERROR_NONE,   /* there is no such portal */
  TESS_PORTAL_ERROR_ABSENT, /* the portal knows of no camera */
  TESS_PORTAL_ERROR_DENIED, /* by the person, now or before, or by who runs the machine */
} TessPortalError;

#define TESS_PORTAL_NAME "org.freedesktop.portal.Desktop"
#define TESS_PORTAL_PATH "/org/freedesktop/portal/desktop"

/* Whether the desktop is out of reach but for its portals: in a sandbox, or with GTK_USE_PORTAL=1, which GIO goes by too. */
gboolean tess_portal_is_needed (void);

/* Makes this process known to the portals on @bus (may be NULL), if there are any. They look a new caller up in /proc, remember
 * it, and refuse whom they cannot look up: call it before tess_process_hide(), and after GTK has told them the application's id.
 * Waits TESS_PORTAL_HELLO_MS at most. */
void tess_portal_introduce (GDBusConnection *bus);

/* Asks for the cameras, which may put a question on the screen. Resolves to a GUnixFDList of one descriptor, a connection to
 * PipeWire that shows cameras and nothing else. Rejects with TESS_PORTAL_ERROR, or G_IO_ERROR_CANCELLED once @cancellable is; the
 * question then stays where it is, and the next caller waits for the same answer. */
DexFuture *tess_portal_open_cameras (GCancellable *cancellable);

/* Asks the Background portal, which may put a question on the screen. @options: its own, without the token; ended. Resolves to
 * what it answered, a variant of type a{sv}. Rejects with TESS_PORTAL_ERROR. In a fiber or not. */
DexFuture *tess_portal_request_background (GVariantDict *options);
/* What the list of apps that run in the background says of this one. A portal without one is no error. */
void tess_portal_set_status (const char *words);

/* Calls @func from now to the end of the process whenever the portal says that the session's screen is locked or no longer is.
 * Without such a portal: never. */
typedef void (*TessPortalLockFunc) (gboolean locked, gpointer data);
void tess_portal_watch_lock (GDBusConnection *bus, TessPortalLockFunc func, gpointer data);

G_END_DECLS
