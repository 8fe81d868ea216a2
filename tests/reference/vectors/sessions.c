/* Runs of the ratchet (protocol.md 3). SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-kdf.h"
#include "crypto/tess-ratchet-private.h"
#include "vectors.h"

#include <string.h>

/* Where fields begin in a ratchet message. */
#define PREVIOUS 33
#define NUMBER 37
#define KEM 41

GPtrArray *messages;

typedef struct {
  const char *name;
  TessRatchet *state;
  TessSecret32 chain; /* the sending chain's key */
  GArray *rows;       /* of TessSkippedKey, oldest first, as a store keeps them */
} Side;

/* One run; @sent and @contents have a place for each message. */
typedef struct {
  Side a;
  Side b;
  GPtrArray *sent;
  GPtrArray *contents;
} Run;

static void
run_begin (Run *self, const char *what, unsigned handshake)
{
  const Handshake *base = &handshakes[handshake];

  *self = (Run) { .a = { .name = base->a->name }, .b = { .name = base->b->name } };
  self->a.state = tess_ratchet_copy (base->initiator);
  self->b.state = tess_ratchet_copy (base->responder);
  self->a.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  self->b.rows = g_array_new (FALSE, FALSE, sizeof (TessSkippedKey));
  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->contents = g_ptr_array_new_with_free_func (g_free);
  out_object (NULL);
  out_text ("what", what);
  out_number ("handshake", handshake);
  out_array ("steps");
}

/* What a side ends with: its root key, and the stored keys, hashed as DH public || number u32 || mk, oldest first. */
static void
end_side (Side *self)
{
  g_autoptr (GByteArray) rows = g_byte_array_new ();

  for (unsigned i = 0; i < self->rows->len; i++)
    {
      const TessSkippedKey *row = &g_array_index (self->rows, TessSkippedKey, i);
      uint32_t number = GUINT32_TO_BE (row->number);

      g_byte_array_append (rows, row->dh.bytes, 32);
      g_byte_array_append (rows, (const uint8_t *) &number, 4);
      g_byte_array_append (rows, row->key.bytes, 32);
    }
  out_object (self->name);
  out_hex ("rk", self->state->root.bytes, 32);
  out_number ("stored", self->rows->len);
  out_hash ("stored_hash", rows->data, rows->len);
  out_end ();
  g_array_unref (self->rows);
  tess_ratchet_free (self->state);
}

static void
run_end (Run *self)
{
  out_end ();
  out_object ("end");
  end_side (&self->a);
  end_side (&self->b);
  out_end ();
  out_end ();
  g_ptr_array_unref (self->sent);
  g_ptr_array_unref (self->contents);
}

/* The random bytes that begin a chain, and the root step that they come to, which @next must have made. */
static void
out_chain (Side *self, const TessRatchet *next)
{
  TessSecret32 dh, ss, m;
  TessKemCiphertext ct;
  uint8_t input[64], output[64];
  bool answers = !next->initiator;

  out_object ("chain");
  drawn_out ("ratchet_private", 32);
  if (answers)
    memcpy (m.bytes, drawn_out ("m", 32), 32);
  else
    drawn_out ("offer_seed", 64);
  g_assert_true (tess_dh (&next->own_secret, &self->state->their, &dh, NULL));
  out_hex ("dh", dh.bytes, 32);
  memcpy (input, dh.bytes, 32);
  if (answers)
    {
      g_assert_true (tess_kem_encapsulate_with (&self->state->offer, &m, &ct, &ss, NULL));
      g_assert_cmpmem (ct.bytes, sizeof ct.bytes, next->answer.bytes, sizeof next->answer.bytes);
      out_hex ("ss", ss.bytes, 32);
      memcpy (input + 32, ss.bytes, 32);
    }
  tess_hkdf_label (self->state->root.bytes, 32, input, answers ? 64 : 32, "Tessera-v1/Root", output, sizeof output);
  g_assert_cmpmem (output, 32, next->root.bytes, 32);
  out_hex ("rk", output, 32);
  out_hex ("ck", output + 32, 32);
  memcpy (self->chain.bytes, output + 32, 32);
  out_end ();
}

