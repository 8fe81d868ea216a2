/* What strangers put into codes and pictures, by the way that the app takes: picture, reader, parser of addresses. Nothing is
 * accepted but what is written the same again; whatever else comes is one of the errors that the headers name, soon and in
 * bounded memory. Each case depends on its number alone; --verbose names it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr-frames.h"

#include "base/tess-limits.h"
#include "wire/tess-address.h"

#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define PAYLOADS 10000
#define PICTURES 2000
/* Sanitizers are slow, and take memory of their own. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#define MODULE_PIXELS 2
#define CPU_SECONDS_MAX (SANITIZED ? 20 : 2)
#define GROWTH_MAX_KIB (64 * 1024)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define HOST_AT 10 /* behind TESSERA:1/ */

#define PICK(rand, array) ((array)[g_rand_int_range (rand, 0, (int) G_N_ELEMENTS (array))])

/* What a payload is made of a genuine address by. */
typedef struct {
  const char *name;
  void (*spoil) (GString *text, GRand *rand);
  enum { MAYBE, NEVER, ALWAYS } accepted;
} Kind;

static size_t
place (const GString *text, GRand *rand)
{
  return (size_t) g_rand_int_range (rand, 0, (int) text->len);
}

/* Puts @size bytes in anywhere. */
static void
put_in (GString *text, GRand *rand, const char *bytes, size_t size)
{
  g_string_insert_len (text, (gssize) place (text, rand), bytes, (gssize) size);
}

static void
set_host (GString *text, const char *host)
{
  size_t size = strcspn (text->str + HOST_AT, "/");

  g_string_erase (text, HOST_AT, (gssize) size);
  g_string_insert (text, HOST_AT, host);
}

static void
set_port (GString *text, const char *port)
{
  size_t size = strcspn (text->str + HOST_AT, ":/"), end = strcspn (text->str + HOST_AT, "/");

  g_string_erase (text, (gssize) (HOST_AT + size), (gssize) (end - size));
  g_string_insert (text, (gssize) (HOST_AT + size), port);
}

static void
spoil_nothing (GString *text, GRand *rand)
{
}

static void
spoil_case (GString *text, GRand *rand)
{
  for (size_t i = 0; i < text->len; i++)
    if (g_rand_boolean (rand))
      text->str[i] = g_ascii_tolower (text->str[i]);
}

static void
spoil_end (GString *text, GRand *rand)
{
  g_string_truncate (text, 1 + place (text, rand) % (text->len - 1));
}

static void
spoil_bits (GString *text, GRand *rand)
{
  for (int i = g_rand_int_range (rand, 1, 5); i > 0; i--)
    text->str[place (text, rand)] ^= (char) (1 << g_rand_int_range (rand, 0, 8));
}

static void
spoil_version (GString *text, GRand *rand)
{
  static const char *const versions[] = {
    "0", "2", "01", "1.0", "10", "-1", "+1", "", "4294967297", "I", "\xd9\xa1", "\xef\xbc\x91", "1/1",
    "00000000000000000000000000000001",
  };

  g_string_erase (text, HOST_AT - 2, 1);
  g_string_insert (text, HOST_AT - 2, PICK (rand, versions));
}

/* Longer than an address can be, than a code may be, than a code can be. */
static void
spoil_length (GString *text, GRand *rand)
{
  static const int lengths[] = { 254, 300, 384, 700, 1000, 1024, 1025, 1300, 2500, 2953 };
  g_autofree char *more = g_strnfill ((gsize) PICK (rand, lengths), g_rand_boolean (rand) ? 'A' : '/');

  put_in (text, rand, more, strlen (more));
}

static void
spoil_control (GString *text, GRand *rand)
{
  static const char controls[] = "\0\0\0\0\0\0\1\a\b\t\n\v\f\r\033\177";
  size_t at = g_rand_boolean (rand) ? text->len : place (text, rand);

  g_string_insert_len (text, (gssize) at, &controls[g_rand_int_range (rand, 0, sizeof controls - 1)], 1);
}

