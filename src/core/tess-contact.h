/* A person one knows, or who has written. Belongs to the main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-types.h"

G_BEGIN_DECLS

#define TESS_TYPE_CONTACT (tess_contact_get_type ())
G_DECLARE_FINAL_TYPE (TessContact, tess_contact, TESS, CONTACT, GObject)

/* Properties, all read-only, all notified:
 *   id       (int64)      the database's
 *   name     (string)     what to show: nickname, else the name they gave themselves, else the start of their key
 *   address  (string)     TESSERA:1/…, as they can be added by; "" while their relay is unknown
 *   trust    (TessTrust)
 *   given-name (string)   the name they gave themselves, or ""
 *   nickname (string)     the name that this person gave them, or ""
 *   accepted (boolean)    FALSE: a stranger's request, who gets no receipts until accepted
 *   blocked  (boolean)    nothing of theirs is shown, and they are sent nothing
 *   is-self  (boolean)    the person's own notes: nothing is sent anywhere
 *   key-text (string)     base32 of the account key, for telling apart people of one name */
gint64 tess_contact_get_id (TessContact *self);
const char *tess_contact_get_name (TessContact *self);
const char *tess_contact_get_address (TessContact *self);
TessTrust tess_contact_get_trust (TessContact *self);
gboolean tess_contact_get_accepted (TessContact *self);
const char *tess_contact_get_key_text (TessContact *self);
const char *tess_contact_get_given_name (TessContact *self);
const char *tess_contact_get_nickname (TessContact *self);
gboolean tess_contact_get_blocked (TessContact *self);
gboolean tess_contact_get_is_self (TessContact *self);

G_END_DECLS