static void
step_chain (Side *self, const TessRatchet *next, uint8_t mk[static 32])
{
  static const uint8_t one = 1, two = 2;
  uint8_t ck[32];

  tess_hmac (self->chain.bytes, 32, &one, 1, mk);
  tess_hmac (self->chain.bytes, 32, &two, 1, ck);
  memcpy (self->chain.bytes, ck, 32);
  g_assert_cmpmem (ck, 32, next->sending_chain.bytes, 32);
}

/* Sends @text; gives the message's index. */
static unsigned
send (Run *run, Side *self, const char *text)
{
  TessRatchet *next;
  GBytes *message;
  uint8_t mk[32], key[32];

  g_assert_true (tess_ratchet_encrypt (self->state, (const uint8_t *) text, strlen (text), &next, &message, NULL));
  out_object (NULL);
  out_text ("send", self->name);
  if (self->state->due)
    out_chain (self, next);
  step_chain (self, next, mk);
  out_text ("content", text);
  drawn_out ("nonce", 24);
  drawn_end ();
  out_hex ("mk", mk, sizeof mk);
  tess_hkdf_label (NULL, 0, mk, sizeof mk, "Tessera-v1/Message", key, sizeof key);
  out_hex ("key", key, sizeof key);
  out_bytes ("message", message);
  out_end ();
  tess_ratchet_free (self->state);
  self->state = next;
  g_ptr_array_add (run->sent, message);
  g_ptr_array_add (run->contents, g_strdup (text));
  return run->sent->len - 1;
}

/* @count messages that nobody sees. */
static void
skip (Side *self, unsigned count)
{
  out_object (NULL);
  out_text ("skip", self->name);
  out_number ("count", count);
  out_end ();
  for (unsigned i = 0; i < count; i++)
    {
      TessRatchet *next;
      GBytes *message;
      uint8_t mk[32];

      g_assert_true (tess_ratchet_encrypt (self->state, NULL, 0, &next, &message, NULL));
      step_chain (self, next, mk);
      g_bytes_unref (message);
      tess_ratchet_free (self->state);
      self->state = next;
    }
  drawn_drop ();
}

static const TessSkippedKey *
find_row (Side *self, const TessMessagePlace *place, unsigned *index)
{
  for (*index = 0; *index < self->rows->len; (*index)++)
    {
      const TessSkippedKey *row = &g_array_index (self->rows, TessSkippedKey, *index);

      if (row->number == place->number && memcmp (&row->dh, &place->dh, sizeof row->dh) == 0)
        return row;
    }
  return NULL;
}

static bool
decrypt (Side *self, GBytes *message, const char *expected, GError **error)
{
  g_auto (TessReceived) received = { 0 };
  TessMessagePlace place;
  gsize size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  unsigned index = 0;

  if (!tess_ratchet_peek (data, size, &place, error)
      || !tess_ratchet_decrypt (self->state, find_row (self, &place, &index), data, size, &received, error))
    return false;
  g_assert_cmpmem (received.content->bytes, received.content->size, expected, strlen (expected));
  if (received.used_stored)
    g_array_remove_index (self->rows, index);
  g_array_append_vals (self->rows, received.skipped, (unsigned) received.n_skipped);
  if (self->rows->len > TESS_RATCHET_STORED_KEYS_MAX)
    g_array_remove_range (self->rows, 0, self->rows->len - TESS_RATCHET_STORED_KEYS_MAX);
  tess_ratchet_free (self->state);
  self->state = g_steal_pointer (&received.next);
  return true;
}

/* The field of @message that begins at @at, for people. */
static const char *
field_at (GBytes *message, size_t at, size_t length)
{
  const uint8_t *data = g_bytes_get_data (message, NULL);
  size_t nonce = KEM + 1 + (data[KEM] == 1 ? 1184 : 1088);

  if (length > 0)
    return "cut";
  if (at >= KEM + 1)
    return at < nonce ? "another ek or ct" : at < nonce + 24 ? "another nonce" : "another ciphertext";
  return at == KEM ? "another kem" : at == NUMBER ? "another number" : at == PREVIOUS ? "another previous"
         : at == 0 ? "another version" : "another ratchet key";
}

