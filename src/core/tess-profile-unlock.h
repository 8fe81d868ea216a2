/* Opening a profile: folder, keys, database (protocol.md 1, 12). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "core/tess-profile-keys.h"

G_BEGIN_DECLS

/* In a fiber on the main thread: opens the profile at @dir as tess_engine_open() says, or, without @ask, as
 * tess_engine_open_quietly() does; @passphrase may be NULL and is borrowed. */
TessCore *tess_profile_unlock (const char *dir, const TessPassphrase *passphrase, bool ask, GError **error);

/* The same by the recovery file: what was @typed opens it, its keys open the database, and only then are they put back into the
 * keyring, or under @passphrase (may be NULL). As tess_engine_recover() says. */
TessCore *tess_profile_recover (const char *dir, const TessPassphrase *typed, const TessPassphrase *passphrase, GError **error);

/* In a fiber: a backup was restored into the open profile, and its database keeps these @secrets until they are where keys are.
 * In the keyring they are put now, where one is used; else, and should the keyring not take them, at the next opening. A recovery
 * file goes, being of the keys of before. */
void tess_profile_settle_restored (TessCore *core, const TessIdentitySecrets *secrets);
/* In a fiber, before anything else is made of the open profile's keys: those of a restored account that wait for the keyring are
 * put there. FALSE: it does not take them. */
bool tess_profile_settle (TessCore *core, GError **error);

G_END_DECLS
