/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-ui-text.h"

#include "base/tess-clock.h"
#include "base/tess-emoji.h"
#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "ui/tess-duration.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define EMOJI_MAX 5
#define SHOWN_CHARS_MAX 2000
#define SHOWN_LINES_MAX 40
#define SECRET_SIZE 16
#define KEY_SIZE 32
#define GROUP_DIGITS 5
#define GROUPS_A_LINE 3

static gboolean
twelve_hours (void)
{
  static int wanted = -1;
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (wanted >= 0)
    return wanted;
  wanted = 0;
  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, "org.gnome.desktop.interface", TRUE);
  if (schema != NULL && g_settings_schema_has_key (schema, "clock-format"))
    {
      g_autoptr (GSettings) settings = g_settings_new_full (schema, NULL, NULL);

      wanted = g_settings_get_enum (settings, "clock-format") == 1;
    }
  return wanted;
}

static GDateTime *
local_time (gint64 time)
{
  GDateTime *date = g_date_time_new_from_unix_local (time / 1000);

  return date != NULL ? date : g_date_time_new_from_unix_local (0);
}

/* Whole days from @time's day to @now's. */
static int
days_between (GDateTime *time, GDateTime *now)
{
  GDate one, other;

  g_date_clear (&one, 1);
  g_date_set_dmy (&one, g_date_time_get_day_of_month (time), g_date_time_get_month (time), g_date_time_get_year (time));
  g_date_clear (&other, 1);
  g_date_set_dmy (&other, g_date_time_get_day_of_month (now), g_date_time_get_month (now), g_date_time_get_year (now));
  return g_date_days_between (&one, &other);
}

char *
tess_text_clock (gint64 time)
{
  g_autoptr (GDateTime) date = local_time (time);

  if (twelve_hours ())
    /* Translators: the time of a message on the 12-hour clock (see man strftime). xgettext:no-c-format */
    return g_date_time_format (date, C_("time", "%-I:%M %p"));
  /* Translators: the time of a message on the 24-hour clock (see man strftime). xgettext:no-c-format */
  return g_date_time_format (date, C_("time", "%H:%M"));
}

char *
tess_text_when (gint64 time, gint64 now)
{
  g_autoptr (GDateTime) date = local_time (time), today = local_time (now);
  int days = days_between (date, today);

  if (days == 0)
    return tess_text_clock (time);
  if (days == 1)
    return g_strdup (C_("day", "Yesterday"));
  if (days > 1 && days < 7)
    return g_date_time_format (date, "%a");
  /* Translators: a short date in the list of chats (see man strftime). xgettext:no-c-format */
  return g_date_time_format (date, g_date_time_get_year (date) == g_date_time_get_year (today) ? C_("date", "%-d %b") : "%x");
}

char *
tess_text_day (gint64 time, gint64 now)
{
  g_autoptr (GDateTime) date = local_time (time), today = local_time (now);
  int days = days_between (date, today);

  if (days == 0)
    return g_strdup (C_("day", "Today"));
  if (days == 1)
    return g_strdup (C_("day", "Yesterday"));
  if (days > 1 && days < 7)
    return g_date_time_format (date, "%A");
  if (g_date_time_get_year (date) == g_date_time_get_year (today))
    /* Translators: a day of this year, between messages (see man strftime). xgettext:no-c-format */
    return g_date_time_format (date, C_("date", "%A, %-d %B"));
  /* Translators: a day of another year, between messages (see man strftime). xgettext:no-c-format */
  return g_date_time_format (date, C_("date", "%-d %B %Y"));
}

char *
tess_text_full_time (gint64 time)
{
  g_autoptr (GDateTime) date = local_time (time);

  return g_date_time_format (date, "%c");
}

static char *
day_in_sentence (gint64 time)
{
  g_autoptr (GDateTime) date = local_time (time);

  /* Translators: a day within a sentence (see man strftime). xgettext:no-c-format */
  return g_date_time_format (date, C_("date in a sentence", "%-d %B %Y"));
}

