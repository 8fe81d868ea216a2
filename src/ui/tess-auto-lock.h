/* When the app is to be locked by itself, as the settings say. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::due () → gboolean: the screen was locked, or the window was not used for as long as it may be; time in which the
 * machine slept counts. TRUE: it is locked now, and whatever was typed or pressed so late goes nowhere. */
#define TESS_TYPE_AUTO_LOCK (tess_auto_lock_get_type ())
G_DECLARE_FINAL_TYPE (TessAutoLock, tess_auto_lock, TESS, AUTO_LOCK, GObject)

/* Watches what is done in @window and in its dialogs. These also get the key of "win.lock": no accelerator of the window works
 * below one. */
TessAutoLock *tess_auto_lock_new (AdwApplicationWindow *window);
/* The window is in use from now on: it was unlocked. */
void tess_auto_lock_begin (TessAutoLock *self);

G_END_DECLS
