/* Routes, the account bundle, and the handshake of the WebSockets (protocol.md 7). Paths and methods are matched exactly; nothing
 * about a request is logged. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-http.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"
#include "tess-config.h"

#include <string.h>

/* An account key in base32. */
#define ACCOUNT_CHARS 52
/* Nothing that belongs on a deposit link is longer as text. */
#define DEPOSIT_TEXT_MAX 4096

static const char welcome[]
  = "This is a Tessera relay: it keeps end-to-end encrypted mail for people until their devices fetch it.\n"
    "It knows neither what is written nor by whom. To use it, give this address to the Tessera app.\n";

/* -- Answers ------------------------------------------------------------------------------------------------------------- */

void
tess_relay_http_headers (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Content-Security-Policy", "default-src 'none'");
  soup_message_headers_replace (headers, "Connection", "close");
  /* libsoup would answer ranges by itself, from a body that it holds as a whole, and trips over ones past 2^63. */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
}

static void
respond (SoupServerMessage *message, unsigned status, const char *type, const char *body, size_t size)
{
  tess_relay_http_headers (message);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, body, size);
}

void
tess_relay_http_answer (SoupServerMessage *message, char *text)
{
  g_autofree char *owned = text;

  respond (message, 200, "application/json", owned, strlen (owned));
}

void
tess_relay_http_refuse (SoupServerMessage *message, TessRelayCode code, const char *why, uint32_t retry_after_ms)
{
  g_autofree char *text = tess_http_error_build (code, why);

  if (retry_after_ms > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%u", (retry_after_ms + 999) / 1000);

      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After", seconds);
    }
  respond (message, tess_relay_code_status (code), "application/json", text, strlen (text));
}

/* -- GET /v1/info ---------------------------------------------------------------------------------------------------------- */

static void
serve_info (TessRelayServer *server, SoupServerMessage *message)
{
  TessInfo info = {
    .name = server->config->name,
    .version = (char *) TESS_VERSION,
    .envelope_bytes = TESS_ENVELOPE_LARGE,
    .mailbox_envelopes = TESS_MAILBOX_ENVELOPES_MAX,
    .mailbox_bytes = TESS_MAILBOX_BYTES_MAX,
    .mailbox_days = TESS_MAILBOX_KEEP / 86400,
    .blob_bytes = (uint64_t) server->config->blob_megabytes * 1024 * 1024,
    .blob_days = TESS_BLOB_KEEP / 86400,
    .registration_open = server->config->registration == TESS_RELAY_OPEN,
    .directory_list = server->config->directory == TESS_RELAY_DIRECTORY_LIST,
    .directory_none = server->config->directory == TESS_RELAY_DIRECTORY_NONE,
  };

  tess_relay_http_answer (message, tess_info_build (&info));
}

/* -- GET /v1/health -------------------------------------------------------------------------------------------------------- */

typedef struct {
  TessRelayJob job;
  TessRelayServer *server;
  SoupServerMessage *message;
} Health;

/* Through the store's thread: whether that turns, and reads. */
static TessRelayResult
health_work (TessRelayJob *job, TessRelayStore *store)
{
  TessRelayClock clock;

  return tess_relay_store_read_clock (store, &clock);
}

static void
health_done (TessRelayJob *job, TessRelayResult result)
{
  Health *self = (Health *) job;
  TessRelayWriterState writer = { .failing = true };

  /* The last answers come while the writer stops. */
  if (self->server->writer != NULL)
    tess_relay_writer_state (self->server->writer, &writer);
  if (result == TESS_RELAY_OK && self->server->blobs != NULL && tess_relay_blobs_disk_is_low (self->server->blobs))
    tess_relay_http_refuse (self->message, TESS_CODE_BUSY, "the disk is almost full", TESS_RELAY_BUSY_RETRY_MS);
  else if (result == TESS_RELAY_OK && !writer.failing)
    tess_relay_http_answer (self->message, g_strdup ("{\"status\":\"ok\"}"));
  else
    tess_relay_http_refuse (self->message, TESS_CODE_BUSY, "the database fails", TESS_RELAY_BUSY_RETRY_MS);
  soup_server_message_unpause (self->message);
  g_object_unref (self->message);
  g_free (self);
}

