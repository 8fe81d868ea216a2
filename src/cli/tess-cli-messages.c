/* Messages: send, receive, history. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "base/tess-limits.h"
#include "cli/tess-cli-output.h"

#include <string.h>

static const char *
delivery_name (TessDelivery delivery)
{
  static const char *const names[] = {
    [TESS_DELIVERY_NONE] = "received",       [TESS_DELIVERY_WAITING] = "waiting", [TESS_DELIVERY_RELAYED] = "on-relay",
    [TESS_DELIVERY_DELIVERED] = "delivered", [TESS_DELIVERY_READ] = "read",       [TESS_DELIVERY_FAILED] = "failed",
  };

  return delivery >= 0 && delivery < G_N_ELEMENTS (names) ? names[delivery] : "received";
}

static bool
print_message_json (TessConversation *conversation, TessMessage *message)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *when = tess_cli_time (tess_message_get_time (message), true);
  JsonBuilder *json = tess_cli_json_new ();

  tess_cli_json_text (json, "id", tess_message_get_id (message));
  tess_cli_json_text (json, "contact", tess_contact_get_name (contact));
  tess_cli_json_text (json, "key", tess_contact_get_key_text (contact));
  tess_cli_json_bool (json, "outgoing", tess_message_get_outgoing (message));
  tess_cli_json_text (json, "time", when);
  tess_cli_json_text (json, "kind", tess_message_get_kind (message));
  tess_cli_json_text (json, "body", tess_message_get_body (message));
  tess_cli_json_text (json, "delivery", delivery_name (tess_message_get_delivery (message)));
  tess_cli_json_bool (json, "edited", tess_message_get_edited (message));
  tess_cli_json_bool (json, "deleted", tess_message_get_deleted (message));
  tess_cli_json_text (json, "reply_to", tess_message_get_reply_to (message));
  tess_cli_json_text (json, "own_reaction", tess_message_get_own_reaction (message));
  tess_cli_json_text (json, "their_reaction", tess_message_get_their_reaction (message));
  tess_cli_json_int (json, "expires_after", tess_message_get_expires_after (message));
  if (tess_message_get_delivery (message) == TESS_DELIVERY_FAILED)
    tess_cli_json_text (json, "failure", tess_message_get_failure (message));
  return tess_cli_print_json (json);
}

static bool
print_message (TessCli *self, TessConversation *conversation, TessMessage *message)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *name = tess_cli_clean (tess_contact_get_name (contact), NULL);
  g_autofree char *body =
    tess_cli_clean (tess_message_get_deleted (message) ? "(deleted)" : tess_message_get_body (message), "    ");
  g_autofree char *failure = tess_cli_clean (tess_message_get_failure (message), NULL);
  g_autofree char *when = tess_cli_time (tess_message_get_time (message), false);
  bool is_text = strcmp (tess_message_get_kind (message), "text") == 0;
  bool outgoing = tess_message_get_outgoing (message);
  TessDelivery delivery = tess_message_get_delivery (message);
  g_autofree char *text = NULL;

  if (self->options->json)
    return print_message_json (conversation, message);
  if (!is_text)
    text = g_strdup_printf ("%s  * %s: %s", when, name, tess_message_get_kind (message));
  else if (!outgoing)
    text = g_strdup_printf ("%s  %s: %s", when, name, body);
  else
    text = g_strdup_printf ("%s  You to %s: %s  [%s%s%s]", when, name, body, delivery_name (delivery),
                            delivery == TESS_DELIVERY_FAILED ? ": " : "", delivery == TESS_DELIVERY_FAILED ? failure : "");
  return tess_cli_print (text);
}

int
tess_cli_send (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autofree char *text = conversation != NULL ? tess_cli_text (self, self->options->arguments[1], TESS_TEXT_BYTES_MAX) : NULL;
  g_autoptr (TessMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (text == NULL)
    return TESS_CLI_FAILED;
  message = dex_await_object (tess_engine_send_text (self->engine, conversation, text), &error);
  if (message == NULL)
    return tess_cli_fail (error);
  code = tess_cli_flush (self, tess_cli_timeout (self, TESS_CLI_TIMEOUT));
  if (tess_message_get_delivery (message) == TESS_DELIVERY_FAILED)
    {
      tess_cli_complain (tess_message_get_failure (message));
      code = TESS_CLI_FAILED;
    }
  else if (tess_message_get_delivery (message) != TESS_DELIVERY_WAITING)
    code = TESS_CLI_DONE;
  /* The message is kept whatever happens to stdout. */
  if (self->options->json)
    print_message (self, conversation, message);
  return code;
}