/* Receives message @index with @field at @at (or unchanged: @size 0), cut to @length (0: not). */
static void
receive_changed (Run *run, Side *self, unsigned index, size_t at, const void *field, size_t size, size_t length,
                 const char *expected)
{
  GBytes *base = g_ptr_array_index (run->sent, index);
  g_autoptr (GBytes) message = g_bytes_ref (base);
  g_autoptr (GError) error = NULL;
  const char *verdict;
  bool good;

  out_object (NULL);
  out_text ("receive", self->name);
  out_number ("message", index);
  if (size > 0 || length > 0)
    {
      Patch patch;

      out_text ("what", field_at (base, at, length));
      patch = patch_begin (g_bytes_get_data (base, NULL), g_bytes_get_size (base));
      if (size > 0)
        patch_at (&patch, at, field, size);
      g_bytes_unref (message);
      message = patch_end (&patch, length);
    }
  good = decrypt (self, message, g_ptr_array_index (run->contents, index), &error);
  verdict = verdict_of (good, &error);
  g_assert_cmpstr (verdict, ==, expected);
  out_text ("verdict", verdict);
  out_number ("stored", self->rows->len);
  out_end ();
}

static void
receive (Run *run, Side *self, unsigned index, const char *expected)
{
  receive_changed (run, self, index, 0, NULL, 0, 0, expected);
}

/* Three round trips, with what a line does to messages and what an attacker can. */
static void
long_run (void)
{
  static const uint8_t zeros[32] = { 0 }, other = 0x03, flip = 0, unreduced[2] = { 0xff, 0x0f };
  Run run;
  Side *a = &run.a, *b = &run.b;
  unsigned m[16];

  run_begin (&run, "three round trips; disorder, repeats, forgeries", 0);
  m[0] = send (&run, a, "first");
  m[1] = send (&run, a, "second, before an answer");
  m[2] = send (&run, a, "third, which will be late");
  receive (&run, b, m[1], "ok");
  receive (&run, b, m[0], "ok");
  receive (&run, b, m[0], "duplicate");
  m[3] = send (&run, b, "the first answer");
  m[4] = send (&run, b, "");
  receive_changed (&run, a, m[4], KEM, &other, 1, 0, "refused");
  receive_changed (&run, a, m[4], 0, &other, 1, 0, "refused");
  receive_changed (&run, a, m[4], 1, zeros, 32, 0, "refused");
  receive_changed (&run, a, m[4], PREVIOUS, "\0\0\0\1", 4, 0, "refused");
  receive_changed (&run, a, m[4], NUMBER, "\0\0\3\351", 4, 0, "refused");
  receive_changed (&run, a, m[4], KEM + 1 + 1088, zeros, 24, 0, "auth");
  receive_changed (&run, a, m[4], KEM + 1, zeros, 32, 0, "auth");
  receive_changed (&run, a, m[4], 0, NULL, 0, KEM + 1 + 1088 + 24 + 15, "refused");
  receive (&run, a, m[4], "ok");
  receive (&run, a, m[3], "ok");
  m[5] = send (&run, a, "the second chain");
  m[6] = send (&run, a, "received before the one ahead of it, with the third of the old chain missing");
  receive_changed (&run, b, m[6], PREVIOUS, "\0\0\0\1", 4, 0, "refused");
  receive_changed (&run, b, m[6], PREVIOUS, "\0\0\3\353", 4, 0, "refused");
  receive_changed (&run, b, m[6], KEM + 1, unreduced, 2, 0, "refused");
  receive (&run, b, m[6], "ok");
  receive_changed (&run, b, m[6], 1, bob.spk.dh.bytes, 32, 0, "refused");
  receive_changed (&run, b, m[2], KEM + 1 + 1184, zeros, 24, 0, "auth");
  receive (&run, b, m[2], "ok");
  receive (&run, b, m[1], "duplicate");
  receive_changed (&run, b, m[1], NUMBER, "\0\0\0\11", 4, 0, "duplicate");
  receive_changed (&run, b, m[1], NUMBER, "\377\377\377\377", 4, 0, "refused");
  m[7] = send (&run, b, "the second answer");
  m[8] = send (&run, b, "late too");
  receive (&run, a, m[7], "ok");
  m[9] = send (&run, a, "the third chain");
  receive_changed (&run, b, m[9], NUMBER, "\377\377\377\377", 4, 0, "refused");
  receive_changed (&run, b, m[9], KEM + 1 + 1184 + 24, &flip, 1, 0, "auth");
  receive (&run, b, m[9], "ok");
  receive (&run, b, m[5], "ok");
  m[10] = send (&run, b, "the third answer");
  m[11] = send (&run, b, "its second message");
  receive (&run, a, m[11], "ok");
  receive (&run, a, m[8], "ok");
  receive (&run, a, m[3], "duplicate");
  receive (&run, a, m[10], "ok");
  receive (&run, a, m[11], "duplicate");
  messages = g_ptr_array_ref (run.sent);
  run_end (&run);
}

