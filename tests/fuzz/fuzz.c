/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-process.h"
#include "base/tess-random.h"

#include <sodium.h>
#include <string.h>

#define PATCHES_MAX 12

static uint64_t draws;

/* A critical message is a finding, and ends as an assertion does, for libFuzzer keeps the input then. Only what gdk-pixbuf has to
 * say of a stranger's picture is its own affair: it refuses that picture. And libsoup complains of a request whose Content-Length
 * is negative before any code of ours sees the request, which it then ends; the relay's log bounds such lines. */
static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)) == 0 || g_strcmp0 (domain, "GdkPixbuf") == 0)
    return;
  if (g_strcmp0 (domain, "GLib-GObject") == 0 && strstr (message, "property 'content-length'") != NULL)
    return;
  g_assertion_message (domain, __FILE__, __LINE__, G_STRFUNC, message);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_default_handler (on_log, NULL);
  tess_process_init ();
  return 0;
}

static bool
repeatable (uint8_t *out, size_t size, void *data)
{
  uint8_t seed[randombytes_SEEDBYTES] = { 0 };

  draws++;
  memcpy (seed, &draws, sizeof draws);
  randombytes_buf_deterministic (out, size, seed);
  return true;
}

void
fuzz_begin (void)
{
  draws = 0;
  tess_random_set_source (repeatable, NULL);
}

char *
fuzz_text (const uint8_t *data, size_t size)
{
  char *text = g_malloc (size + 1);

  if (size > 0)
    memcpy (text, data, size);
  text[size] = '\0';
  return text;
}

bool
fuzz_is_zero (gconstpointer data, size_t size)
{
  return sodium_is_zero (data, size) == 1;
}

GBytes *
fuzz_rest (TessReader *input)
{
  return g_bytes_new (input->next, input->left);
}

/* Puts @value in at @at, or everything up to there once more. */
static void
put_in (GByteArray *bytes, size_t at, uint8_t value, bool repeat)
{
  g_autofree uint8_t *tail = g_memdup2 (bytes->data + at, bytes->len - at);
  size_t tail_size = bytes->len - at;
  g_autofree uint8_t *head = g_memdup2 (bytes->data, at);

  g_byte_array_set_size (bytes, (guint) at);
  if (repeat)
    g_byte_array_append (bytes, head, (guint) at);
  else
    g_byte_array_append (bytes, &value, 1);
  g_byte_array_append (bytes, tail, (guint) tail_size);
}

bool
fuzz_patch (TessReader *input, GByteArray *bytes)
{
  unsigned count = tess_reader_u8 (input) % (PATCHES_MAX + 1);
  g_autoptr (GBytes) before = g_bytes_new (bytes->data, bytes->len);
  g_autoptr (GBytes) after = NULL;

  for (unsigned i = 0; i < count; i++)
    {
      uint8_t what = tess_reader_u8 (input);
      size_t at = tess_reader_u16 (input);
      uint8_t value = tess_reader_u8 (input);

      if (!tess_reader_ok (input) || bytes->len == 0)
        break;
      at %= bytes->len + (what % 8 == 7); /* something can be put in at the end */
      if (what % 8 == 7)
        put_in (bytes, at, value, false);
      else if (what % 8 == 6)
        g_byte_array_set_size (bytes, (guint) at);
      else if (what % 8 == 5 && bytes->len < 100000)
        put_in (bytes, at, value, true);
      else if (what % 8 >= 3)
        bytes->data[at] ^= value;
      else
        bytes->data[at] = value;
    }
  after = g_bytes_new (bytes->data, bytes->len);
  return !g_bytes_equal (before, after);
}

GBytes *
fuzz_patched (TessReader *input, GBytes *bytes, bool *changed_out)
{
  GByteArray *copy = g_byte_array_new ();

  g_byte_array_append (copy, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  *changed_out = fuzz_patch (input, copy);
  return g_byte_array_free_to_bytes (copy);
}

void
fuzz_check_error (const GError *error, bool failed, GQuark domain)
{
  g_assert_cmpint (error != NULL, ==, failed);
  if (!failed)
    return;
  g_assert_cmpuint (error->domain, ==, domain);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}
