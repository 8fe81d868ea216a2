/* Envelopes with any inner part, sealed as a correspondent could. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-xwing.h"
#include "crypto/tess-keys.h"

G_BEGIN_DECLS

/* @inner, with zeros up to the smallest envelope that holds it, sealed for @to under its key. */
GBytes *fuzz_seal (const TessXwingPublic *envelope_key, uint32_t key_id, const TessDevicePublic *to, GBytes *inner);

G_END_DECLS
