/* Log lines. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-log.h"

#include <string.h>

static void
test_journal (void)
{
  g_autofree char *warning = tess_relay_log_line (G_LOG_LEVEL_WARNING, "store-failing", "disk full (code 13)", true);
  g_autofree char *info = tess_relay_log_line (G_LOG_LEVEL_MESSAGE, "tls-reloaded", "", true);

  g_assert_cmpstr (warning, ==, "<4>level=warning event=store-failing message=\"disk full (code 13)\"\n");
  g_assert_cmpstr (info, ==, "<6>level=info event=tls-reloaded message=\"\"\n");
}

static void
test_plain (void)
{
  g_autofree char *line = tess_relay_log_line (G_LOG_LEVEL_CRITICAL, "library", "x", false);

  g_assert_true (g_regex_match_simple (
    "^time=20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ level=critical event=library message=\"x\"\n$", line, 0, 0));
}

/* Whatever a message holds, it stays one line and one value. */
static void
test_quoted (void)
{
  g_autofree char *line = tess_relay_log_line (G_LOG_LEVEL_WARNING, "e", "a\nlevel=x \"b\" \\ \x1b[2J é\x7f", true);
  g_autofree char *huge = g_strnfill (100000, '"');
  g_autofree char *cut = tess_relay_log_line (G_LOG_LEVEL_WARNING, "e", huge, true);

  g_assert_cmpstr (line, ==, "<4>level=warning event=e message=\"a\\x0alevel=x \\\"b\\\" \\\\ \\x1b[2J é\\x7f\"\n");
  g_assert_cmpuint (strlen (cut), <, 5000);
  g_assert_true (g_str_has_suffix (cut, "\\\"\"\n"));
}

/* One line of an event at once, and the next after a minute. */
static void
test_again (void)
{
  int64_t last = 0, other = 0;

  g_assert_true (tess_relay_log_again (&last));
  g_assert_cmpint (last, >, 0);
  g_assert_false (tess_relay_log_again (&last));
  g_assert_true (tess_relay_log_again (&other));
  last = g_get_monotonic_time () - 59 * G_USEC_PER_SEC;
  g_assert_false (tess_relay_log_again (&last));
  last -= G_USEC_PER_SEC;
  g_assert_true (tess_relay_log_again (&last));
  g_assert_false (tess_relay_log_again (&last));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/log/journal", test_journal);
  g_test_add_func ("/relay/log/plain", test_plain);
  g_test_add_func ("/relay/log/quoted", test_quoted);
  g_test_add_func ("/relay/log/again", test_again);
  return g_test_run ();
}