static void
serve_health (TessRelayServer *server, SoupServerMessage *message)
{
  Health *self = g_new0 (Health, 1);

  self->job = (TessRelayJob) { .work = health_work, .done = health_done, .bytes = sizeof *self,
                               .address = tess_relay_listener_key (message) };
  self->server = server;
  self->message = g_object_ref (message);
  soup_server_message_pause (message);
  if (!tess_relay_writer_submit (server->writer, &self->job))
    health_done (&self->job, TESS_RELAY_BUSY);
}

/* -- GET /v1/accounts/{A} -------------------------------------------------------------------------------------------------- */

typedef struct {
  TessRelayJob job;
  TessRelayServer *server;
  SoupServerMessage *message;
  uint8_t account[32];
  uint8_t capability[TESS_CAPABILITY_HASH_SIZE];
  bool one_time;
  int64_t now;
  TessRelayBundle bundle;
} Bundle;

static TessRelayResult
bundle_work (TessRelayJob *job, TessRelayStore *store)
{
  Bundle *self = (Bundle *) job;

  tess_relay_bundle_clear (&self->bundle);
  return tess_relay_store_bundle (store, self->account, self->capability, self->one_time, self->now, &self->bundle);
}

static void
bundle_done (TessRelayJob *job, TessRelayResult result)
{
  Bundle *self = (Bundle *) job;

  if (result == TESS_RELAY_OK)
    {
      tess_relay_http_answer (self->message, tess_bundle_build (self->bundle.list, self->bundle.entries, self->bundle.count));
      for (unsigned i = 0; i < self->bundle.count; i++)
        if (self->bundle.entries[i].one_time != NULL)
          tess_relay_mailbox_one_time_left (self->server, self->bundle.entries[i].device, self->bundle.left[i]);
    }
  else if (result == TESS_RELAY_REFUSED)
    tess_relay_http_refuse (self->message, TESS_CODE_CAPABILITY, "the capability does not fit", 0);
  else
    tess_relay_http_refuse (self->message, TESS_CODE_BUSY, "the relay cannot do this now", TESS_RELAY_BUSY_RETRY_MS);
  soup_server_message_unpause (self->message);
  tess_relay_bundle_clear (&self->bundle);
  g_object_unref (self->message);
  g_free (self);
}

/* The query may be missing or be one_time=0 or 1. FALSE: anything else. */
static bool
parse_query (SoupServerMessage *message, bool *one_time_out)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));

  *one_time_out = g_strcmp0 (query, "one_time=1") == 0;
  return query == NULL || *one_time_out || g_str_equal (query, "one_time=0");
}

static void
serve_bundle (TessRelayServer *server, SoupServerMessage *message, const char *name)
{
  const char *header = soup_message_headers_get_one (soup_server_message_get_request_headers (message), TESS_CAPABILITY_HEADER);
  uint64_t address = tess_relay_listener_key (message);
  uint8_t account[32], capability[TESS_CAPABILITY_SIZE];
  bool one_time;
  Bundle *self;
  uint32_t wait;

  if (strlen (name) != ACCOUNT_CHARS || !tess_base32_decode (name, ACCOUNT_CHARS, account, sizeof account)
      || !parse_query (message, &one_time))
    {
      tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "this names no account, or asks for what there is not", 0);
      return;
    }
  wait = tess_relay_throttle_take (server->bundles, tess_relay_account_key (address, account), 1, g_get_monotonic_time ());
  if (wait > 0)
    {
      tess_relay_http_refuse (message, TESS_CODE_SLOW_DOWN, "too many requests for this account", wait);
      return;
    }
  if (!tess_base64_decode (header, capability, sizeof capability))
    {
      tess_relay_http_refuse (message, TESS_CODE_CAPABILITY, "the capability does not fit", 0);
      return;
    }
  self = g_new0 (Bundle, 1);
  self->job = (TessRelayJob) { .work = bundle_work, .done = bundle_done, .writes = one_time, .bytes = 40 * 1024,
                               .address = address };
  self->server = server;
  self->message = g_object_ref (message);
  memcpy (self->account, account, sizeof account);
  tess_capability_hash (capability, self->capability);
  self->one_time = one_time;
  self->now = tess_clock_now ();
  soup_server_message_pause (message);
  if (server->stopping || !tess_relay_writer_submit (server->writer, &self->job))
    bundle_done (&self->job, TESS_RELAY_BUSY);
}

