/* Records made from fixed seeds, and the mutations that every parser has to bear. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define FIXTURE_NOW 1800000000
#define FIXTURE_MUTATIONS 10000

typedef struct {
  uint8_t secret[TESS_SIGN_SECRET_SIZE];
  uint8_t public[TESS_KEY_SIZE];
} FixtureKey;

/* The key pair of the seed @byte repeated. */
FixtureKey fixture_key (uint8_t byte);
/* A device list of @account with the devices of the seeds 100, 101, …; version 7. */
TessDeviceList fixture_device_list (const FixtureKey *account, unsigned count);
TessPrekeyRecord fixture_prekey (const FixtureKey *device);
TessOneTimePrekey fixture_one_time (const FixtureKey *device, uint32_t id);
GBytes *fixture_device_list_bytes (const FixtureKey *account, unsigned count);
GBytes *fixture_prekey_bytes (const FixtureKey *device);
GBytes *fixture_one_time_bytes (const FixtureKey *device, uint32_t id);

/* Changes a few bytes of @data, from @rand: flips, overwrites, swaps; never nothing at all. Gives the size, which may shrink
 * or, up to @capacity, grow. */
size_t fixture_mutate (GRand *rand, uint8_t *data, size_t size, size_t capacity);
/* The generator of this run: seeded by TESSERA_SEED or 1, printed. */
GRand *fixture_rand (void);

/* The calls of every truncation, with trailing bytes and of FIXTURE_MUTATIONS mutations of @input; each copy is exactly as
 * large as its content, so that a sanitizer sees a read past it. @parse says whether it accepted; only a text equal to @input
 * may be, unless @lenient. */
typedef bool (*FixtureParse) (const uint8_t *data, size_t size, void *user);
void fixture_torment (GBytes *input, bool lenient, FixtureParse parse, void *user);
