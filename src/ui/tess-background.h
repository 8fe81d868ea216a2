/* Running without a window, and from login on. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <libdex.h>

G_BEGIN_DECLS

typedef enum {
  TESS_BACKGROUND_RUN = 1 << 0,   /* it may run without a window */
  TESS_BACKGROUND_LOGIN = 1 << 1, /* and is started, without one, when the person logs in */
} TessBackground;

/* Asks the portal, which may put a question on the screen. Outside of a sandbox, where nobody needs to be asked and portals often
 * cannot tell who asks, it writes or removes the file in the folder of what starts at login. @id is the application's, @profile
 * the folder to be opened with it. Resolves to what of @wanted (TessBackground) is granted: uint. Rejects when that cannot be
 * found out; the message can be shown. */
DexFuture *tess_background_request (TessBackground wanted, const char *id, const char *profile) G_GNUC_WARN_UNUSED_RESULT;

/* The line for a desktop file that starts @program on @profile without a window; NULL for a path that no such file can hold. Free
 * with g_free(). */
char *tess_background_command (const char *program, const char *profile);

/* What the list of apps in the background says of this one, in a sandbox: @words, a line of at most 90 characters. */
void tess_background_tell (const char *words);

G_END_DECLS
