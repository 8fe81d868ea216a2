/* What ./dev ct runs under Valgrind, with every secret tainted: the flows of the crypto layer, and the encodings of the base
 * layer. `ct-driver FLOW` runs one; `ct-driver planted-…` is the control: a leak of ours that the run has to find.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flows.h"
#include "taint.h"

#include "base/tess-bytes.h"
#include "base/tess-secret.h"
#include "base/tess-text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Secrets as text and back: codes are shown and read as base32, capabilities are carried in base64. */
static void
flow_encodings (void *data)
{
  uint8_t *secret = tess_secret_alloc (64), *back = tess_secret_alloc (64), *written = tess_secret_alloc (64);
  g_autofree char *base32 = NULL;
  g_autofree char *base64 = NULL;
  g_autofree char *hex = NULL;
  TessWriter writer;
  TessReader reader;

  randombytes_buf (secret, 64);
  taint_secret (secret, 64);
  for (size_t size = 1; size <= 32; size++)
    {
      g_autofree char *text = tess_base32_encode (secret, size);

      if (!tess_base32_decode (text, (size * 8 + 4) / 5, back, size) || sodium_memcmp (secret, back, size) != 0)
        g_error ("base32 of %zu bytes does not come back", size);
      text[0] = '1';
      if (tess_base32_decode (text, (size * 8 + 4) / 5, back, size))
        g_error ("wrong base32 is taken");
    }
  base64 = tess_base64_encode (secret, 64);
  hex = tess_hex_encode (secret, 64);
  tess_writer_init (&writer, written, 64);
  tess_writer_var16 (&writer, secret, 32);
  tess_reader_init (&reader, written, writer.size);
  tess_reader_u16 (&reader);
  tess_reader_copy (&reader, back, 32);
  if (!tess_reader_end (&reader) || sodium_memcmp (secret, back, 32) != 0)
    g_error ("a record does not come back");
  tess_secret_free (secret);
  tess_secret_free (back);
  tess_secret_free (written);
}

static G_GNUC_NO_INLINE int
branch (const volatile uint8_t *secret)
{
  if (secret[3] & 0x10)
    return putc ('\n', stderr);
  return 0;
}

static G_GNUC_NO_INLINE int
look_up (const volatile uint8_t *secret)
{
  static volatile int table[256];

  return table[secret[7]];
}

static G_GNUC_NO_INLINE int
compare (const void *secret, const void *other)
{
  return memcmp (secret, other, 32) == 0 ? putc ('\n', stderr) : 0;
}

static void
flow_planted (void *kind)
{
  TessSecret32 secret;
  static const uint8_t other[32] = { 1 };

  randombytes_buf (&secret, sizeof secret);
  taint_secret (&secret, sizeof secret);
  if (g_str_equal (kind, "planted-branch"))
    branch (secret.bytes);
  else if (g_str_equal (kind, "planted-index"))
    look_up (secret.bytes);
  else
    compare (&secret, other);
}

int
main (int argc, char **argv)
{
  const char *name = argc == 2 ? argv[1] : "";
  void (*flow) (void *data) = NULL;

  if (sodium_init () < 0)
    return 1;
  for (unsigned i = 0; i < n_flows; i++)
    flow = g_str_equal (name, flows[i].name) ? flows[i].flow : flow;
  if (g_str_equal (name, "encodings"))
    flow = flow_encodings;
  if (g_str_has_prefix (name, "planted-"))
    flow = flow_planted;
  if (flow == NULL)
    {
      for (unsigned i = 0; i < n_flows; i++)
        puts (flows[i].name);
      puts ("encodings");
      return argc == 1 ? 0 : 2;
    }
  flow (argv[1]);
  printf ("{\"secrets\": %u, \"published\": %u, \"keys\": %u, \"lost\": %u}\n", taint_counts.secrets, taint_counts.published,
          taint_counts.keys, taint_counts.lost);
  return 0;
}