static void
spoil_utf8 (GString *text, GRand *rand)
{
  static const char *const bad[] = { "\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xc3",
                                     "\xf8\x88\x80\x80\x80", "\xfe\xff", "\x82\xa0", "\xb6\xa1" };
  const char *bytes = PICK (rand, bad);

  put_in (text, rand, bytes, strlen (bytes));
}

static void
spoil_percent (GString *text, GRand *rand)
{
  static const char *const tricks[] = {
    "%00", "%2F", "%2f..%2f", "%41", "%", "%%", "%0A", "%u0041", "+", "&amp;", "\\u0041", "=41",
  };
  size_t at = place (text, rand);
  const char *trick = PICK (rand, tricks);

  /* in the place of what it stands for, or beside it */
  if (g_rand_boolean (rand))
    g_string_erase (text, (gssize) at, 1);
  g_string_insert (text, (gssize) at, trick);
}

/* Relays that look like another, or like none. */
static void
spoil_likeness (GString *text, GRand *rand)
{
  static const char *const hosts[] = {
    "rel\xd0\xb0y.example.org", "RELA\xce\xa5.EXAMPLE.ORG", "relay\xe3\x80\x82" "example\xe3\x80\x82org",
    "relay.example\xe2\x80\xae.gro", "relay\xe2\x80\x8b.example.org", "\xe2\x84\xaa" "relay.example.org",
    "rela\xc5\xbf.example.org", "relay.example.org\xc2\xa0", "\xef\xbd\x92" "elay.example.org",
    "relay.example.org\xe2\x81\x84" "x", "relay_.example.org", "relay..example.org", ".relay.example",
    "-relay.example.org", "relay.example.org.", "relay.example.0x7f", "0x7f000001", "2130706433", "127.1",
    "0177.0.0.1", "[::1]", "1.2.3.4.5", "256.1.1.1", "*", "localhost\xcc\x81", "b\xc3\xbc" "cher.example", "",
    " ", "relay example.org", "a,b", "relay\xc2\xad.org",
  };

  set_host (text, PICK (rand, hosts));
}

static void
spoil_port (GString *text, GRand *rand)
{
  static const char *const ports[] = {
    ":0", ":65536", ":99999", ":4294967739", ":18446744073709551615", ":-1", ":+443", ":0443", ":", "::443",
    ":443:443", ":4a", ": 443", ":443 ", ":0x1bb", ":1e3", ":\xd9\xa4\xd9\xa4\xd9\xa3", ":65535.0",
  };

  set_port (text, PICK (rand, ports));
}

static void
spoil_port_kindly (GString *text, GRand *rand)
{
  static const char *const ports[] = { "", ":1", ":80", ":443", ":8443", ":65535" };

  set_port (text, PICK (rand, ports));
}

/* Parts that are missing, too many, empty, or in another's place. */
static void
spoil_parts (GString *text, GRand *rand)
{
  g_auto (GStrv) parts = g_strsplit (text->str, "/", -1);
  int count = (int) g_strv_length (parts);

  g_string_truncate (text, 0);
  for (int i = g_rand_int_range (rand, 1, count + 4); i > 0; i--)
    {
      g_string_append (text, parts[g_rand_int_range (rand, 0, count)]);
      g_string_append (text, g_rand_int_range (rand, 0, 8) == 0 ? "//" : i > 1 ? "/" : "");
    }
}

/* Signs that are taken for digits of base 32 in places, and bits behind the last byte. */
static void
spoil_digits (GString *text, GRand *rand)
{
  static const char *const digits[] = {
    "0", "1", "8", "9", "=", "-", "_", " ", ".", "\xe2\x84\xaa", "\xc5\xbf", "\xc4\xb1", "\xef\xbc\xa1",
  };
  size_t keys = HOST_AT + strcspn (text->str + HOST_AT, "/") + 1;
  size_t at = keys + (size_t) g_rand_int_range (rand, 0, 52);

  g_string_erase (text, (gssize) at, 1);
  g_string_insert (text, (gssize) at, PICK (rand, digits));
}

