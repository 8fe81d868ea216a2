/* The safety number, to be read aloud to each other. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::marked (boolean): the person marked the contact as verified, or took it back. */
#define TESS_TYPE_NUMBER_VIEW (tess_number_view_get_type ())
G_DECLARE_FINAL_TYPE (TessNumberView, tess_number_view, TESS, NUMBER_VIEW, AdwBin)

/* Whose number: once in a view's life. */
void tess_number_view_set_engine (TessNumberView *self, TessEngine *engine, TessConversation *conversation);

G_END_DECLS
