/* The primitives that sessions are made of, called as barely as the libraries allow: what the floors are summed up from.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Once, before any other. */
void primitives_init (void);

/* An X25519 agreement; a key pair (random bytes and the public half). */
void primitive_dh (void);
void primitive_dh_pair (void);
/* ML-KEM-768: a new key (from a seed, and its public half written out); a received one taken in, which checks it; encapsulating
 * and decapsulating with keys at hand. */
void primitive_kem_generate (void);
void primitive_kem_import (void);
void primitive_kem_encapsulate (void);
void primitive_kem_decapsulate (void);
/* The ratchet's root step over @extra further bytes of secret (32 or 64 in all); its chain step with the message's AEAD key. */
void primitive_root (gsize input);
void primitive_chain (void);
void primitive_message_key (void);
/* XChaCha20-Poly1305 of @size bytes with @ad_size bytes beside it, a random nonce drawn for sealing. */
void primitive_seal (gsize size, gsize ad_size);
void primitive_open (gsize size, gsize ad_size);
/* The handshake's hashing: both stages, the transcript, AD, and the device key's scalar. */
void primitive_handshake_hashes (void);
/* X-Wing's combiner. */
void primitive_combiner (void);