static void
spoil_last_bits (GString *text, GRand *rand)
{
  static const char digits[] = "BCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  char *last = &text->str[text->len - 1];

  /* two of the last digit's bits are none of the 16 bytes: whatever stands in them is another text */
  *last = digits[g_rand_int_range (rand, 0, sizeof digits - 1)];
}

/* Keys that are no points, or points of small order. */
static void
spoil_key (GString *text, GRand *rand)
{
  static const char *const keys[] = {
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "7777777777777777777777777777777777777777777777777774",
    "777777777777777777777777777777777777777777777777777Q", "77777777777777777777777777777777777777777777777777777",
  };
  size_t at = HOST_AT + strcspn (text->str + HOST_AT, "/") + 1;

  g_string_erase (text, (gssize) at, 52);
  g_string_insert (text, (gssize) at, PICK (rand, keys));
}

static void
spoil_url (GString *text, GRand *rand)
{
  static const char *const hosts[] = {
    "user@relay.example.org", "relay.example.org@evil.example", "/relay.example.org", "https://relay.org",
    "relay.example.org?a=b", "relay.example.org#f", "relay.example.org\\evil.example", "..", ".",
    "javascript:alert(1)", "file:", "relay.example.org;rm -rf", "$(reboot)", "<b>relay</b>", "'--",
  };

  set_host (text, PICK (rand, hosts));
}

/* Other beginnings. */
static void
spoil_scheme (GString *text, GRand *rand)
{
  static const char *const schemes[] = {
    "TESSERA//1/", "TESSER\xc3\x81:1/", "TE\xc5\xbf\xc5\xbf" "ERA:1/", "TESSERA:/1/",
    "TESSERA1:/", "XTESSERA:1/", "TESSERA\xef\xbc\x9a" "1/", "HTTPS://TESSERA:1/", "TESSERA:TESSERA:1/",
    "\"TESSERA:1/", "TESSERA: 1/", "TESSERA:1\xe2\x88\x95",
  };

  g_string_erase (text, 0, HOST_AT);
  g_string_prepend (text, PICK (rand, schemes));
}

/* Says that the text is UTF-8, and is no part of it: zbar takes it off. */
static void
spoil_mark (GString *text, GRand *rand)
{
  g_string_prepend (text, BYTE_ORDER_MARK);
}

static void
spoil_spaces (GString *text, GRand *rand)
{
  for (int i = g_rand_int_range (rand, 1, 20); i > 0; i--)
    g_string_append_c (text, ' ');
}

static void
spoil_all (GString *text, GRand *rand)
{
  g_string_set_size (text, (gsize) g_rand_int_range (rand, 1, 300));
  for (size_t i = 0; i < text->len; i++)
    text->str[i] = (char) g_rand_int_range (rand, 0, 256);
}

static const Kind kinds[] = {
  { "genuine", spoil_nothing, ALWAYS },
  { "case", spoil_case, ALWAYS },
  { "port that is one", spoil_port_kindly, ALWAYS },
  { "spaces behind", spoil_spaces, ALWAYS },
  { "byte order mark", spoil_mark, ALWAYS },
  { "cut off", spoil_end, MAYBE }, /* without its secret it is an address */
  { "bits", spoil_bits, MAYBE },   /* to the other case, or of the secret */
  { "length", spoil_length, NEVER },
  { "version", spoil_version, NEVER },
  { "control character", spoil_control, NEVER },
  { "bad UTF-8", spoil_utf8, NEVER },
  { "percent", spoil_percent, NEVER },
  { "likeness", spoil_likeness, NEVER },
  { "port", spoil_port, NEVER },
  { "parts", spoil_parts, MAYBE }, /* in their order again */
  { "digits", spoil_digits, NEVER },
  { "last bits", spoil_last_bits, MAYBE }, /* when they are zero */
  { "key", spoil_key, NEVER },
  { "URL", spoil_url, NEVER },
  { "scheme", spoil_scheme, NEVER },
  { "anything", spoil_all, NEVER },
};

