/* How a person wants the app to be, kept in settings.ini in the profile's folder as window.ini is, and for the same reasons. One
 * process has one profile and one of these. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  TESS_APPEARANCE_SYSTEM,
  TESS_APPEARANCE_LIGHT,
  TESS_APPEARANCE_DARK,
  TESS_N_APPEARANCES,
} TessAppearance;

/* When the app locks by itself, where it has a passphrase to open with. */
typedef enum {
  TESS_LOCKS_NEVER,
  TESS_LOCKS_WITH_SCREEN,
  TESS_LOCKS_AFTER_5, /* minutes without use of the window */
  TESS_LOCKS_AFTER_15,
  TESS_LOCKS_AFTER_60,
  TESS_N_LOCKS,
} TessLocks;

/* Properties, notified, written to the file when they are set:
 *   appearance  (uint, a TessAppearance)
 *   auto-lock   (uint, a TessLocks)
 *   enter-sends (boolean)  Enter sends a message; FALSE: Ctrl+Enter does, and Enter breaks the line
 *   camera      (string)   the name of the camera that was chosen last; "": none was
 *   notifications (boolean)  the desktop tells of messages
 *   message-text (boolean)   and shows what they say
 *   background (boolean)     without a window, messages keep coming
 *   autostart (boolean)      and from login on: what tess_background_request() was granted
 *   setting-up (boolean)     first start makes an account, and has not come past the recovery code
 *   spelling (boolean)       what is written is looked up in dictionaries
 *   spelling-language (string)  in which of them, as the spelling menu names it (de_DE); "": the desktop's */
#define TESS_TYPE_SETTINGS (tess_settings_get_type ())
G_DECLARE_FINAL_TYPE (TessSettings, tess_settings, TESS, SETTINGS, GObject)

/* The ones of this process; defaults before tess_settings_open(). Borrowed. */
TessSettings *tess_settings_get (void);
/* Reads @profile's; whatever is missing or out of bounds is a sane default. Never fails. Later changes are written there; a
 * folder that cannot be written loses nothing worth a word. */
void tess_settings_open (TessSettings *self, const char *profile);

TessAppearance tess_settings_get_appearance (TessSettings *self);
TessLocks tess_settings_get_auto_lock (TessSettings *self);
gboolean tess_settings_get_enter_sends (TessSettings *self);
const char *tess_settings_get_camera (TessSettings *self);
gboolean tess_settings_get_notifications (TessSettings *self);
gboolean tess_settings_get_message_text (TessSettings *self);
gboolean tess_settings_get_background (TessSettings *self);
gboolean tess_settings_get_autostart (TessSettings *self);
gboolean tess_settings_get_setting_up (TessSettings *self);
gboolean tess_settings_get_spelling (TessSettings *self);
const char *tess_settings_get_spelling_language (TessSettings *self);

G_END_DECLS
