/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-log.h"

#include <string.h>
#include <unistd.h>

/* What libraries say is their event; a message of theirs is cut here. */
#define LIBRARY_EVENT "library"
#define MESSAGE_BYTES_MAX 2000

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

static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
  const char *event = LIBRARY_EVENT, *message = "";
  g_autofree char *line = NULL;
  const char *rest;

  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0)
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < count; i++)
    if (g_str_equal (fields[i].key, "TESS_EVENT"))
      event = fields[i].value;
    else if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  line = tess_relay_log_line (level, event, message, to_journal);
  for (rest = line; *rest != '\0';)
    {
      gssize written = write (STDERR_FILENO, rest, strlen (rest));

      if (written <= 0)
        break;
      rest += written;
    }
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