/* A genuine address, some with a code's secret, in capitals. */
static GString *
genuine (GRand *rand)
{
  static const char *const origins[] = { "https://relay.example.org", "https://relay.example.org:8443", "http://127.0.0.1:8080",
                                         "https://xn--bcher-kva.example", "https://a", "http://localhost" };
  uint8_t seed[crypto_sign_SEEDBYTES], public[TESS_KEY_SIZE], secret[crypto_sign_SECRETKEYBYTES];
  uint8_t capability[TESS_CAPABILITY_SIZE];
  g_autoptr (TessAddress) address = NULL;
  g_autofree char *text = NULL;

  for (size_t i = 0; i < sizeof seed; i++)
    seed[i] = (uint8_t) g_rand_int_range (rand, 0, 256);
  crypto_sign_seed_keypair (public, secret, seed);
  memcpy (capability, seed, sizeof capability);
  address = tess_address_new (PICK (rand, origins), public, capability);
  address->has_code = g_rand_boolean (rand);
  if (address->has_code)
    memcpy (address->code, seed + 16, sizeof address->code);
  text = tess_address_to_string (address);
  return g_string_new (text);
}

/* @payload, but for case, spaces around it and a port that need not be said, is what @address is written as. */
static void
assert_canonical (const TessAddress *address, const GString *payload)
{
  g_autofree char *written = tess_address_to_string (address);
  g_autofree char *link = tess_address_to_link (address);
  const char *said = payload->str + (g_str_has_prefix (payload->str, BYTE_ORDER_MARK) ? strlen (BYTE_ORDER_MARK) : 0);
  g_autofree char *folded = g_strstrip (g_ascii_strup (said, -1));
  g_autoptr (TessAddress) again = tess_address_parse (link, NULL);
  const char *implied = g_str_has_prefix (address->origin, "https:") ? ":443" : ":80";
  g_autoptr (GString) with_port = g_string_new (written);
  size_t host = strcspn (written + HOST_AT, ":/");

  g_assert_cmpuint (strlen (payload->str), ==, payload->len);
  if (written[HOST_AT + host] == '/')
    g_string_insert (with_port, (gssize) (HOST_AT + host), implied);
  if (strcmp (folded, with_port->str) != 0)
    g_assert_cmpstr (folded, ==, written);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->origin, ==, address->origin);
  g_assert_cmpmem (again->account, TESS_KEY_SIZE, address->account, TESS_KEY_SIZE);
  g_assert_cmpmem (again->capability, TESS_CAPABILITY_SIZE, address->capability, TESS_CAPABILITY_SIZE);
}

static bool
parse (const char *text, const GString *payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) address = tess_address_parse (text, &error);

  if (address != NULL)
    {
      g_assert_no_error (error);
      assert_canonical (address, payload);
      return true;
    }
  g_assert_cmpuint (error->domain, ==, TESS_WIRE_ERROR);
  g_assert_true (error->code == TESS_WIRE_ERROR_NOT_AN_ADDRESS || error->code == TESS_WIRE_ERROR_NEWER_VERSION
                 || error->code == TESS_WIRE_ERROR_TRUNCATED || error->code == TESS_WIRE_ERROR_HOST
                 || error->code == TESS_WIRE_ERROR_PORT || error->code == TESS_WIRE_ERROR_KEY);
  return false;
}

/* From texts to an address, as a scan is: accepted or not. */
static bool
take (char **texts, const GString *payload)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *picked = NULL;

  for (char **text = texts; *text != NULL; text++)
    {
      g_assert_true (g_utf8_validate (*text, -1, NULL) && **text != '\0' && strlen (*text) <= TESS_QR_TEXT_MAX);
      for (const char *at = *text; *at != '\0'; at = g_utf8_next_char (at))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (at)));
    }
  picked = tess_qr_pick ((const char *const *) texts, "TESSERA:", &error);
  if (picked != NULL)
    return parse (picked, payload);
  g_assert_true (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE)
                 || g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_SEVERAL_CODES));
  return false;
}

