/* What a peer's decrypted content does here (protocol.md 5, 8). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-people.h"

G_BEGIN_DECLS

/* Applies the @size bytes at @data, which @contact wrote. Content that is malformed or says what it may not is left aside, not an
 * error. @contact is updated and written where it changes. */
bool tess_apply (TessJob *job, TessContactRow *contact, const uint8_t *data, size_t size, GError **error);

G_END_DECLS
