/* Asks for the recovery code of a profile whose keys, or whose keyring, are gone. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals ::recover (): the person wants to try what stands in the entries; ::try-again (): the keyring may be in order again. */
#define TESS_TYPE_RECOVER_PAGE (tess_recover_page_get_type ())
G_DECLARE_FINAL_TYPE (TessRecoverPage, tess_recover_page, TESS, RECOVER_PAGE, AdwBin)

/* Borrowed, in memory that is not swapped; valid until the entry changes. */
const char *tess_recover_page_get_code (TessRecoverPage *self);
/* Once it was asked for, what takes the keyring's place, lent as the code is; else NULL. */
const char *tess_recover_page_get_passphrase (TessRecoverPage *self);
/* Says that the keyring does not answer, instead of that it lost the keys. */
void tess_recover_page_set_away (TessRecoverPage *self);
/* The keys are there, under an app lock whose passphrase is not at hand: ::try-again goes back to it. */
void tess_recover_page_set_locked (TessRecoverPage *self);
/* The code is right, but there is no keyring: asks for a passphrase. */
void tess_recover_page_ask_passphrase (TessRecoverPage *self);
/* While they are tried; afterwards with the reason that it did not help, or NULL. */
void tess_recover_page_set_busy (TessRecoverPage *self, gboolean busy, const char *reason);

G_END_DECLS