char *
tess_text_device (const TessContactDevice *device, guint count)
{
  if (count == 1)
    return g_strdup (_("Their only device"));
  if (device->number == 1)
    return g_strdup (_("First device"));
  /* Translators: one of several of a contact's devices, %u its number */
  return g_strdup_printf (_("Device %u"), device->number);
}

char *
tess_text_device_dates (const TessContactDevice *device)
{
  g_autofree char *seen = day_in_sentence (device->seen);
  g_autofree char *added = device->added != 0 ? day_in_sentence (device->added) : NULL;

  if (added == NULL)
    /* Translators: %s is a day */
    return g_strdup_printf (C_("a device", "Known to you since %s"), seen);
  if (tess_text_same_day (device->seen, device->added))
    /* Translators: %s is a day */
    return g_strdup_printf (C_("a device", "Added on %s"), added);
  /* Translators: %1$s and %2$s are days; the first is what the contact says */
  return g_strdup_printf (C_("a device", "Added on %1$s, known to you since %2$s"), added, seen);
}

gboolean
tess_text_same_day (gint64 one, gint64 other)
{
  g_autoptr (GDateTime) a = local_time (one), b = local_time (other);

  return days_between (a, b) == 0;
}

gint64
tess_text_now (void)
{
  return tess_clock_now_ms ();
}

guint
tess_text_seconds_to_midnight (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return 86400 - MIN (86399,
                      g_date_time_get_hour (now) * 3600 + g_date_time_get_minute (now) * 60 + g_date_time_get_second (now));
}

const char *
tess_text_delivery (TessDelivery delivery)
{
  switch (delivery)
    {
    case TESS_DELIVERY_WAITING:
      return C_("message state", "waiting to be sent");
    case TESS_DELIVERY_RELAYED:
      return C_("message state", "sent");
    case TESS_DELIVERY_DELIVERED:
      return C_("message state", "delivered");
    case TESS_DELIVERY_READ:
      return C_("message state", "read");
    case TESS_DELIVERY_FAILED:
      return C_("message state", "not sent");
    case TESS_DELIVERY_NONE:
    default:
      return "";
    }
}

const char *
tess_text_delivery_icon (TessDelivery delivery)
{
  switch (delivery)
    {
    case TESS_DELIVERY_WAITING:
      return "tess-waiting-symbolic";
    case TESS_DELIVERY_RELAYED:
      return "tess-relayed-symbolic";
    case TESS_DELIVERY_DELIVERED:
      return "tess-delivered-symbolic";
    case TESS_DELIVERY_READ:
      return "tess-read-symbolic";
    case TESS_DELIVERY_FAILED:
      return "tess-failed-symbolic";
    case TESS_DELIVERY_NONE:
    default:
      return NULL;
    }
}

const char *
tess_text_trust (TessTrust trust)
{
  switch (trust)
    {
    case TESS_TRUST_VERIFIED:
      return C_("contact", "Verified");
    case TESS_TRUST_ALARM:
      return C_("contact", "Code did not match");
    case TESS_TRUST_CHANGED:
      return C_("contact", "Devices or keys have changed");
    case TESS_TRUST_UNVERIFIED:
    default:
      return C_("contact", "Not verified");
    }
}

/* For the middle of a sentence: a name that runs the other way does not turn what stands around it. */
static char *
isolated (const char *name)
{
  return g_strconcat ("\xe2\x81\xa8", name, "\xe2\x81\xa9", NULL);
}

char *
tess_text_name (TessContact *contact)
{
  return isolated (tess_contact_get_name (contact));
}

static char *
timer_notice (gboolean own, const char *body, const char *name)
{
  guint64 seconds = MIN (g_ascii_strtoull (body, NULL, 10), TESS_TIMER_MAX);
  g_autofree char *words = tess_duration_words ((guint) seconds);

  if (seconds == 0 && own)
    return g_strdup (_("You turned disappearing messages off."));
  if (seconds == 0)
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s turned disappearing messages off."), name);
  if (own)
    /* Translators: %s is a length of time: "1 hour" */
    return g_strdup_printf (_("You set new messages to disappear %s after they were seen."), words);
  /* Translators: a contact's name, and a length of time: "1 hour" */
  return g_strdup_printf (_("%1$s set new messages to disappear %2$s after they were seen."), name, words);
}

