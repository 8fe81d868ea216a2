/* Asks for the recovery code of a profile whose keys the keyring has lost. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::recover (): the person wants to try what stands in the entry; ::try-again (): the keyring may be in order again. */
#define TESS_TYPE_RECOVER_PAGE (tess_recover_page_get_type ())
G_DECLARE_FINAL_TYPE (TessRecoverPage, tess_recover_page, TESS, RECOVER_PAGE, AdwBin)

/* Borrowed, in memory that is not swapped; valid until the entry changes. */
const char *tess_recover_page_get_code (TessRecoverPage *self);
/* While it is tried; afterwards with the reason that it did not help, or NULL. */
void tess_recover_page_set_busy (TessRecoverPage *self, gboolean busy, const char *reason);

G_END_DECLS
