/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-log.h"

#include <string.h>
#include <unistd.h>

/* What libraries say is their event; a message of theirs is cut here. */
#define LIBRARY_EVENT "library"
#define MESSAGE_BYTES_MAX 2000
/* Lines of libraries in a minute. A stranger can cause some: libsoup complains aloud of a negative Content-Length. */
#define LIBRARY_LINES_MAX 10

/* A line of the same event, at most. */
#define AGAIN_AFTER (60 * G_USEC_PER_SEC)

static bool to_journal;

static const char *
name_of (GLogLevelFlags level, int *priority_out)
{
  static const struct {
    GLogLevelFlags level;
    const char *name;
    int priority;
  } names[] = {
    { G_LOG_LEVEL_ERROR, "error", 2 },
    { G_LOG_LEVEL_CRITICAL, "critical", 3 },
    { G_LOG_LEVEL_WARNING, "warning", 4 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if ((level & names[i].level) != 0)
      {
        *priority_out = names[i].priority;
        return names[i].name;
      }
  *priority_out = 6;
  return "info";
}

/* One line whatever is in it: nobody writes lines of his own. */
static void
add_quoted (GString *line, const char *text)
{
  g_string_append_c (line, '"');
  for (size_t i = 0; text[i] != '\0' && i < MESSAGE_BYTES_MAX; i++)
    {
      guchar c = (guchar) text[i];

      if (c == '"' || c == '\\')
        g_string_append_printf (line, "\\%c", c);
      else if (c < 0x20 || c == 0x7f)
        g_string_append_printf (line, "\\x%02x", c);
      else
        g_string_append_c (line, (char) c);
    }
  g_string_append_c (line, '"');
}

char *
tess_relay_log_line (GLogLevelFlags level, const char *event, const char *message, bool journal)
{
  GString *line = g_string_new (NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%FT%TZ");
  int priority;
  const char *name = name_of (level, &priority);

  if (journal)
    g_string_append_printf (line, "<%d>", priority);
  else
    g_string_append_printf (line, "time=%s ", time);
  g_string_append_printf (line, "level=%s event=%s message=", name, event);
  add_quoted (line, message);
  g_string_append_c (line, '\n');
  return g_string_free (line, FALSE);
}

static void
write_all (const char *line)
{
  while (*line != '\0')
    {
      gssize written = write (STDERR_FILENO, line, strlen (line));

      if (written <= 0)
        break;
      line += written;
    }
}

/* Whether a library may have one more line in this minute; @left_out: how many had none in the one before. */
static bool
admit_library (unsigned *left_out)
{
  static GMutex lock;
  static int64_t minute = -1;
  static unsigned lines;
  int64_t now = g_get_monotonic_time () / G_USEC_PER_SEC / 60;
  bool admitted;

  g_mutex_lock (&lock);
  *left_out = 0;
  if (now != minute)
    {
      *left_out = lines > LIBRARY_LINES_MAX ? lines - LIBRARY_LINES_MAX : 0;
      lines = 0;
    }
  minute = now;
  admitted = ++lines <= LIBRARY_LINES_MAX;
  g_mutex_unlock (&lock);
  return admitted;
}

static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
  const char *event = LIBRARY_EVENT, *message = "";
  g_autofree char *line = NULL;
  unsigned left_out;

  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0)
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < count; i++)
    if (g_str_equal (fields[i].key, "TESS_EVENT"))
      event = fields[i].value;
    else if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  if (g_str_equal (event, LIBRARY_EVENT))
    {
      if (!admit_library (&left_out))
        return G_LOG_WRITER_HANDLED;
      if (left_out > 0)
        {
          g_autofree char *text = g_strdup_printf ("%u lines like this one were left out", left_out);
          g_autofree char *note = tess_relay_log_line (G_LOG_LEVEL_WARNING, LIBRARY_EVENT, text, to_journal);

          write_all (note);
        }
    }
  line = tess_relay_log_line (level, event, message, to_journal);
  write_all (line);
  return G_LOG_WRITER_HANDLED;
}

void
tess_relay_log_init (void)
{
  to_journal = g_log_writer_is_journald (STDERR_FILENO);
  g_log_set_writer_func (write_line, NULL, NULL);
}

void
tess_relay_log (GLogLevelFlags level, const char *event, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_log_structured ("tessera-relay", level, "TESS_EVENT", event, "MESSAGE", "%s", message);
}

bool
tess_relay_log_again (int64_t *last)
{
  int64_t now = g_get_monotonic_time ();

  if (*last != 0 && now - *last < AGAIN_AFTER)
    return false;
  *last = now;
  return true;
}
