/* A session's state as tess-ratchet.c steps it and tess-ratchet-state.c keeps it. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-ratchet.h"

G_BEGIN_DECLS

/* What a state holds follows from three flags:
 * - due: a chain of the peer began since we last sent (or nothing was sent or received yet, as the initiator): the next message
 *   starts a new chain. Our ratchet key, sending chain and offer have done their work and are wiped.
 * - not due: our ratchet key awaits the peer's next chain; it belongs to our sending chain, except for a responder that has not
 *   received yet, whose key is SPKb's pair and which has no chain.
 * - receiving: a chain of the peer is open.
 * A responder is never due without receiving. Lies in guarded memory. */
struct _TessRatchet {
  bool initiator;
  bool due;
  bool receiving;
  uint8_t ad[32];
  TessSecret32 root;

  /* Not due. */
  TessDhSecret own_secret;
  TessDhPublic own_public;
  TessSecret32 sending_chain;
  TessKemSeed offer_seed;   /* initiator: the private half of our chain's offer */
  TessKemPublic offer;      /* initiator, not due: our chain's offer; responder, due: the peer's, to be answered */
  TessKemCiphertext answer; /* responder: our chain's answer */

  uint32_t sending_number; /* messages sent in our newest chain */
  uint32_t previous;       /* and in the one before */

  /* The peer's newest ratchet key (for an initiator that has not received: SPKb), and its chain. */
  TessDhPublic their;
  TessSecret32 receiving_chain;
  uint32_t receiving_next;
  uint32_t received; /* messages decrypted in that chain */

  uint32_t n_ended; /* ended chains of the peer, oldest first */
  TessDhPublic ended[TESS_RATCHET_ENDED_CHAINS_MAX];
};

/* TRUE when there is a sending chain: not due, and not a responder that has not received. */
bool tess_ratchet_has_sending_chain (const TessRatchet *self);
/* A copy in guarded memory of its own. */
TessRatchet *tess_ratchet_copy (const TessRatchet *self);

G_END_DECLS
