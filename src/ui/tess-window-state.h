/* What a window looked like when it was last closed. Kept as a small file in the profile's folder and not in GSettings: each
 * profile has its own open chat, it goes where the profile goes, and a program run from its build folder needs no installed
 * schema. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  int width;
  int height;
  gboolean maximized;
  gint64 conversation; /* the open one's id, 0: none */
} TessWindowState;

/* Reads @profile's; whatever is missing or out of bounds is a sane default. Never fails. */
void tess_window_state_load (TessWindowState *self, const char *profile);
/* Writes it; a folder that cannot be written loses nothing worth a word. */
void tess_window_state_save (const TessWindowState *self, const char *profile);

G_END_DECLS