static TessHistory *
open_history (TessCli *self, TessConversation *conversation, GError **error)
{
  return dex_await_object (tess_engine_open_history (self->engine, conversation), error);
}

/* Has at least @count messages loaded, or all that there are. */
static bool
load (TessHistory *history, guint count, GError **error)
{
  while (g_list_model_get_n_items (G_LIST_MODEL (history)) < count && tess_history_get_has_older (history))
    {
      g_autoptr (GError) cause = NULL;

      dex_await_boolean (tess_history_load_older (history), &cause);
      if (cause != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return false;
        }
    }
  return true;
}

int
tess_cli_history (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  guint limit = self->options->limit > 0 ? (guint) self->options->limit : G_MAXUINT;
  g_autoptr (TessHistory) history = NULL;
  g_autoptr (GError) error = NULL;
  guint count;

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  history = open_history (self, conversation, &error);
  if (history == NULL || !load (history, limit, &error))
    return tess_cli_fail (error);
  count = g_list_model_get_n_items (G_LIST_MODEL (history));
  for (guint i = count > limit ? count - limit : 0; i < count; i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (history), i);

      if (!print_message (self, conversation, message))
        return TESS_CLI_FAILED;
    }
  return TESS_CLI_DONE;
}

/* What receive works with: each message is printed once a run, and only then marked as read, so that what a killed process did
 * not print is printed by the next. */
typedef struct {
  TessCli *cli;
  GHashTable *printed; /* conversation id (gint64) to the newest row printed (gint64) */
  DexPromise *arrival; /* of the next message, or NULL */
} Receiver;

static void
on_message_arrived (Receiver *self)
{
  g_autoptr (DexPromise) arrival = g_steal_pointer (&self->arrival);

  if (arrival != NULL)
    dex_promise_resolve_boolean (arrival, TRUE);
}

/* The first message of @history to print: behind the last one printed, else the first unread one. */
static bool
find_first (Receiver *self, TessConversation *conversation, TessHistory *history, guint *first_out, GError **error)
{
  gint64 id = tess_conversation_get_id (conversation);
  gint64 *printed = g_hash_table_lookup (self->printed, &id);
  guint unread = tess_conversation_get_unread (conversation);
  guint position;

  for (guint wanted = TESS_HISTORY_PAGE;; wanted += TESS_HISTORY_PAGE)
    {
      guint left = unread;

      if (!load (history, wanted, error))
        return false;
      for (position = g_list_model_get_n_items (G_LIST_MODEL (history)); position > 0; position--)
        {
          g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (history), position - 1);

          if (printed != NULL ? tess_message_get_row (message) <= *printed : left == 0)
            break;
          if (!tess_message_get_outgoing (message) && left > 0)
            left--;
        }
      if (position > 0 || !tess_history_get_has_older (history))
        break;
    }
  *first_out = position;
  return true;
}

/* Prints the rest of @history; FALSE when nobody reads any more. */
static bool
print_rest (Receiver *self, TessConversation *conversation, TessHistory *history, guint first)
{
  gint64 id = tess_conversation_get_id (conversation);
  gint64 newest = 0;

  for (guint i = first; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (TessMessage) message = g_list_model_get_item (G_LIST_MODEL (history), i);

      newest = tess_message_get_row (message);
      if (!tess_message_get_outgoing (message) && !print_message (self->cli, conversation, message))
        return false;
    }
  if (newest > 0)
    g_hash_table_replace (self->printed, g_memdup2 (&id, sizeof id), g_memdup2 (&newest, sizeof newest));
  return true;
}

