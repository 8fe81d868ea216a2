/* What writes tests/vectors/session-v1.json from the C implementation; tests/vectors/README.md says what the fields mean.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-handshake.h"
#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define NOW 1800000000 /* when everything here happens, in seconds since 1970 */

/* JSON, one member a line. A name of NULL stands in an array. */
void out_object (const char *name);
void out_array (const char *name);
void out_end (void);
void out_text (const char *name, const char *text);
void out_number (const char *name, uint64_t number);
void out_bool (const char *name, bool value);
void out_hex (const char *name, const void *data, size_t size);
void out_bytes (const char *name, GBytes *bytes);
/* The SHA-256 of something long. */
void out_hash (const char *name, const void *data, size_t size);
/* Writes the closed document to @path, or compares it with what stands there: FALSE, with the first difference on stderr. */
bool out_write (const char *path, bool compare);

/* The random bytes: while a vector is made, tess_random() gives a stated stream and remembers. */
void drawn_begin (void);
/* Writes the oldest draw that was not written yet, which must have @size bytes; gives it until drawn_end(). */
const uint8_t *drawn_out (const char *name, size_t size);
/* Nothing may be left, or it is dropped. */
void drawn_end (void);
void drawn_drop (void);

/* Bytes that differ from a base: changes at places (an append stands at the end), then a cut. */
typedef struct {
  GByteArray *bytes;
} Patch;

/* Begins the member `changes` of the open object; patch_at() adds one, patch_end() closes it and gives the bytes. A @length other
 * than 0 cuts. */
Patch patch_begin (const void *base, size_t size);
void patch_at (Patch *self, size_t at, const void *bytes, size_t size);
GBytes *patch_end (Patch *self, size_t length);

/* The verdict's word for a failed or succeeded call; clears @error. */
const char *verdict_of (bool good, GError **error);

/* One device of a person. */
typedef struct {
  const char *name;
  TessAccountSecret account;
  TessDeviceSecret device;
  TessParty party;
  uint8_t account_sign[64];
  uint8_t device_sign[64];
  TessSignedPrekeySecret spk_secret;
  TessSignedPrekeyPublic spk;
  TessXwingSeed envelope_seed;
  TessXwingPublic envelope;
  TessOneTimeSecret one_time_secret;
  TessOneTimePublic one_time;
  uint32_t spk_id;
  uint32_t envelope_key_id;
  uint32_t one_time_id;
  GBytes *list;
  GBytes *prekey;
  GBytes *one_time_record;
} Person;

extern Person alice, bob;

/* A handshake that was made, for the sessions after it. */
typedef struct {
  const Person *a;
  const Person *b;
  TessRatchet *initiator;
  TessRatchet *responder;
  GBytes *hello;
} Handshake;

extern Handshake handshakes[2];
extern GPtrArray *messages; /* of GBytes: the first session's ratchet messages */
extern GPtrArray *envelopes; /* of GBytes */

/* The sections, in the order in which they are made. */
void vectors_people (void);
void vectors_records (void);
void vectors_handshakes (void);
void vectors_sessions (void);
void vectors_envelopes (void);
void vectors_contents (void);
void vectors_addresses (void);
void vectors_relay (void);
void vectors_key_files (void);
void vectors_recovery_files (void);
void vectors_backups (void);
