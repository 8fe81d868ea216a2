/* Shows a code of 30 digits that is to be written down, this once, and asks for a part of it, which tells that it was.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::written (): the last five digits were typed. A copy leaves the clipboard with the widget, and after 90 seconds. */
#define TESS_TYPE_PAPER_CODE (tess_paper_code_get_type ())
G_DECLARE_FINAL_TYPE (TessPaperCode, tess_paper_code, TESS, PAPER_CODE, AdwBin)

/* Shows @code in place of any before it. */
void tess_paper_code_show (TessPaperCode *self, TessRecoveryText *code);
/* The code that is shown, or NULL. Borrowed. */
TessRecoveryText *tess_paper_code_get (TessPaperCode *self);
/* Asks for the last five digits, once more after it was ::written, and says what is amiss (NULL: nothing). */
void tess_paper_code_ask (TessPaperCode *self, const char *problem);
/* Neither shows nor asks: what it is for is under way or done. The code is kept. */
void tess_paper_code_rest (TessPaperCode *self);
/* Forgets the code besides. @problem is said, if there is one. */
void tess_paper_code_forget (TessPaperCode *self, const char *problem);

G_END_DECLS