/* -- WebSockets ------------------------------------------------------------------------------------------------------------ */

typedef struct {
  TessRelayServer *server;
  bool mailbox;
} Upgrade;

static void
on_upgraded (SoupServerMessage *message, gpointer data)
{
  const Upgrade *upgrade = data;
  TessRelayServer *server = upgrade->server;
  uint64_t address = 0;
  bool plain = false;
  g_autoptr (GSocket) socket = tess_relay_listener_upgrade (message, &address, &plain);
  bool mailbox = upgrade->mailbox;
  g_autoptr (SoupServerMessage) held = g_object_ref (message);
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);
  TessRelayLink *link = NULL;

  if (socket == NULL)
    return;
  if (stream != NULL)
    link = tess_relay_links_adopt (server->links, stream, socket, plain, address,
                                   mailbox ? TESS_JSON_BYTES_MAX : DEPOSIT_TEXT_MAX, TESS_FRAME_BYTES_MAX);
  if (link == NULL)
    tess_relay_listener_leave (server->listener, address);
  else if (server->stopping)
    tess_relay_link_close (link, TESS_RELAY_CLOSE_GOING_AWAY, NULL);
  else if (mailbox)
    tess_relay_mailbox_serve (server, link);
  else
    tess_relay_deposit_serve (server, link);
}

static bool
offers_subprotocol (SoupServerMessage *message)
{
  const char *offered
    = soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Sec-WebSocket-Protocol");

  return offered != NULL && soup_header_contains (offered, TESS_SUBPROTOCOL);
}

/* Which of several keys is answered nobody could say; a proxy in between may see another one than we do. */
static bool
has_one_key (SoupServerMessage *message)
{
  const char *keys = soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Sec-WebSocket-Key");

  return keys != NULL && strchr (keys, ',') == NULL;
}

static void
free_upgrade (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* RFC 6455 4.4: whoever asks for a WebSocket of another version is told which one there is. FALSE: answered so. */
static bool
check_version (SoupServerMessage *message)
{
  SoupMessageHeaders *request = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *response = soup_server_message_get_response_headers (message);

  if (!soup_message_headers_header_equals (request, "Upgrade", "websocket")
      || g_strcmp0 (soup_message_headers_get_list (request, "Sec-WebSocket-Version"), "13") == 0)
    return true;
  tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "this is a WebSocket of version 13", 0);
  soup_server_message_set_status (message, 426, "Upgrade Required");
  soup_message_headers_replace (response, "Sec-WebSocket-Version", "13");
  soup_message_headers_replace (response, "Upgrade", "websocket");
  return false;
}

static void
serve_websocket (TessRelayServer *server, SoupServerMessage *message, bool mailbox)
{
  static char *protocols[] = { (char *) TESS_SUBPROTOCOL, NULL };
  Upgrade *upgrade;

  if (!check_version (message))
    return;
  if (!offers_subprotocol (message) || !has_one_key (message)
      || !soup_websocket_server_process_handshake (message, NULL, protocols, NULL, NULL))
    {
      tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "this is a WebSocket with the subprotocol " TESS_SUBPROTOCOL, 0);
      return;
    }
  upgrade = g_new0 (Upgrade, 1);
  *upgrade = (Upgrade) { .server = server, .mailbox = mailbox };
  g_signal_connect_data (message, "wrote-informational", G_CALLBACK (on_upgraded), upgrade, free_upgrade, G_CONNECT_DEFAULT);
}

