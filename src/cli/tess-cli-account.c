/* One's own account: register, address, code, claim-name, status. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "cli/tess-cli-output.h"
#include "core/tess-connection.h"
#include "qr/tess-qr.h"

#include <glib/gi18n.h>
#include <string.h>

/* Pixels a module of a code's picture: sharp on paper and on a screen. */
#define MODULE_PIXELS 8

static bool
print_own (TessCli *self)
{
  g_autofree char *address = tess_engine_dup_address (self->engine);
  JsonBuilder *json;

  if (!self->options->json)
    return tess_cli_print (address);
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "name", tess_engine_get_name (self->engine));
  tess_cli_json_text (json, "relay", tess_engine_get_relay (self->engine));
  tess_cli_json_text (json, "address", address);
  return tess_cli_print_json (json);
}

int
tess_cli_register (TessCli *self)
{
  const TessCliOptions *options = self->options;
  g_autoptr (GError) error = NULL;

  if (!tess_cli_wait (self, tess_engine_register (self->engine, options->name, options->relay, options->invitation),
                      tess_cli_timeout (self, TESS_CLI_TIMEOUT), &error))
    return tess_cli_fail (error);
  return print_own (self) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

int
tess_cli_address (TessCli *self)
{
  return print_own (self) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

int
tess_cli_renew_address (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  bool online = tess_cli_wait (self, tess_engine_drain (self->engine), tess_cli_timeout (self, TESS_CLI_TIMEOUT), NULL);
  bool done = dex_await_boolean (tess_engine_renew_address (self->engine), &error);

  if (error != NULL)
    return tess_cli_fail (error);
  if (!online || !done)
    tess_cli_complain (_("The old address works until your relay can be reached."));
  return print_own (self) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

/* The relay as it stands behind a name. */
static const char *
relay_host (TessCli *self)
{
  const char *origin = tess_engine_get_relay (self->engine), *host = strstr (origin, "://");

  return host != NULL ? host + strlen ("://") : origin;
}

int
tess_cli_claim_name (TessCli *self)
{
  const char *name = self->options->arguments[0];
  g_autofree char *text = g_strdup_printf ("%s@%s", name, relay_host (self));
  g_autoptr (GError) error = NULL;
  JsonBuilder *json;

  if (!tess_cli_wait (self, tess_engine_drain (self->engine), tess_cli_timeout (self, TESS_CLI_TIMEOUT), &error)
      || !tess_cli_wait (self, tess_engine_claim_name (self->engine, name), tess_cli_timeout (self, TESS_CLI_TIMEOUT), &error))
    return tess_cli_fail (error);
  if (!self->options->json)
    return *name == '\0' || tess_cli_print (text) ? TESS_CLI_DONE : TESS_CLI_FAILED;
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "claimed", *name != '\0' ? text : "");
  return tess_cli_print_json (json) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

static bool
print_code (TessCli *self, const char *code)
{
  JsonBuilder *json;

  if (!self->options->json)
    return tess_cli_print (code);
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "code", code);
  if (self->options->png != NULL)
    tess_cli_json_text (json, "png", self->options->png);
  return tess_cli_print_json (json);
}

int
tess_cli_code (TessCli *self)
{
  TessConversation *conversation = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *code = NULL;

  if (self->options->contact != NULL)
    {
      conversation = tess_engine_find (self->engine, self->options->contact, &error);
      if (conversation == NULL)
        return tess_cli_fail (error);
    }
  code = dex_await_string (tess_engine_show_code (self->engine, conversation), &error);
  if (code == NULL || (self->options->png != NULL && !tess_qr_save_png (code, MODULE_PIXELS, self->options->png, &error)))
    return tess_cli_fail (error);
  return print_code (self, code) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

int
tess_cli_proxy (TessCli *self)
{
  const TessProxy *proxy = tess_connection_get ();
  g_autofree char *text = tess_proxy_to_string (proxy);
  JsonBuilder *json;

  if (proxy->kind == TESS_PROXY_UNKNOWN)
    {
      tess_cli_complain (_("The setting of the proxy cannot be read. Nothing connects until you choose one again."));
      return TESS_CLI_FAILED;
    }
  if (!self->options->json)
    return tess_cli_print (text) ? TESS_CLI_DONE : TESS_CLI_FAILED;
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "proxy", text);
  return tess_cli_print_json (json) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

int
tess_cli_set_proxy (TessCli *self)
{
  const char *text = self->options->arguments[0];
  g_autofree char *bare = g_strconcat ("socks5://", text, NULL);
  g_autoptr (GError) error = NULL;
  TessProxy proxy;

  if (!tess_proxy_parse (text, &proxy) && !tess_proxy_parse (bare, &proxy))
    {
      tess_cli_complain (_("This is no way to connect: it is system, tor, or the HOST:PORT of a SOCKS5 proxy."));
      return TESS_CLI_FAILED;
    }
  if (!tess_connection_set (self->dir, &proxy, &error))
    return tess_cli_fail (error);
  return tess_cli_proxy (self);
}

static bool
print_status (TessCli *self, bool online, guint unread)
{
  g_autofree char *name = tess_cli_clean (tess_engine_get_name (self->engine), NULL);
  g_autofree char *message = tess_cli_clean (tess_engine_get_link_message (self->engine), NULL);
  g_autofree char *backup = tess_engine_get_backup_time (self->engine) > 0
                              ? tess_cli_time (tess_engine_get_backup_time (self->engine) * 1000, true)
                              : g_strdup ("");
  g_autofree char *text = NULL;
  guint contacts = g_list_model_get_n_items (tess_engine_get_conversations (self->engine));
  JsonBuilder *json;

  if (!self->options->json)
    {
      text = g_strdup_printf ("%s at %s\n%s\n%u contacts, %u unread messages", name,
                              tess_engine_get_relay (self->engine), message, contacts, unread);
      return tess_cli_print (text);
    }
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "name", tess_engine_get_name (self->engine));
  tess_cli_json_text (json, "relay", tess_engine_get_relay (self->engine));
  tess_cli_json_bool (json, "online", online);
  tess_cli_json_text (json, "state", tess_engine_get_link_message (self->engine));
  tess_cli_json_int (json, "contacts", contacts);
  tess_cli_json_int (json, "unread", unread);
  tess_cli_json_text (json, "recovery", tess_cli_recovery_word (self));
  tess_cli_json_text (json, "app_lock", tess_cli_app_lock_word (self));
  tess_cli_json_text (json, "backup", backup);
  return tess_cli_print_json (json);
}

int
tess_cli_status (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  bool online = tess_cli_wait (self, tess_engine_drain (self->engine), tess_cli_timeout (self, TESS_CLI_TIMEOUT), &error);
  GListModel *conversations = tess_engine_get_conversations (self->engine);
  guint unread = 0;

  for (guint i = 0; i < g_list_model_get_n_items (conversations); i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);

      unread += tess_conversation_get_unread (conversation);
    }
  if (!print_status (self, online, unread))
    return TESS_CLI_FAILED;
  return online ? TESS_CLI_DONE : tess_cli_fail (error);
}