/* Two round trips without a one-time prekey, the other person first. */
static void
other_run (void)
{
  Run run;
  unsigned m;

  run_begin (&run, "two round trips the other way round, without a one-time prekey", 1);
  m = send (&run, &run.a, "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"time\":1800000000000,\"kind\":\"text\","
                          "\"body\":\"x\"}");
  receive (&run, &run.b, m, "ok");
  m = send (&run, &run.b, "one");
  receive (&run, &run.a, m, "ok");
  m = send (&run, &run.a, "two");
  receive (&run, &run.b, m, "ok");
  m = send (&run, &run.b, "three");
  receive (&run, &run.a, m, "ok");
  run_end (&run);
}

/* The bounds: 1,000 ahead in a chain, 1,000 in a new one, 2,000 keys stored. */
static void
bounds_run (void)
{
  Run run;
  Side *a = &run.a, *b = &run.b;
  unsigned early, late, edge, far;

  run_begin (&run, "bounds: 1,000 ahead in an open chain and in a new one; 2,000 keys stored, the oldest dropped first", 1);
  receive (&run, b, send (&run, a, "0"), "ok");
  early = send (&run, a, "1: its key will be dropped");
  late = send (&run, a, "2: its key will just be there");
  skip (a, 998);
  receive (&run, b, send (&run, a, "1001, 1,000 above the next"), "ok");
  skip (a, 1000);
  edge = send (&run, a, "2002, 1,000 above the next");
  far = send (&run, a, "2003, 1,001 above the next, once");
  receive (&run, b, far, "refused");
  receive (&run, b, edge, "ok");
  receive (&run, b, far, "ok");
  skip (a, 1);
  receive (&run, b, send (&run, a, "2005: 2,001 keys would be stored"), "ok");
  receive (&run, b, early, "duplicate");
  receive (&run, b, late, "ok");
  receive (&run, a, send (&run, b, "an answer"), "ok");
  early = send (&run, a, "0 of a new chain");
  receive_changed (&run, b, early, PREVIOUS, "\0\0\7\325", 4, 0, "refused"); /* 2005 */
  receive_changed (&run, b, early, PREVIOUS, "\0\0\13\277", 4, 0, "refused"); /* 3007 */
  receive_changed (&run, b, early, PREVIOUS, "\0\0\13\276", 4, 0, "auth"); /* 3006 */
  skip (a, 999);
  edge = send (&run, a, "1000");
  far = send (&run, a, "1001");
  receive (&run, b, far, "refused");
  receive (&run, b, edge, "ok");
  receive (&run, b, far, "ok");
  receive (&run, b, early, "ok");
  run_end (&run);
}

void
vectors_sessions (void)
{
  out_array ("sessions");
  long_run ();
  other_run ();
  bounds_run ();
  out_end ();
}