/* -- Routing --------------------------------------------------------------------------------------------------------------- */

static bool
has_query (SoupServerMessage *message)
{
  return g_uri_get_query (soup_server_message_get_uri (message)) != NULL;
}

static void
route (TessRelayServer *server, SoupServerMessage *message, const char *path)
{
  if (g_str_has_prefix (path, TESS_PATH_ACCOUNTS))
    serve_bundle (server, message, path + strlen (TESS_PATH_ACCOUNTS));
  else if (g_str_has_prefix (path, TESS_PATH_NAMES))
    tess_relay_names_serve (server, message, path + strlen (TESS_PATH_NAMES));
  else if (has_query (message))
    tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "nothing can be asked for here", 0);
  else if (g_str_equal (path, TESS_PATH_INFO))
    serve_info (server, message);
  else if (g_str_equal (path, TESS_PATH_HEALTH))
    serve_health (server, message);
  else if (g_str_equal (path, TESS_PATH_MAILBOX))
    serve_websocket (server, message, true);
  else if (g_str_equal (path, TESS_PATH_DEPOSIT))
    serve_websocket (server, message, false);
  else if (g_str_equal (path, "/"))
    respond (message, 200, "text/plain; charset=utf-8", welcome, sizeof welcome - 1);
  else
    tess_relay_http_refuse (message, TESS_CODE_NOT_FOUND, "there is nothing here", 0);
}

static bool
names_blob (const char *path)
{
  return g_str_has_prefix (path, TESS_PATH_BLOBS);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  TessRelayServer *server = data;
  const char *method = soup_server_message_get_method (message);
  uint32_t wait;

  /* What it costs was taken when its head came. */
  if (method == SOUP_METHOD_PUT && names_blob (path))
    {
      tess_relay_blob_end (server, message);
      return;
    }
  wait = tess_relay_throttle_take (server->requests, tess_relay_listener_key (message), 1, g_get_monotonic_time ());

  if (wait > 0)
    tess_relay_http_refuse (message, TESS_CODE_SLOW_DOWN, "too many requests", wait);
  else if (server->stopping)
    tess_relay_http_refuse (message, TESS_CODE_BUSY, "the relay stops", TESS_RELAY_BUSY_RETRY_MS);
  else if ((method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD) && names_blob (path))
    tess_relay_blob_serve (server, message, path + strlen (TESS_PATH_BLOBS));
  else if (method != SOUP_METHOD_GET)
    tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "only GET is understood here", 0);
  else
    route (server, message, path);
}

/* Nothing here but a blob has a body: a request that announces any is refused before it is read, and none is ever kept. */
static void
on_headers (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  TessRelayServer *server = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  TessRelayAdmission admission = tess_relay_listener_admit (server->listener, message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  server->counters.requests++;
  if (admission == TESS_RELAY_ADMIT_MALFORMED)
    tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "the proxy does not say whom it speaks for", 0);
  else if (admission == TESS_RELAY_ADMIT_TOO_MANY)
    tess_relay_http_refuse (message, TESS_CODE_SLOW_DOWN, "too many connections", TESS_RELAY_BUSY_RETRY_MS);
  else if (soup_server_message_get_method (message) == SOUP_METHOD_PUT && names_blob (path))
    tess_relay_blob_begin (server, message, path + strlen (TESS_PATH_BLOBS));
  else if (encoding == SOUP_ENCODING_CHUNKED
           || (encoding == SOUP_ENCODING_CONTENT_LENGTH && soup_message_headers_get_content_length (headers) > 0))
    tess_relay_http_refuse (message, TESS_CODE_TOO_LARGE, "requests here have no body", 0);
}

void
tess_relay_http_attach (TessRelayServer *server)
{
  soup_server_add_early_handler (server->soup, NULL, on_headers, server, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
}
