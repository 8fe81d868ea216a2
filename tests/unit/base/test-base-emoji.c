/* What is one emoji, and what only emoji. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-emoji.h"

static void
test_one (void)
{
  static const char *const good[] = {
    "👍", "👍🏽", "❤️", "❤", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "3️⃣", "#⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "↔️", "‼️", "➕", "🫠",
  };
  static const char *const bad[] = {
    "", " ", "a", "3", "👍👍", "👍a", "a👍", "🇩", "🇩🇪🇫", "‍👍", "👍‍", "️", "🏽", "<b>", "\xe2\x80\xae👍", "👍\n", "👍 ",
    "👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    if (!tess_emoji_check (good[i]))
      g_error ("“%s” is one", good[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    if (tess_emoji_check (bad[i]))
      g_error ("“%s” is none, or not one", bad[i]);
}

static void
test_only (void)
{
  g_assert_cmpuint (tess_emoji_count ("👍", 5), ==, 1);
  g_assert_cmpuint (tess_emoji_count ("👍👍🏽 🇩🇪🇫🇷", 5), ==, 4);
  g_assert_cmpuint (tess_emoji_count ("👍👍👍", 2), ==, 0);
  g_assert_cmpuint (tess_emoji_count ("", 5), ==, 0);
  g_assert_cmpuint (tess_emoji_count ("  ", 5), ==, 0);
  g_assert_cmpuint (tess_emoji_count ("👍 ok", 5), ==, 0);
  g_assert_cmpuint (tess_emoji_count ("12", 5), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/emoji/one", test_one);
  g_test_add_func ("/base/emoji/only", test_only);
  return g_test_run ();
}
