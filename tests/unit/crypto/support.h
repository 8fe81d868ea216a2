/* People, sessions and random sources for the crypto tests. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crypto/tess-handshake.h"

#define SPK_ID 7
#define ONE_TIME_ID 42

/* One device of one person with its prekeys, from a fixed seed. */
typedef struct {
  TessAccountSecret account;
  TessDeviceSecret device;
  TessParty party;
  TessSignedPrekeySecret spk_secret;
  TessSignedPrekeyPublic spk;
  TessOneTimeSecret one_time_secret;
  TessOneTimePublic one_time;
} Person;

void person_init (Person *self);

/* What alice needs to start with bob, what bob needs to answer alice; with or without his one-time prekey. */
TessHandshakeStart start_of (const Person *alice, const Person *bob, bool one_time);
TessHandshakeAnswer answer_of (const Person *bob, const Person *alice, bool one_time);

/* One side of a session with its rows of stored keys, kept as a store keeps them: the state goes through its serialised form
 * after every step. */
typedef struct {
  TessRatchet *state;
  GArray *rows; /* of TessSkippedKey */
} Side;

typedef struct {
  Side alice; /* the initiator */
  Side bob;
} Pair;

void pair_init (Pair *self);
void pair_clear (Pair *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

/* Sends @text and gives the message. */
GBytes *side_send (Side *self, const char *text);
/* Receives; TRUE and the text's comparison on success, else @error. */
bool side_receive (Side *self, GBytes *message, const char *expected, GError **error);
/* Receives what must be received. */
void side_expect (Side *self, GBytes *message, const char *expected);
/* Receives what must fail with @code, leaving the state as it was byte for byte. */
void side_refuse (Side *self, GBytes *message, TessCryptoError code);
/* One message each way, received. */
void pair_turn (Pair *self);

/* A copy of @bytes with the byte at @at changed. */
GBytes *bytes_flip (GBytes *bytes, size_t at);

/* A random source that fails at its @fail_at-th call (1 is the first), works before, and counts. */
typedef struct {
  unsigned calls;
  unsigned fail_at;
} FailingSource;

bool failing_source (uint8_t *out, size_t size, void *data);

/* A random source that remembers what it gave. */
bool recording_source (uint8_t *out, size_t size, void *data /* GByteArray */);
