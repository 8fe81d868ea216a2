/* Initials on a colour that comes from the key, so that two people of one name look different.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows @name's initials in the colour of @key_text (any text that names the key; NULL: neutral). */
void tess_avatar_show (AdwAvatar *avatar, const char *name, const char *key_text);
/* The base32 key inside an address or code, or NULL. Free with g_free(). */
char *tess_avatar_key_of_address (const char *address);

G_END_DECLS
