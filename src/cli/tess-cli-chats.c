/* What is done to whole chats, notes, and looking for something. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "base/tess-limits.h"
#include "cli/tess-cli-output.h"

#include <glib/gi18n.h>
#include <string.h>

#define SEARCH_PAGE 100

/* Waits for what needs no relay. */
static int
finish (DexFuture *future)
{
  g_autoptr (GError) error = NULL;

  return dex_await (future, &error) ? TESS_CLI_DONE : tess_cli_fail (error);
}

static int
set_blocked (TessCli *self, gboolean blocked)
{
  TessConversation *conversation = tess_cli_contact (self);

  return conversation != NULL ? finish (tess_engine_set_blocked (self->engine, conversation, blocked)) : TESS_CLI_FAILED;
}

int
tess_cli_block (TessCli *self)
{
  return set_blocked (self, TRUE);
}

int
tess_cli_unblock (TessCli *self)
{
  return set_blocked (self, FALSE);
}

int
tess_cli_nickname (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);

  return conversation != NULL ? finish (tess_engine_set_nickname (self->engine, conversation, self->options->arguments[1]))
                              : TESS_CLI_FAILED;
}

int
tess_cli_delete_chat (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);

  return conversation != NULL ? finish (tess_engine_remove (self->engine, conversation)) : TESS_CLI_FAILED;
}

static int
set_flag (TessCli *self, TessChatFlag flag)
{
  TessConversation *conversation = tess_cli_contact (self);
  bool on = g_str_equal (self->options->arguments[1], "on");

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  if (!on && !g_str_equal (self->options->arguments[1], "off"))
    {
      tess_cli_complain (_("Either on or off"));
      return TESS_CLI_USAGE;
    }
  return finish (tess_engine_set_flag (self->engine, conversation, flag, on));
}

int
tess_cli_pin (TessCli *self)
{
  return set_flag (self, TESS_CHAT_PINNED);
}

int
tess_cli_mute (TessCli *self)
{
  return set_flag (self, TESS_CHAT_MUTED);
}

int
tess_cli_archive (TessCli *self)
{
  return set_flag (self, TESS_CHAT_ARCHIVED);
}

int
tess_cli_note (TessCli *self)
{
  g_autofree char *text = tess_cli_text (self, self->options->arguments[0], TESS_TEXT_BYTES_MAX);
  g_autoptr (TessConversation) notes = NULL;
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return TESS_CLI_FAILED;
  notes = dex_await_object (tess_engine_open_notes (self->engine), &error);
  return notes != NULL ? finish (tess_engine_send_text (self->engine, notes, text)) : tess_cli_fail (error);
}

/* The excerpt without the marks around what was found. */
static char *
plain (const char *excerpt)
{
  GString *text = g_string_new (NULL);

  for (; *excerpt != '\0'; excerpt++)
    if (*excerpt != '\2' && *excerpt != '\3')
      g_string_append_c (text, *excerpt);
  return g_string_free (text, FALSE);
}

/* The message of a hit, for its id. NULL when it was erased meanwhile. */
static TessMessage *
message_of (TessCli *self, TessSearchHit *hit)
{
  g_autoptr (TessHistory) history =
    dex_await_object (tess_engine_open_history (self->engine, tess_search_hit_get_conversation (hit)), NULL);
  g_autoptr (GError) error = NULL;
  guint position = 0;

  if (history == NULL)
    return NULL;
  position = dex_await_uint (tess_history_load_around (history, tess_search_hit_get_row (hit)), &error);
  return error == NULL ? g_list_model_get_item (G_LIST_MODEL (history), position) : NULL;
}

static bool
print_hit (TessCli *self, TessSearchHit *hit)
{
  TessContact *contact = tess_conversation_get_contact (tess_search_hit_get_conversation (hit));
  g_autoptr (TessMessage) message = self->options->json ? message_of (self, hit) : NULL;
  g_autofree char *excerpt = plain (tess_search_hit_get_excerpt (hit));
  g_autofree char *name = tess_cli_clean (tess_contact_get_name (contact), NULL);
  g_autofree char *words = tess_cli_clean (excerpt, NULL);
  g_autofree char *when = tess_cli_time (tess_search_hit_get_time (hit), self->options->json);
  g_autofree char *text = NULL;
  JsonBuilder *json;

  if (!self->options->json)
    {
      text = g_strdup_printf ("%s  %s%s: %s", when, tess_search_hit_get_outgoing (hit) ? "You to " : "", name, words);
      return tess_cli_print (text);
    }
  if (message == NULL)
    return true;
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "id", tess_message_get_id (message));
  tess_cli_json_text (json, "contact", tess_contact_get_name (contact));
  tess_cli_json_text (json, "key", tess_contact_get_key_text (contact));
  tess_cli_json_bool (json, "outgoing", tess_search_hit_get_outgoing (hit));
  tess_cli_json_text (json, "time", when);
  tess_cli_json_text (json, "excerpt", tess_search_hit_get_excerpt (hit));
  return tess_cli_print_json (json);
}

int
tess_cli_search (TessCli *self)
{
  g_autofree char *text = tess_cli_text (self, self->options->arguments[0], TESS_TEXT_BYTES_MAX);
  guint left = self->options->limit > 0 ? (guint) self->options->limit : G_MAXUINT, count = SEARCH_PAGE;
  gint64 before = 0;

  if (text == NULL)
    return TESS_CLI_FAILED;
  while (left > 0 && count == SEARCH_PAGE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GListModel) hits = dex_await_object (
        tess_engine_search (self->engine, NULL, text, before, MIN (left, SEARCH_PAGE)), &error);

      if (hits == NULL)
        return tess_cli_fail (error);
      count = g_list_model_get_n_items (hits);
      left -= count;
      for (guint i = 0; i < count; i++)
        {
          g_autoptr (TessSearchHit) hit = g_list_model_get_item (hits, i);

          before = tess_search_hit_get_row (hit);
          if (!print_hit (self, hit))
            return TESS_CLI_FAILED;
        }
    }
  return TESS_CLI_DONE;
}