/* TESS_CLI_DONE when everything unread was printed and marked. */
static int
print_conversation (Receiver *self, TessConversation *conversation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TessHistory) history = open_history (self->cli, conversation, &error);
  g_autoptr (TessMessage) newest = NULL;
  guint first, count;

  if (history == NULL || !find_first (self, conversation, history, &first, &error))
    return tess_cli_fail (error);
  if (!print_rest (self, conversation, history, first))
    return TESS_CLI_FAILED;
  count = g_list_model_get_n_items (G_LIST_MODEL (history));
  newest = count > 0 ? g_list_model_get_item (G_LIST_MODEL (history), count - 1) : NULL;
  if (newest != NULL && !dex_await (tess_engine_mark_read (self->cli->engine, conversation, newest), &error))
    return tess_cli_fail (error);
  return TESS_CLI_DONE;
}

static int
print_unread (Receiver *self)
{
  GListModel *conversations = tess_engine_get_conversations (self->cli->engine);
  g_autoptr (GPtrArray) unread = g_ptr_array_new_with_free_func (g_object_unref);
  int code = TESS_CLI_DONE;

  /* The list changes its order while messages come. */
  for (guint i = g_list_model_get_n_items (conversations); i > 0; i--)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i - 1);

      if (tess_conversation_get_unread (conversation) > 0)
        g_ptr_array_add (unread, g_steal_pointer (&conversation));
    }
  for (guint i = 0; i < unread->len && code == TESS_CLI_DONE; i++)
    code = print_conversation (self, unread->pdata[i]);
  return code;
}

/* Until a signal or the time ends it. */
static int
follow (Receiver *self)
{
  gint64 seconds = self->cli->options->timeout;
  gint64 end = seconds >= 0 ? g_get_monotonic_time () + seconds * G_USEC_PER_SEC : G_MAXINT64;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DexFuture) arrival = NULL;
      gint64 left = (end - g_get_monotonic_time ()) / G_USEC_PER_SEC + 1;
      int code;

      dex_clear (&self->arrival);
      self->arrival = dex_promise_new ();
      arrival = dex_ref (DEX_FUTURE (self->arrival));
      code = print_unread (self);
      if (code != TESS_CLI_DONE)
        return code;
      if (g_get_monotonic_time () >= end || !tess_cli_wait (self->cli, dex_ref (arrival), (int) MIN (left, 3600), &error))
        {
          bool is_over = g_get_monotonic_time () >= end || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

          if (is_over)
            return TESS_CLI_DONE;
        }
    }
}

/* All that waits on the relay now, then what is queued here. */
static int
receive_once (Receiver *self)
{
  int timeout = tess_cli_timeout (self->cli, TESS_CLI_TIMEOUT);
  g_autoptr (GError) error = NULL;
  bool drained = tess_cli_wait (self->cli, tess_engine_drain (self->cli->engine), timeout, &error);
  int code = print_unread (self);

  if (code != TESS_CLI_DONE)
    return code;
  if (!drained)
    return tess_cli_fail (error);
  code = tess_cli_flush (self->cli, timeout);
  /* What came meanwhile. */
  return code == TESS_CLI_DONE ? print_unread (self) : code;
}

int
tess_cli_receive (TessCli *self)
{
  Receiver receiver = { .cli = self, .printed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free) };
  gulong handler = g_signal_connect_swapped (self->engine, "message-arrived", G_CALLBACK (on_message_arrived), &receiver);
  int code = self->options->follow ? follow (&receiver) : receive_once (&receiver);

  g_signal_handler_disconnect (self->engine, handler);
  dex_clear (&receiver.arrival);
  g_hash_table_unref (receiver.printed);
  return code;
}
