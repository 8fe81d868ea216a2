/* Live envelope keys: making one from its stored seed costs about as much as opening an envelope, so those in use are kept. They
 * belong to the database thread (or whoever runs jobs). SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-xwing.h"
#include "store/tess-db.h"

G_BEGIN_DECLS

typedef struct _TessEnvelopeKeys TessEnvelopeKeys;

TessEnvelopeKeys *tess_envelope_keys_new (void);
void tess_envelope_keys_free (TessEnvelopeKeys *self);

/* The key of an own prekey record, borrowed until the next call; *@key_out is NULL when the database does not hold it (any more):
 * it is asked each time. At most TESS_ENVELOPE_KEYS_KEPT are live. */
bool tess_envelope_keys_find (TessEnvelopeKeys *self, TessDb *db, uint32_t id, const TessXwingKey **key_out, GError **error);

/* Wipes all of them: when records are erased. */
void tess_envelope_keys_forget (TessEnvelopeKeys *self);

G_END_DECLS
