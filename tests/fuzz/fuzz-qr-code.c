/* Codes of strangers: any segments that a code can hold, in any of its ways, with modules that are damaged, from the picture
 * through zbar to the parser of addresses. What is read is a line of text; what is accepted is what is written the same again.
 * Input: how the code is made (the bits below), how many modules are damaged and which (u16 each), and segments of a mode (u8),
 * a size (u16) and bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "qr-frames.h"

#include "base/tess-limits.h"
#include "wire/tess-address.h"

#include <string.h>

#define HOW_PIXELS 0x03 /* a module: one more than this */
#define HOW_LEVEL 0x0c
#define HOW_PICTURE 0x10
#define HOW_PARTS 0x20 /* several codes that belong together, one below the other */
#define HOW_FNC1 0x40
#define PARTS_MAX 4
#define FLIPS_MAX 64
#define BYTES_MAX 1500

static const QRencodeMode modes[] = { QR_MODE_NUM, QR_MODE_AN, QR_MODE_8, QR_MODE_KANJI };

/* What libqrencode finds unfit for a mode is left out. */
static void
add_segments (QRinput *code, TessReader *input)
{
  while (tess_reader_ok (input) && input->left > 0)
    {
      unsigned mode = tess_reader_u8 (input) % 5;
      size_t wanted = tess_reader_u16 (input), size = MIN (wanted, input->left);
      const uint8_t *data = tess_reader_take (input, size);

      if (!tess_reader_ok (input) || size == 0)
        continue;
      if (mode == G_N_ELEMENTS (modes))
        QRinput_appendECIheader (code, data[0]);
      else
        QRinput_append (code, modes[mode], (int) size, data);
    }
}

static void
check_address (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessAddress) address = tess_address_parse (text, &error);
  g_autofree char *folded = g_strstrip (g_ascii_strup (text, -1));
  g_autofree char *written = NULL;
  size_t same = 0;

  fuzz_check_error (error, address == NULL, TESS_WIRE_ERROR);
  if (address == NULL)
    return;
  written = tess_address_to_string (address);
  g_assert_nonnull (written);
  while (written[same] != '\0' && written[same] == folded[same])
    same++;
  /* the port that need not be said */
  if (g_str_has_prefix (folded + same, ":443/") || g_str_has_prefix (folded + same, ":80/"))
    memmove (folded + same, strchr (folded + same, '/'), strlen (strchr (folded + same, '/')) + 1);
  g_assert_cmpstr (folded, ==, written);
}

static void
check_texts (char **texts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *picked = NULL;

  for (char **text = texts; *text != NULL; text++)
    {
      g_assert_true (g_utf8_validate (*text, -1, NULL) && **text != '\0' && strlen (*text) <= TESS_QR_TEXT_MAX);
      for (const char *at = *text; *at != '\0'; at = g_utf8_next_char (at))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (at)));
      check_address (*text);
    }
  picked = tess_qr_pick ((const char *const *) texts, "TESSERA:", &error);
  fuzz_check_error (error, picked == NULL, TESS_QR_ERROR);
}

static void
check_picture (const uint8_t *gray, int width, int height, bool picture)
{
  g_autoptr (GdkPixbuf) pixbuf = picture ? qr_pixbuf_of_gray (gray, width, height) : NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = picture ? tess_qr_read_pixbuf (pixbuf, &error)
                                 : tess_qr_read_frame (gray, (size_t) (width * height), width, height, (size_t) width, &error);

  fuzz_check_error (error, texts == NULL, TESS_QR_ERROR);
  if (texts != NULL)
    check_texts (texts);
  else
    g_assert_cmpint (error->code, ==, TESS_QR_ERROR_NO_CODE);
}

/* One code below the other; each is flipped in the same modules. */
static uint8_t *
draw (GPtrArray *codes, const uint16_t *flips, unsigned flipped, int pixels, int *width_out, int *height_out)
{
  g_autoptr (GByteArray) column = g_byte_array_new ();

  *width_out = *height_out = 0;
  for (guint i = 0; i < codes->len; i++)
    {
      TessQrModules *code = codes->pdata[i];
      g_autofree uint8_t *gray = NULL;
      int side;

      for (unsigned k = 0; k < flipped; k++)
        code->modules[flips[k] % (code->side * code->side)] ^= 1;
      gray = qr_gray_of_modules (code, pixels, &side);
      if (i > 0 && side != *width_out) /* the parts of one text are of one size, but for the last */
        continue;
      *width_out = side;
      *height_out += side;
      g_byte_array_append (column, gray, (guint) (side * side));
    }
  return g_byte_array_steal (column, NULL);
}

static GPtrArray *
make_codes (QRinput *input, uint8_t how)
{
  GPtrArray *codes = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_qr_modules_free);
  QRinput_Struct *parts = NULL;
  QRcode_List *list = NULL;
  TessQrModules *code = NULL;

  if ((how & HOW_PARTS) == 0)
    {
      code = qr_modules_take (QRcode_encodeInput (input));
      if (code != NULL)
        g_ptr_array_add (codes, code);
      return codes;
    }
  parts = QRinput_splitQRinputToStruct (input);
  list = parts != NULL ? QRcode_encodeInputStructured (parts) : NULL;
  for (QRcode_List *at = list; at != NULL && codes->len < PARTS_MAX; at = at->next)
    {
      g_ptr_array_add (codes, qr_modules_take (at->code));
      at->code = NULL;
    }
  QRcode_List_free (list);
  if (parts != NULL)
    QRinput_Struct_free (parts);
  return codes;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessReader input;
  uint8_t how;
  uint16_t flips[FLIPS_MAX] = { 0 };
  unsigned flipped;
  QRinput *code;
  g_autoptr (GPtrArray) codes = NULL;
  g_autofree uint8_t *gray = NULL;
  int width, height;

  tess_reader_init (&input, data, size);
  how = tess_reader_u8 (&input);
  flipped = tess_reader_u8 (&input) % (FLIPS_MAX + 1);
  for (unsigned i = 0; i < flipped; i++)
    flips[i] = tess_reader_u16 (&input);
  if (!tess_reader_ok (&input) || input.left > BYTES_MAX)
    return 0;
  /* what belongs together is split at a version's size */
  code = QRinput_new2 (how & HOW_PARTS ? 4 : 0, (QRecLevel) ((how & HOW_LEVEL) >> 2));
  if (how & HOW_FNC1)
    QRinput_setFNC1First (code);
  add_segments (code, &input);
  codes = make_codes (code, how);
  QRinput_free (code);
  gray = draw (codes, flips, flipped, 1 + (how & HOW_PIXELS), &width, &height);
  if (width > 0)
    check_picture (gray, width, height, (how & HOW_PICTURE) != 0);
  return 0;
}
