/* What the linker puts in the place of some functions (meson.build), so that a history depends on its seed alone and every use of
 * a key is seen. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Which histories a run of "PROGRAM COUNT FIRST" plays: *@count_out from the seed that is returned on. TESSERA_SEED replays one;
 * else FIRST counts, else what follows from TESSERA_SEEDS_FROM and TESSERA_SHARD (.ci/run: the same for the same commit), else
 * chance. */
guint32 wraps_first_seed (int argc, char **argv, guint *count_out);

/* The clock stands still between the steps of a history. */
void wraps_set_clock (int64_t seconds);

/* All random numbers come from @random (NULL: the system's again). With @fail_at the call of that number from now fails, once. */
void wraps_set_random (GRand *random);
void wraps_fail_random (unsigned fail_at);

/* Forgets the pairs of AEAD key and nonce seen so far. Each one that is used twice to encrypt aborts. */
void wraps_forget_keys (void);
guint wraps_count_keys (void);
