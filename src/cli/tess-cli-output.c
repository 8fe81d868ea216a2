/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli-output.h"

#include <stdio.h>

#define REPLACEMENT 0xfffd

/* Characters that could command a terminal, break a line or turn the reading order. */
static bool
is_unfit (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f) || c == 0xfeff;
}

char *
tess_cli_clean (const char *text, const char *indent)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *clean = g_string_new (NULL);

  for (const char *next = valid; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar c = g_utf8_get_char (next);

      if (c == '\n' && indent != NULL)
        g_string_append_printf (clean, "\n%s", indent);
      else if (c == '\n' || c == '\t')
        g_string_append_c (clean, ' ');
      else
        g_string_append_unichar (clean, is_unfit (c) ? REPLACEMENT : c);
    }
  return g_string_free (clean, FALSE);
}

bool
tess_cli_print (const char *line)
{
  return printf ("%s\n", line) >= 0 && fflush (stdout) == 0;
}

/* JSON escapes what is below 0x20; the rest may stand in it as it is, but stdout may be a terminal. Outside of strings JSON is
 * ASCII, so what is escaped here is inside of one. */
static char *
escape_unfit (const char *json)
{
  GString *clean = g_string_new (NULL);

  for (const char *next = json; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar c = g_utf8_get_char (next);

      if (!is_unfit (c))
        g_string_append_unichar (clean, c);
      else if (c < 0x10000)
        g_string_append_printf (clean, "\\u%04x", c);
      else
        g_string_append_printf (clean, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  return g_string_free (clean, FALSE);
}

bool
tess_cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;
  g_autofree char *clean = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json = json_generator_to_data (generator, NULL);
  clean = escape_unfit (json);
  g_object_unref (builder);
  return tess_cli_print (clean);
}

JsonBuilder *
tess_cli_json_new (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

void
tess_cli_json_text (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value != NULL ? value : "", -1);

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

void
tess_cli_json_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
tess_cli_json_bool (JsonBuilder *builder, const char *name, bool value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
tess_cli_complain (const char *message)
{
  g_autofree char *clean = tess_cli_clean (message, "  ");

  fprintf (stderr, "tessera-cli: %s\n", clean);
}

char *
tess_cli_time (gint64 ms, bool exact)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc_usec (ms * 1000);
  g_autoptr (GDateTime) local = utc != NULL && !exact ? g_date_time_to_local (utc) : NULL;

  if (utc == NULL)
    return g_strdup ("?");
  return exact ? g_date_time_format (utc, "%Y-%m-%dT%H:%M:%S.%fZ") : g_date_time_format (local, "%Y-%m-%d %H:%M");
}
