/* A passphrase is chosen, and typed twice: for a profile without a keyring, or for a backup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: description, warning (strings), above and below the entries: what it is for, and what to mind.
 * Signal ::chosen (): two equal passphrases stand in the entries and the person goes on. */
#define TESS_TYPE_PASSPHRASE_PAGE (tess_passphrase_page_get_type ())
G_DECLARE_FINAL_TYPE (TessPassphrasePage, tess_passphrase_page, TESS, PASSPHRASE_PAGE, AdwNavigationPage)

/* Borrowed, in memory that is not swapped; valid until the entry changes. */
const char *tess_passphrase_page_get_passphrase (TessPassphrasePage *self);
/* While it is put to use; afterwards with the reason that it could not be, or NULL. */
void tess_passphrase_page_set_busy (TessPassphrasePage *self, gboolean busy, const char *reason);

G_END_DECLS