char *
tess_text_notice (TessMessage *message, const char *writer)
{
  const char *kind = tess_message_get_kind (message);
  g_autofree char *name = isolated (writer);

  if (g_str_equal (kind, "verified"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s is verified: nobody stands between you."), name);
  if (g_str_equal (kind, "mismatch"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("The code that was scanned did not belong to this chat with %s."), name);
  if (g_str_equal (kind, "changed"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("The devices or keys of %s have changed. Verify them again to be sure."), name);
  if (g_str_equal (kind, "unreadable"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("What %s writes has been unreadable for a day. Ask them in another way to write again."),
                            name);
  if (g_str_equal (kind, "scanned"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s scanned your code. Scan theirs too, or compare numbers: then you are both verified."), name);
  if (g_str_equal (kind, "code-expired"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s scanned a code of yours that was too old: it verified nobody. Open Verify and show them a new "
                              "one."),
                            name);
  if (g_str_equal (kind, "code-spent"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s scanned a code of yours that somebody else had used before: it verified nobody. Open Verify "
                              "and show them a new one."),
                            name);
  if (g_str_equal (kind, "code-other"))
    /* Translators: %s is a contact's name */
    return g_strdup_printf (_("%s scanned a code that you made for somebody else: it verified nobody. Open Verify in this chat "
                              "and show them that one."),
                            name);
  if (g_str_equal (kind, "timer") || g_str_equal (kind, "timer-own"))
    return timer_notice (g_str_equal (kind, "timer-own"), tess_message_get_body (message), name);
  /* Translators: %s is a contact's name */
  return g_strdup_printf (_("%s sent something that needs a newer version of Tessera."), name);
}

/* The quotes and brackets of print stand around a link, never within it. */
static gboolean
is_quote (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_INITIAL_PUNCTUATION || type == G_UNICODE_FINAL_PUNCTUATION
         || (c >= 128 && (type == G_UNICODE_OPEN_PUNCTUATION || type == G_UNICODE_CLOSE_PUNCTUATION));
}

/* Where a link that starts at @start ends: punctuation that closes a sentence is not its own, a closing bracket only if it
 * opened one. */
static const char *
link_end (const char *start)
{
  const char *end = start;
  int open = 0;

  for (const char *at = start; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_isspace (c) || g_unichar_iscntrl (c) || c == '<' || c == '>'
          || c == '"' || is_quote (c) || g_unichar_type (c) == G_UNICODE_FORMAT)
        break;
      if (c == '(')
        open++;
      if (c == ')' && --open < 0)
        break;
      if (c < 128 ? strchr (".,;:!?'", (int) c) == NULL : !g_unichar_ispunct (c))
        end = g_utf8_next_char (at);
    }
  return end;
}

static const char *const schemes[] = { "https://", "http://", "mailto:", "tessera:1/" };

static size_t
scheme_at (const char *text)
{
  for (size_t i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) == 0)
      return strlen (schemes[i]);
  return 0;
}

gboolean
tess_text_uri_allowed (const char *uri)
{
  return uri != NULL && scheme_at (uri) > 0;
}

/* Behind the name of a host that starts at @start, "www." and two labels at least, of which the last is one of letters; NULL: it
 * is none. */
static const char *
host_end (const char *start)
{
  const char *at = start, *label = start;
  gboolean letters = TRUE;
  int labels = 0;

  if (g_ascii_strncasecmp (start, "www.", 4) != 0)
    return NULL;
  for (;; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_isalnum (c) || (at > label && (c == '-' || g_unichar_ismark (c))))
        {
          letters = letters && (g_unichar_isalpha (c) || g_unichar_ismark (c));
          continue;
        }
      labels += at > label && at[-1] != '-';
      if (c != '.' || at == label || !g_unichar_isalnum (g_utf8_get_char (at + 1)))
        break;
      label = at + 1;
      letters = TRUE;
    }
  if (!letters && g_ascii_strncasecmp (label, "xn--", 4) != 0)
    return NULL;
  return labels > 2 && at[-1] != '-' && g_utf8_strlen (label, at - label) > 1 ? at : NULL;
}

/* Where what starts at @at of @text as the address of a page, but without its scheme, ends; NULL where there is none, or it is
 * part of something else, such as a mail address. What follows its host and port belongs to it only as a path, so that nothing
 * can make another host of the one that is read. */
static const char *
page_end (const char *text, const char *at)
{
  const char *host = at > text && strchr ("@./\\-_=%#&?+~", at[-1]) != NULL ? NULL : host_end (at);
  const char *port = host;

  if (host == NULL || *host == '@')
    return NULL;
  if (*port == ':')
    while (g_ascii_isdigit (*++port))
      ;
  if (port == host + 1 || *port == '@' || g_unichar_isalnum (g_utf8_get_char (port)))
    port = host;
  return *port != '\0' && strchr ("/?#", *port) != NULL ? link_end (at) : port;
}

/* Where a link that starts at @at of @text ends, NULL: there is none; and what its address begins with that is not written. */
static const char *
find_link (const char *text, const char *at, const char **scheme_out)
{
  size_t scheme = scheme_at (at);
  const char *end;

  *scheme_out = scheme > 0 ? "" : "https://";
  if (scheme == 0)
    return page_end (text, at);
  end = link_end (at + scheme);
  return end > at + scheme ? end : NULL;
}

char *
tess_text_linkify (const char *text)
{
  g_autoptr (GString) markup = g_string_sized_new (strlen (text) + 64);
  const char *plain = text;
  gboolean edge = TRUE;

  for (const char *at = text; *at != '\0';)
    {
      const char *scheme, *end = edge ? find_link (text, at, &scheme) : NULL;

      if (end != NULL)
        {
          g_autofree char *before = g_markup_escape_text (plain, at - plain);
          g_autofree char *link = g_markup_escape_text (at, end - at);

          g_string_append_printf (markup, "%s<a href=\"%s%s\">%s</a>", before, scheme, link, link);
          plain = at = end;
          edge = FALSE;
          continue;
        }
      edge = !g_unichar_isalnum (g_utf8_get_char (at));
      at = g_utf8_next_char (at);
    }
  g_autofree char *rest = g_markup_escape_text (plain, -1);
  g_string_append (markup, rest);
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

const char *
tess_text_cut (const char *text)
{
  const char *at = text;
  int lines = 0;

  for (int chars = 0; *at != '\0'; chars++, at = g_utf8_next_char (at))
    if (chars == SHOWN_CHARS_MAX || (*at == '\n' && ++lines == SHOWN_LINES_MAX))
      break;
  return at;
}

char *
tess_text_one_line (const char *text)
{
  g_autoptr (GString) line = g_string_new (NULL);
  int chars = 0;

  for (const char *at = text; *at != '\0' && chars <= TESS_NOTIFICATION_CHARS; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      gboolean blank = g_unichar_isspace (c) || g_unichar_iscntrl (c);

      /* of these, emoji and some scripts need the joiners */
      if (g_unichar_type (c) == G_UNICODE_FORMAT && c != 0x200c && c != 0x200d)
        continue;
      if (blank && (line->len == 0 || line->str[line->len - 1] == ' '))
        continue;
      if (chars++ == TESS_NOTIFICATION_CHARS)
        g_string_append (line, "…");
      else
        g_string_append_unichar (line, blank ? ' ' : c);
    }
  return g_strchomp (g_string_free (g_steal_pointer (&line), FALSE));
}

gboolean
tess_text_is_emoji (const char *text)
{
  return tess_emoji_count (text, EMOJI_MAX) > 0;
}

static gboolean
is_base32 (const char *text, size_t bytes)
{
  g_autofree uint8_t *out = g_malloc (bytes);

  return tess_base32_decode (text, strlen (text), out, bytes);
}

TessCodeKind
tess_text_code_kind (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_auto (GStrv) parts = NULL;
  guint count;

  if (strlen (trimmed) > 1024 || g_ascii_strncasecmp (trimmed, "tessera:1/", 10) != 0)
    return TESS_CODE_NONE;
  parts = g_strsplit (trimmed + 10, "/", 6);
  count = g_strv_length (parts);
  if (count < 3 || count > 4 || parts[0][0] == '\0' || !is_base32 (parts[1], KEY_SIZE) || !is_base32 (parts[2], SECRET_SIZE))
    return TESS_CODE_NONE;
  if (count == 3)
    return TESS_CODE_ADDRESS;
  return is_base32 (parts[3], SECRET_SIZE) ? TESS_CODE_CODE : TESS_CODE_NONE;
}

static char *
in_groups (const char *digits, const char *between_digits, const char *between_groups, const char *between_lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t length = strlen (digits);

  for (size_t i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append (text, i % (GROUP_DIGITS * GROUPS_A_LINE) == 0 ? between_lines
                               : i % GROUP_DIGITS == 0                 ? between_groups
                                                                       : between_digits);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
tess_text_number (const char *digits)
{
  return in_groups (digits, "", "  ", "\n");
}

char *
tess_text_number_aloud (const char *digits)
{
  return in_groups (digits, " ", ", ", ", ");
}

int
tess_text_number_compare (const char *digits, const char *text)
{
  size_t wanted = strlen (digits), count = 0, first = G_MAXSIZE;

  if (!g_utf8_validate (text, -1, NULL))
    return TESS_NUMBER_NONE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      int digit = g_unichar_digit_value (g_utf8_get_char (at));

      if (digit < 0)
        continue;
      if (count == wanted)
        return TESS_NUMBER_NONE;
      if (first == G_MAXSIZE && digits[count] - '0' != digit)
        first = count;
      count++;
    }
  if (count != wanted)
    return TESS_NUMBER_NONE;
  return first == G_MAXSIZE ? TESS_NUMBER_SAME : (int) (first / GROUP_DIGITS) + 1;
}

const char *
tess_text_code_fault (const char *text)
{
  g_autofree char *small = g_ascii_strdown (text, -1);
  const char *version = g_strstrip (small);

  if (!g_str_has_prefix (version, "tessera:"))
    return _("This is not a Tessera code.");
  version += strlen ("tessera:");
  if (g_ascii_isdigit (*version) && !g_str_has_prefix (version, "1/") && !g_str_equal (version, "1"))
    return _("This code needs a newer version of Tessera.");
  return _("This code is damaged, or its end is missing. Take all of it again.");
}

/* The part at @index behind `tessera:1/`, in small letters. */
static char *
code_part (const char *text, guint index)
{
  g_autofree char *trimmed = g_strstrip (g_ascii_strdown (text, -1));
  g_auto (GStrv) parts = NULL;

  if (tess_text_code_kind (trimmed) == TESS_CODE_NONE)
    return NULL;
  parts = g_strsplit (trimmed, "/", 6);
  return g_strdup (parts[index + 1]);
}

char *
tess_text_code_within (const char *text)
{
  for (const char *at = text; (at = strpbrk (at, "tT")) != NULL; at++)
    if (g_ascii_strncasecmp (at, "tessera:1/", strlen ("tessera:1/")) == 0)
      return g_strndup (at, strcspn (at, " \t\r\n"));
  return g_strstrip (g_strdup (text));
}

char *
tess_text_code_relay (const char *text)
{
  return code_part (text, 0);
}

gboolean
tess_text_code_same_account (const char *one, const char *other)
{
  g_autofree char *a = code_part (one, 1), *b = code_part (other, 1);

  return a != NULL && g_strcmp0 (a, b) == 0;
}

char *
tess_text_as_link (const char *address)
{
  const char *colon = strchr (address, ':');

  return colon != NULL ? g_strconcat ("tessera", colon, NULL) : g_strdup (address);
}

char *
tess_text_picture_path (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *path = NULL;

  if (g_str_has_prefix (trimmed, "file://"))
    path = g_filename_from_uri (trimmed, NULL, NULL);
  else if (g_path_is_absolute (trimmed))
    path = g_steal_pointer (&trimmed);
  return path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}