/* The code's texts, by one of the ways into the app. */
static char **
read_code (const TessQrModules *code, unsigned way, GError **error)
{
  int side;
  g_autofree uint8_t *gray = qr_gray_of_modules (code, MODULE_PIXELS, &side);
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *png;
  gsize size;

  if (way > 1)
    return tess_qr_read_frame (gray, (size_t) (side * side), side, side, (size_t) side, error);
  picture = qr_pixbuf_of_gray (gray, side, side);
  if (way == 1)
    return tess_qr_read_pixbuf (picture, error);
  g_assert_true (gdk_pixbuf_save_to_buffer (picture, &png, &size, "png", NULL, NULL));
  bytes = g_bytes_new_take (png, size);
  return tess_qr_read_bytes (bytes, error);
}

static bool
is_fit_ascii (const GString *payload)
{
  for (size_t i = 0; i < payload->len; i++)
    if (!g_ascii_isprint (payload->str[i]))
      return false;
  return payload->len <= TESS_QR_TEXT_MAX;
}

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* The most memory that the process has had, in KiB; nothing that says much with a sanitizer's own beside it. */
static long
peak_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return SANITIZED ? 0 : usage.ru_maxrss;
}

/* Shows the payload of number @index; TRUE when it went into a code. */
static bool
try_payload (unsigned index, const Kind *kind, unsigned way)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (index);
  g_autoptr (GString) payload = genuine (rand);
  g_autoptr (TessQrModules) code = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;
  bool accepted = false;

  kind->spoil (payload, rand);
  code = is_fit_ascii (payload) ? tess_qr_encode (payload->str, &error) : qr_modules_of_bytes (payload->str, payload->len);
  g_assert_no_error (error);
  if (code == NULL)
    return false;
  texts = read_code (code, way, &error);
  if (texts == NULL)
    g_assert_error (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE);
  else
    accepted = take (texts, payload);
  if (is_fit_ascii (payload))
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (texts), ==, 1);
      g_assert_cmpstr (texts[0], ==, payload->str);
    }
  if (kind->accepted != MAYBE)
    g_assert_cmpint (accepted, ==, kind->accepted == ALWAYS);
  return true;
}

static void
test_payloads (void)
{
  unsigned shown = 0;
  double slowest = 0;
  long before = peak_kib ();

  for (unsigned index = 0; index < PAYLOADS; index++)
    {
      const Kind *kind = &kinds[index % G_N_ELEMENTS (kinds)];
      double started = cpu_seconds ();

      if (g_test_verbose ())
        g_test_message ("payload %u: %s", index, kind->name);
      shown += try_payload (index, kind, index / G_N_ELEMENTS (kinds) % 24);
      slowest = MAX (slowest, cpu_seconds () - started);
    }
  g_test_message ("%u were shown; the slowest took %.3f s; %ld KiB more", shown, slowest, peak_kib () - before);
  g_assert_cmpuint (shown, >, PAYLOADS * 9 / 10);
  g_assert_cmpfloat (slowest, <, CPU_SECONDS_MAX);
  g_assert_cmpint (peak_kib () - before, <, GROWTH_MAX_KIB);
}

/* Pictures to begin with: three of a code, and the smallest of the formats that nothing here can write. */
static GPtrArray *
base_pictures (const char *text)
{
  static const char *const formats[] = { "png", "jpeg", "bmp" };
  static const char gif[] = "GIF89a\2\0\2\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\2\0\2\0\0\2\3\x44\2\5\0;";
  static const char webp[] = "RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\7\x10\x11\x11\x88\x88\xfe\7";
  g_autoptr (GdkPixbuf) picture = tess_qr_render (text, 3, NULL);
  GPtrArray *bases = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      char *data;
      gsize size;

      g_assert_true (gdk_pixbuf_save_to_buffer (picture, &data, &size, formats[i], NULL, NULL));
      g_ptr_array_add (bases, g_bytes_new_take (data, size));
    }
  g_ptr_array_add (bases, g_bytes_new_static (gif, sizeof gif - 1));
  g_ptr_array_add (bases, g_bytes_new_static (webp, sizeof webp)); /* with its last byte, which is zero */
  return bases;
}

