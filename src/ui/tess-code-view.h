/* One's own code: made when it comes on the screen, another before its time is over, ended when it leaves.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Property compact (boolean): the picture alone, without address and buttons. */
#define TESS_TYPE_CODE_VIEW (tess_code_view_get_type ())
G_DECLARE_FINAL_TYPE (TessCodeView, tess_code_view, TESS, CODE_VIEW, AdwBin)

/* Whose code: @conversation for one contact's scan, NULL for the general one. Before it is mapped. */
void tess_code_view_set_engine (TessCodeView *self, TessEngine *engine, TessConversation *conversation);

/* Shows a new code, under the address as it is now. */
void tess_code_view_renew (TessCodeView *self);

G_END_DECLS
