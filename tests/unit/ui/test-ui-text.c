/* What people write becomes labels: no markup of theirs, no link but the four kinds, and those to pages of the web.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"
#include "ui/tess-avatar.h"
#include "ui/tess-ui-text.h"
#include "ui/tess-window-state.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#define ADDRESS "tessera:1/relay.example/MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPJBEGRCFIZDQ/MFRGGZDFMZTWQ2LKNNWG23TPOA"

static void
test_linkify (void)
{
  static const struct {
    const char *text;
    const char *markup;
  } cases[] = {
    { "", "" },
    { "plain", "plain" },
    { "<b>&</b> \"q\"", "&lt;b&gt;&amp;&lt;/b&gt; &quot;q&quot;" },
    { "https://a.example/x", "<a href=\"https://a.example/x\">https://a.example/x</a>" },
    { "see http://a.example, now", "see <a href=\"http://a.example\">http://a.example</a>, now" },
    { "(https://a.example/b(c)).", "(<a href=\"https://a.example/b(c)\">https://a.example/b(c)</a>)." },
    { "https://a.example/?x=1&y='<", "<a href=\"https://a.example/?x=1&amp;y=\">https://a.example/?x=1&amp;y=</a>&apos;&lt;" },
    { "HTTPS://A.example!", "<a href=\"HTTPS://A.example\">HTTPS://A.example</a>!" },
    { "mailto:a@b.example", "<a href=\"mailto:a@b.example\">mailto:a@b.example</a>" },
    { "javascript:alert(1) file:///etc/passwd data:x", "javascript:alert(1) file:///etc/passwd data:x" },
    { "xhttps://a.example", "xhttps://a.example" },
    { "https://", "https://" },
    { "https://a\"onclick=b", "<a href=\"https://a\">https://a</a>&quot;onclick=b" },
    { "„https://a.example/b“, »https://a.example«", "„<a href=\"https://a.example/b\">https://a.example/b</a>“, "
                                                   "»<a href=\"https://a.example\">https://a.example</a>«" },
    { "“https://a.example”—so", "“<a href=\"https://a.example\">https://a.example</a>”—so" },
    { "https://a.example/b…", "<a href=\"https://a.example/b\">https://a.example/b</a>…" },
    { "「https://a.example」。", "「<a href=\"https://a.example\">https://a.example</a>」。" },
    { "https://a.example/Zürich/é", "<a href=\"https://a.example/Zürich/é\">https://a.example/Zürich/é</a>" },
    { "https://a\xe2\x80\xae" "b", "<a href=\"https://a\">https://a</a>\xe2\x80\xae" "b" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = tess_text_linkify (cases[i].text);

      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

#define WWW(words) "<a href=\"https://" words "\">" words "</a>"

/* Without a scheme it is a page of the web where nothing else could be meant, and at the host that is read. */
static void
test_linkify_www (void)
{
  static const struct {
    const char *text;
    const char *markup;
  } cases[] = {
    { "www.a.example", WWW ("www.a.example") },
    { "see (www.a.example).", "see (" WWW ("www.a.example") ")." },
    { "[www.a.example]: WWW.B.example!", "[" WWW ("www.a.example") "]: " WWW ("WWW.B.example") "!" },
    { "„www.a.example“, »www.b.example«", "„" WWW ("www.a.example") "“, »" WWW ("www.b.example") "«" },
    { "www.a.example’s, www.a.example's", WWW ("www.a.example") "’s, " WWW ("www.a.example") "&apos;s" },
    { "www.a.example/b?c=d&e#f", "<a href=\"https://www.a.example/b?c=d&amp;e#f\">www.a.example/b?c=d&amp;e#f</a>" },
    { "www.a.example?b www.a.example#c", WWW ("www.a.example?b") " " WWW ("www.a.example#c") },
    { "www.a.example:8080/b www.a.example:80", WWW ("www.a.example:8080/b") " " WWW ("www.a.example:80") },
    { "www.a.example: this", WWW ("www.a.example") ": this" },
    { "www.a.example:this www.a.example\\b", WWW ("www.a.example") ":this " WWW ("www.a.example") "\\b" },
    { "www.a.example/@b", WWW ("www.a.example/@b") },
    { "www.müller.example www.xn--mller-kva.example", WWW ("www.müller.example") " " WWW ("www.xn--mller-kva.example") },
    { "www.a.example... www.a.example…", WWW ("www.a.example") "... " WWW ("www.a.example") "…" },
    { "www.a.example..b", WWW ("www.a.example") "..b" },
    { "שלום www.a.example שלום", "שלום " WWW ("www.a.example") " שלום" },
    { "\xe2\x80\xaewww.a.example\xe2\x80\xac/b", "\xe2\x80\xae" WWW ("www.a.example") "\xe2\x80\xac/b" },
    { "https://www.a.example", "<a href=\"https://www.a.example\">https://www.a.example</a>" },
    { "www", "www" },
    { "www.", "www." },
    { "www.a www.a. www..a.example", "www.a www.a. www..a.example" },
    { "www.a.b www.1.2 www.a.10", "www.a.b www.1.2 www.a.10" },
    { "www.-a.example www.a-.example www.a.example-", "www.-a.example www.a-.example www.a.example-" },
    { "a.example xwww.a.example wwww.a.example", "a.example xwww.a.example wwww.a.example" },
    { "b@www.a.example b.www.a.example ftp://www.a.example", "b@www.a.example b.www.a.example ftp://www.a.example" },
    { "www.a.example@b.example", "www.a.example@b.example" },
    { "www.a.example:80@b.example/", WWW ("www.a.example") ":80@b.example/" },
    { "www.a.example:80a www.a.example:@b", WWW ("www.a.example") ":80a " WWW ("www.a.example") ":@b" },
    { "www.a.example\\@b.example", WWW ("www.a.example") "\\@b.example" },
    { "www.a.example'@b.example", WWW ("www.a.example") "&apos;@b.example" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = tess_text_linkify (cases[i].text);

      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

/* Whatever is written, Pango takes the markup and shows exactly the text. */
static void
test_linkify_any (void)
{
  static const char *const pieces[] = { "https://", "www.", "a.bc", ":", "@", "<", "&", ">", "\"", "'", ")", "(", " ", "a", "\n",
                                        "tessera:1/", "mailto:", "é", "🏺", "\xe2\x81\xa9" };

  /* GtkLabel's <a> is no tag of Pango's; <span> stands for it here */
  g_autoptr (GRegex) links = g_regex_new ("<a href=\"[^\"]*\">", 0, 0, NULL);

  for (int round = 0; round < 3000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *markup = NULL, *opened = NULL, *spans = NULL, *shown = NULL;
      g_auto (GStrv) parts = NULL;
      g_autoptr (GError) error = NULL;

      for (int n = g_test_rand_int_range (0, 24); n > 0; n--)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      markup = tess_text_linkify (text->str);
      opened = g_regex_replace (links, markup, -1, 0, "<span>", 0, NULL);
      parts = g_strsplit (opened, "</a>", -1);
      spans = g_strjoinv ("</span>", parts);
      g_assert_true (pango_parse_markup (spans, -1, 0, NULL, &shown, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (shown, ==, text->str);
    }
}

static void
test_allowed (void)
{
  g_assert_true (tess_text_uri_allowed ("https://a.example"));
  g_assert_true (tess_text_uri_allowed ("Mailto:a@b"));
  g_assert_true (tess_text_uri_allowed (ADDRESS));
  g_assert_false (tess_text_uri_allowed ("file:///etc/passwd"));
  g_assert_false (tess_text_uri_allowed ("javascript:x"));
  g_assert_false (tess_text_uri_allowed (""));
  g_assert_false (tess_text_uri_allowed (NULL));
}

static void
test_emoji (void)
{
  g_assert_true (tess_text_is_emoji ("🏺"));
  g_assert_true (tess_text_is_emoji ("🎉🎉 ❤️"));
  g_assert_true (tess_text_is_emoji ("👩‍👩‍👧"));
  g_assert_false (tess_text_is_emoji (""));
  g_assert_false (tess_text_is_emoji (" "));
  g_assert_false (tess_text_is_emoji ("ok 👍"));
  g_assert_false (tess_text_is_emoji ("1"));
  g_assert_true (tess_text_is_emoji ("🎉🎉🎉🎉🎉"));
  g_assert_false (tess_text_is_emoji ("🎉🎉🎉🎉🎉🎉"));
}

static void
test_codes (void)
{
  g_autofree char *link = tess_text_as_link ("TESSERA:1/HOST/A/C");
  g_autofree char *key = tess_avatar_key_of_address (ADDRESS);
  g_autofree char *long_text = g_strnfill (5000, 'A');

  g_assert_cmpint (tess_text_code_kind (ADDRESS), ==, TESS_CODE_ADDRESS);
  g_assert_cmpint (tess_text_code_kind ("  " ADDRESS "\n"), ==, TESS_CODE_ADDRESS);
  g_assert_cmpint (tess_text_code_kind (ADDRESS "/MFRGGZDFMZTWQ2LKNNWG23TPOA"), ==, TESS_CODE_CODE);
  g_assert_cmpint (tess_text_code_kind (ADDRESS "/MFRGG"), ==, TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind (ADDRESS "/MFRGGZDFMZTWQ2LKNNWG23TPOA/x"), ==, TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind ("tessera:1/relay.example/AAAA/BBBB"), ==, TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind ("tessera:1/relay.example/MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPJBEGRCFIZDQ/MFRGG"), ==,
                   TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind ("tessera:2/"), ==, TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind (""), ==, TESS_CODE_NONE);
  g_assert_cmpint (tess_text_code_kind (long_text), ==, TESS_CODE_NONE);
  g_assert_cmpstr (link, ==, "tessera:1/HOST/A/C");
  g_assert_cmpstr (key, ==, "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPJBEGRCFIZDQ");
}

/* Each code that is none has its own sentence, and two codes can be told apart by account and relay. */
static void
test_code_parts (void)
{
  g_autofree char *relay = tess_text_code_relay (" " ADDRESS), *none = tess_text_code_relay ("tessera:1/");

  g_assert_cmpstr (tess_text_code_fault ("https://example.org"), ==, "This is not a Tessera code.");
  g_assert_cmpstr (tess_text_code_fault (" TESSERA:2/relay/A"), ==, "This code needs a newer version of Tessera.");
  g_assert_cmpstr (tess_text_code_fault ("tessera:10/x"), ==, "This code needs a newer version of Tessera.");
  g_assert_true (g_str_has_prefix (tess_text_code_fault ("tessera:1/relay.example/AA"), "This code is damaged"));
  g_assert_true (g_str_has_prefix (tess_text_code_fault ("tessera:"), "This code is damaged"));
  g_assert_nonnull (relay);
  g_assert_null (strchr (relay, '/'));
  g_assert_null (none);
  g_assert_true (tess_text_code_same_account (ADDRESS, ADDRESS "/MFRGGZDFMZTWQ2LKNNWG23TPOA"));
  g_assert_false (tess_text_code_same_account (ADDRESS, "tessera:1/x"));
  g_assert_false (tess_text_code_same_account ("", ""));
}

static void
test_number (void)
{
  const char *digits = "012345678901234567890123456789012345678901234567890123456789";
  g_autofree char *seen = tess_text_number (digits), *aloud = tess_text_number_aloud (digits);
  g_autofree char *more = g_strconcat (digits, "0", NULL), *around = g_strdup_printf ("Our number:\n%s.", seen);
  g_autofree char *other = g_strdup (digits);

  g_assert_true (g_str_has_prefix (seen, "01234  56789  01234\n56789  "));
  g_assert_true (g_str_has_prefix (aloud, "0 1 2 3 4, 5 6 7 8 9, 0 1 2 3 4, 5 6 7 8 9, "));
  g_assert_true (g_str_has_suffix (aloud, ", 5 6 7 8 9"));
  g_assert_cmpint (tess_text_number_compare (digits, seen), ==, TESS_NUMBER_SAME);
  g_assert_cmpint (tess_text_number_compare (digits, around), ==, TESS_NUMBER_SAME);
  g_assert_cmpint (tess_text_number_compare ("012", "\u0660\u0661\u0662"), ==, TESS_NUMBER_SAME);
  g_assert_cmpint (tess_text_number_compare (digits, more), ==, TESS_NUMBER_NONE);
  g_assert_cmpint (tess_text_number_compare (digits, digits + 1), ==, TESS_NUMBER_NONE);
  g_assert_cmpint (tess_text_number_compare (digits, ""), ==, TESS_NUMBER_NONE);
  g_assert_cmpint (tess_text_number_compare (digits, "\xff"), ==, TESS_NUMBER_NONE);
  other[59] = '0';
  g_assert_cmpint (tess_text_number_compare (digits, other), ==, 12);
  other[5] = '0';
  g_assert_cmpint (tess_text_number_compare (digits, other), ==, 2);
}

static void
test_picture_path (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tess-ui-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a code.png", NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *from_path = NULL, *from_uri = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  from_path = tess_text_picture_path (path);
  from_uri = tess_text_picture_path (uri);
  g_assert_cmpstr (from_path, ==, path);
  g_assert_cmpstr (from_uri, ==, path);
  g_assert_null (tess_text_picture_path (dir));
  g_assert_null (tess_text_picture_path ("a code.png"));
  g_assert_null (tess_text_picture_path (ADDRESS));
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_times (void)
{
  g_autoptr (GDateTime) noon = g_date_time_new_local (2025, 3, 14, 12, 5, 0);
  gint64 now = g_date_time_to_unix (noon) * 1000, day = 86400000;
  g_autofree char *today = tess_text_when (now, now), *yesterday = tess_text_when (now - day, now);
  g_autofree char *future = tess_text_day (now + 3 * day, now), *other = tess_text_day (now - 400 * day, now);
  g_autofree char *absurd = tess_text_when (G_MAXINT64, now), *ancient = tess_text_day (G_MININT64, now);

  g_assert_cmpstr (today, ==, "12:05");
  g_assert_cmpstr (yesterday, ==, "Yesterday");
  g_assert_cmpstr (future, ==, "Monday, 17 March");
  g_assert_cmpstr (other, ==, "8 February 2024");
  g_assert_nonnull (absurd);
  g_assert_nonnull (ancient);
  g_assert_true (tess_text_same_day (now, now + 60000));
  g_assert_false (tess_text_same_day (now, now + day));
  g_assert_cmpuint (tess_text_seconds_to_midnight (), <=, 86400);
}

static void
test_window_state (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tess-ui-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "window.ini", NULL);
  TessWindowState state = { 500, 400, TRUE, 7 }, loaded;

  tess_window_state_save (&state, dir);
  tess_window_state_load (&loaded, dir);
  g_assert_cmpint (loaded.width, ==, 500);
  g_assert_cmpint (loaded.conversation, ==, 7);
  g_assert_true (loaded.maximized);
  g_assert_true (g_file_set_contents (path, "[window]\nwidth=-5\nheight=99999999\nconversation=x\n\xff", -1, NULL));
  tess_window_state_load (&loaded, dir);
  g_assert_cmpint (loaded.width, >=, 360);
  g_assert_cmpint (loaded.height, <=, 16384);
  g_assert_cmpint (loaded.conversation, ==, 0);
  tess_window_state_save (&state, "/proc/nowhere");
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_cut (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_cmpstr (tess_text_cut ("short\nenough"), ==, "");
  for (int i = 0; i < 3000; i++)
    g_string_append (text, "\xc3\xa4");
  g_assert_cmpint (tess_text_cut (text->str) - text->str, ==, 2 * 2000);
  g_string_truncate (text, 0);
  for (int i = 0; i < 100; i++)
    g_string_append (text, "x\n");
  g_assert_cmpint (tess_text_cut (text->str) - text->str, ==, 2 * 40 - 1);
}

/* Each notice of core has words of its own: changed keys are no message from a newer version. */
static void
test_notices (void)
{
  static const char *const kinds[] = { "verified", "mismatch", "changed", "unreadable", "unknown" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      TessMessageData data = { .row = 1, .id = (char *) "00", .body = (char *) "", .kind = (char *) kinds[i],
                               .failure = (char *) "" };
      g_autoptr (TessMessage) message = tess_message_new (&data);
      char *text = tess_text_notice (message, "Alice");

      g_assert_nonnull (strstr (text, "\u2068Alice\u2069"));
      g_assert_true (g_hash_table_add (seen, text));
    }
}

static void
test_code_within (void)
{
  static const char *const texts[] = { ADDRESS, " " ADDRESS "\n", "Write to me:\n" ADDRESS "\r\nThe tent is up",
                                       "t T tessera:2/x " ADDRESS };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *code = tess_text_code_within (texts[i]);

      g_assert_cmpstr (code, ==, ADDRESS);
    }
  {
    g_autofree char *other = tess_text_code_within (" bob@relay.example\t"), *none = tess_text_code_within ("");

    g_assert_cmpstr (other, ==, "bob@relay.example");
    g_assert_cmpstr (none, ==, "");
  }
}

static void
test_devices (void)
{
  const gint64 day = 86400000, may = 1746273600000; /* 3 May 2025, noon */
  const TessContactDevice first = { .number = 1, .seen = may }, second = { .number = 2, .added = may - day, .seen = may };
  const TessContactDevice same = { .number = 3, .added = may - 1000, .seen = may };
  g_autofree char *only = tess_text_device (&first, 1), *of_two = tess_text_device (&first, 2);
  g_autofree char *another = tess_text_device (&second, 2);
  g_autofree char *since = tess_text_device_dates (&first), *both = tess_text_device_dates (&second);
  g_autofree char *once = tess_text_device_dates (&same);

  g_assert_cmpstr (only, ==, "Their only device");
  g_assert_cmpstr (of_two, ==, "First device");
  g_assert_cmpstr (another, ==, "Device 2");
  g_assert_cmpstr (since, ==, "Known to you since 3 May 2025");
  g_assert_cmpstr (both, ==, "Added on 2 May 2025, known to you since 3 May 2025");
  g_assert_cmpstr (once, ==, "Added on 3 May 2025");
}

static void
test_one_line (void)
{
  static const struct {
    const char *text;
    const char *line;
  } cases[] = {
    { "", "" },
    { " \n\t ", "" },
    { "plain", "plain" },
    { "one\n\ntwo\t three ", "one two three" },
    { "a\x01\x7f" "b\xe2\x80\xa9" "c\xc2\x85" "d", "a b c d" },
    { "<b>&amp;</b>", "<b>&amp;</b>" },
    { "\xe2\x80\xae" "evil\xe2\x81\xa6\xef\xbb\xbf\xe2\x80\x8b", "evil" },
    { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac" },
  };
  g_autofree char *full = g_strnfill (TESS_NOTIFICATION_CHARS, 'x'), *longer = g_strconcat (full, "yz", NULL);
  g_autofree char *kept = tess_text_one_line (full), *cut = tess_text_one_line (longer);
  g_autofree char *wanted = g_strconcat (full, "…", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = tess_text_one_line (cases[i].text);

      g_assert_cmpstr (line, ==, cases[i].line);
    }
  g_assert_cmpstr (kept, ==, full);
  g_assert_cmpstr (cut, ==, wanted);
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/text/cut", test_cut);
  g_test_add_func ("/ui/text/one-line", test_one_line);
  g_test_add_func ("/ui/text/linkify", test_linkify);
  g_test_add_func ("/ui/text/linkify-www", test_linkify_www);
  g_test_add_func ("/ui/text/linkify-any", test_linkify_any);
  g_test_add_func ("/ui/text/uri-allowed", test_allowed);
  g_test_add_func ("/ui/text/emoji", test_emoji);
  g_test_add_func ("/ui/text/codes", test_codes);
  g_test_add_func ("/ui/text/code-parts", test_code_parts);
  g_test_add_func ("/ui/text/number", test_number);
  g_test_add_func ("/ui/text/picture-path", test_picture_path);
  g_test_add_func ("/ui/text/times", test_times);
  g_test_add_func ("/ui/window-state", test_window_state);
  g_test_add_func ("/ui/text/notices", test_notices);
  g_test_add_func ("/ui/text/devices", test_devices);
  g_test_add_func ("/ui/text/code-within", test_code_within);
  return g_test_run ();
}
