/* What is done to messages. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "base/tess-limits.h"
#include "cli/tess-cli-output.h"

#include <glib/gi18n.h>
#include <string.h>

/* The message whose id is the second argument, or NULL and a complaint. */
static TessMessage *
find_message (TessCli *self, TessConversation *conversation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessHistory) history = dex_await_object (tess_engine_open_history (self->engine, conversation), &error);
  bool more = history != NULL;
  guint seen = 0;

  while (more)
    {
      guint count = g_list_model_get_n_items (G_LIST_MODEL (history));

      for (guint i = 0; i < count - seen; i++)
        {
          g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (history), i);

          if (g_str_equal (tess_message_get_id (message), self->options->arguments[1]))
            return g_steal_pointer (&message);
        }
      seen = count;
      more = tess_history_get_has_older (history) && dex_await (tess_history_load_older (history), &error);
    }
  if (error != NULL)
    tess_cli_fail (error);
  else
    tess_cli_complain (_("There is no such message. Their ids: tessera-cli history --json"));
  return NULL;
}

/* Waits for @future (taken), then sends what is queued. */
static int
finish (TessCli *self, DexFuture *future)
{
  g_autoptr (GError) error = NULL;

  if (!dex_await (future, &error))
    return tess_cli_fail (error);
  return tess_cli_flush (self, tess_cli_timeout (self, TESS_CLI_TIMEOUT));
}

int
tess_cli_reply (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (TessMessage) message = conversation != NULL ? find_message (self, conversation) : NULL;
  g_autofree char *text = message != NULL ? tess_cli_text (self, self->options->arguments[2], TESS_TEXT_BYTES_MAX) : NULL;

  if (text == NULL)
    return TESS_CLI_FAILED;
  return finish (self, tess_engine_send_reply (self->engine, conversation, text, message));
}

int
tess_cli_edit (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (TessMessage) message = conversation != NULL ? find_message (self, conversation) : NULL;
  g_autofree char *text = message != NULL ? tess_cli_text (self, self->options->arguments[2], TESS_TEXT_BYTES_MAX) : NULL;

  if (text == NULL)
    return TESS_CLI_FAILED;
  return finish (self, tess_engine_edit (self->engine, conversation, message, text));
}

int
tess_cli_delete (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (TessMessage) message = conversation != NULL ? find_message (self, conversation) : NULL;

  if (message == NULL)
    return TESS_CLI_FAILED;
  return finish (self, tess_engine_delete (self->engine, conversation, message, self->options->for_everyone));
}

int
tess_cli_react (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (TessMessage) message = conversation != NULL ? find_message (self, conversation) : NULL;

  if (message == NULL)
    return TESS_CLI_FAILED;
  return finish (self, tess_engine_react (self->engine, conversation, message, self->options->arguments[2]));
}

int
tess_cli_timer (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  guint64 seconds;

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  if (!g_ascii_string_to_unsigned (self->options->arguments[1], 10, 0, TESS_TIMER_MAX, &seconds, NULL))
    {
      tess_cli_complain (_("SECONDS is a number from 0 (messages stay) to 31622400 (366 days)"));
      return TESS_CLI_USAGE;
    }
  return finish (self, tess_engine_set_timer (self->engine, conversation, (guint) seconds));
}

int
tess_cli_typing (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  int timeout = tess_cli_timeout (self, TESS_CLI_TIMEOUT);
  bool on = g_str_equal (self->options->arguments[1], "on");
  int code;

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  if (!on && !g_str_equal (self->options->arguments[1], "off"))
    {
      tess_cli_complain (_("Either on or off"));
      return TESS_CLI_USAGE;
    }
  /* It is told to those who can hear it now: what is queued goes first. */
  code = tess_cli_flush (self, timeout);
  if (code != TESS_CLI_DONE)
    return code;
  tess_engine_set_typing (self->engine, conversation, TRUE);
  if (!on)
    tess_engine_set_typing (self->engine, conversation, FALSE);
  return tess_cli_flush (self, timeout);
}
