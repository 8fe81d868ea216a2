/* Verifying a contact: the safety number and the mac of a scan (protocol.md 8). Pure; any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-keys.h"

G_BEGIN_DECLS

#define TESS_SAFETY_DIGITS 60

/* The 16 random bytes `s` of one showing of a code. */
TESS_SECRET_TYPE (TessShowing, tess_showing, 16)

/* Fills a new showing's secret. Errors: RANDOM (zeroed). */
bool tess_showing_generate (TessShowing *out, GError **error);

/* Writes the 60 digits (and a terminator) that two people compare; the same whichever way round the accounts are given. Takes
 * some ms: 2 x 5,200 hashes. */
void tess_safety_number (const TessAccountPublic *ours, const TessAccountPublic *theirs, char out[static TESS_SAFETY_DIGITS + 1]);

/* The same with other identifiers than the accounts themselves: only to check the computation against libsignal's vectors. */
void tess_safety_number_with_ids (const uint8_t *our_id, size_t our_id_size, const TessAccountPublic *ours,
                                  const uint8_t *their_id, size_t their_id_size, const TessAccountPublic *theirs,
                                  char out[static TESS_SAFETY_DIGITS + 1]);

/* The mac that a scanner sends back: HMAC(s, "Tessera-v1/verify" || A shown || A scanner). */
void tess_verify_mac (const TessShowing *showing, const TessAccountPublic *shown, const TessAccountPublic *scanner,
                      uint8_t out[static 32]);
/* TRUE when @mac is that of @showing; in constant time. */
bool tess_verify_mac_check (const TessShowing *showing, const TessAccountPublic *shown, const TessAccountPublic *scanner,
                            const uint8_t mac[static 32]);

G_END_DECLS