/* A number of the head set to what a careless reader would make room for. The head of a PNG is sealed again. */
static void
spoil_head (GByteArray *bytes, GRand *rand)
{
  static const uint32_t numbers[] = { 0, 1, 2, 0xff, 0xffff, 0x7fff, 10000, 10001, 65536, 0x7fffffff, 0x80000000, 0xffffffff };
  size_t at = (size_t) g_rand_int_range (rand, 2, (int) MIN (bytes->len - 4, 64));
  uint32_t number = PICK (rand, numbers);
  unsigned size = g_rand_boolean (rand) ? 4 : 2;

  if (g_rand_boolean (rand))
    number = GUINT32_SWAP_LE_BE (number);
  memcpy (bytes->data + at, &number, size);
  if (bytes->len > 33 && memcmp (bytes->data + 12, "IHDR", 4) == 0)
    qr_put32 (bytes->data + 29, qr_crc32 (bytes->data + 12, 17));
}

static void
spoil_picture (GByteArray *bytes, GPtrArray *bases, unsigned how, GRand *rand)
{
  GBytes *other = bases->pdata[g_rand_int_range (rand, 0, (int) bases->len)];
  unsigned at = (unsigned) g_rand_int_range (rand, 2, (int) bytes->len);

  switch (how)
    {
    case 0: /* cut off */
      g_byte_array_set_size (bytes, at);
      break;
    case 1: /* some bytes */
      for (int i = g_rand_int_range (rand, 1, 9); i > 0; i--)
        bytes->data[g_rand_int_range (rand, 2, (int) bytes->len)] = (uint8_t) g_rand_int_range (rand, 0, 256);
      break;
    case 2: /* its first bytes, then anything */
      for (unsigned i = (unsigned) g_rand_int_range (rand, 3, 40); i < bytes->len; i++)
        bytes->data[i] = (uint8_t) g_rand_int_range (rand, 0, 256);
      break;
    case 3: /* on into another picture, or its own again */
      g_byte_array_set_size (bytes, at);
      g_byte_array_append (bytes, g_bytes_get_data (other, NULL), (guint) g_bytes_get_size (other));
      break;
    default:
      for (unsigned i = 4; i <= how; i++)
        spoil_head (bytes, rand);
      break;
    }
}

static void
try_picture (unsigned index, GPtrArray *bases, const GString *text)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (index);
  GBytes *base = bases->pdata[index % bases->len];
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;

  g_byte_array_append (bytes, g_bytes_get_data (base, NULL), (guint) g_bytes_get_size (base));
  spoil_picture (bytes, bases, index / bases->len % 7, rand);
  whole = g_bytes_new (bytes->data, bytes->len);
  texts = tess_qr_read_bytes (whole, &error);
  if (texts != NULL)
    {
      g_assert_no_error (error);
      take (texts, text);
    }
  else
    g_assert_true (g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NOT_A_PICTURE)
                   || g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_TOO_LARGE)
                   || g_error_matches (error, TESS_QR_ERROR, TESS_QR_ERROR_NO_CODE));
}

/* What gdk-pixbuf has to say of a stranger's picture is its own affair. */
static void
leave_unsaid (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return g_strcmp0 (domain, "GdkPixbuf") != 0;
}

static void
test_pictures (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GString) text = genuine (rand);
  g_autoptr (GPtrArray) bases = base_pictures (text->str);
  double slowest = 0;
  long before = peak_kib ();

  g_log_set_handler ("GdkPixbuf", (GLogLevelFlags) (G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL), leave_unsaid, NULL);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (unsigned index = 0; index < PICTURES; index++)
    {
      double started = cpu_seconds ();

      if (g_test_verbose ())
        g_test_message ("picture %u", index);
      try_picture (index, bases, text);
      slowest = MAX (slowest, cpu_seconds () - started);
    }
  g_test_message ("the slowest took %.3f s; %ld KiB more", slowest, peak_kib () - before);
  g_assert_cmpfloat (slowest, <, CPU_SECONDS_MAX);
  g_assert_cmpint (peak_kib () - before, <, 4 * GROWTH_MAX_KIB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/qr/hostile/payloads", test_payloads);
  g_test_add_func ("/qr/hostile/pictures", test_pictures);
  return g_test_run ();
}
