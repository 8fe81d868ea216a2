/* Asks for the passphrase of a profile that is kept under one. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: ::unlock (), the person wants to try what stands in the entry; ::recover (), or the recovery code instead. */
#define TESS_TYPE_UNLOCK_PAGE (tess_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (TessUnlockPage, tess_unlock_page, TESS, UNLOCK_PAGE, AdwBin)

/* Borrowed, in memory that is not swapped; valid until the entry changes. */
const char *tess_unlock_page_get_passphrase (TessUnlockPage *self);
/* There is a recovery code that opens the profile too: offers it. */
void tess_unlock_page_set_recoverable (TessUnlockPage *self);
/* It was open before, and does nothing until it is again: says so. */
void tess_unlock_page_set_locked (TessUnlockPage *self);
/* While it is tried; afterwards with the reason that it was wrong, or NULL. */
void tess_unlock_page_set_busy (TessUnlockPage *self, gboolean busy, const char *reason);

G_END_DECLS
