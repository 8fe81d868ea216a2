/* Whether the session is locked. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Signal: ::woke, after the machine slept, as logind tells.
 * Property: locked (boolean), notified. Follows the screen's locker (org.gnome.ScreenSaver, org.freedesktop.ScreenSaver),
 * logind's word for this session and its going to sleep, and the portal, which is the one that a sandbox can hear. */
#define TESS_TYPE_LOCK (tess_lock_get_type ())
G_DECLARE_FINAL_TYPE (TessLock, tess_lock, TESS, LOCK, GObject)

/* The one of this process; listens from the first call on. Borrowed. */
TessLock *tess_lock_get (void);
gboolean tess_lock_is_locked (TessLock *self);

G_END_DECLS
