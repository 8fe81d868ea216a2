/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-fixtures.h"
#include "net/tess-deposit-link.h"
#include "net/tess-directory.h"
#include "net/tess-net-session.h"
#include "wire-fixtures.h"

#include "base/tess-clock.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <string.h>

typedef struct {
  unsigned status;
  const char *type;
  const char *body;
  const char *header;
  const char *value;
} Reply;

static void
reply (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  const Reply *said = self->data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_assert_cmpstr (soup_message_headers_get_one (headers, "User-Agent"), ==, "Tessera");
  g_assert_null (soup_message_headers_get_one (headers, "Accept-Language"));
  g_assert_null (soup_message_headers_get_list (headers, "Accept-Encoding"));
  g_assert_cmpstr (soup_message_headers_get_list (headers, "Connection"), ==, "close");
  if (said->header != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), said->header, said->value);
  fixture_respond (message, said->status, said->type, said->body);
}

static char *
info_text (void)
{
  TessInfo info = { (char *) "Test", (char *) "0.1.0", 65536, 10000, 268435456, 30, true, false, false, 104857600, 30 };

  return tess_info_build (&info);
}

static DexFuture *
info_good (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autofree char *text = info_text ();
  Reply said = { 200, "application/json", text };
  g_autoptr (GError) error = NULL;
  g_autoptr (TessInfo) info = NULL;

  server->http = reply;
  server->data = &said;
  info = dex_await_boxed (tess_directory_get_info (server->origin), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->name, ==, "Test");
  g_assert_true (info->registration_open);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
info_bad (gpointer data)
{
  static const struct {
    Reply said;
    TessNetError code;
    uint32_t wait;
  } cases[] = {
    { { 200, "text/html", "<html>Welcome to the hotel</html>" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 200, "application/json", "{\"name\":\"x\"}" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 404, "text/html", "no" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 500, "text/html", "no" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 302, "text/html", "", "Location", "/elsewhere" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 421, "text/html", "no" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
    { { 503, "text/html", "no", "Retry-After", "7" }, TESS_NET_ERROR_BUSY, 7000 },
    { { 502, "text/html", "no", "Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT" }, TESS_NET_ERROR_BUSY, 0 },
    { { 429, "text/html", "no", "Retry-After", "60" }, TESS_NET_ERROR_SLOW_DOWN, 60000 },
    { { 429, "text/html", "no", "Retry-After", "99999999999999999999" }, TESS_NET_ERROR_SLOW_DOWN, 0 },
    { { 429, "text/html", "no", "Retry-After", "-1" }, TESS_NET_ERROR_SLOW_DOWN, 0 },
    { { 403, "application/json", "{\"error\":{\"code\":\"capability\",\"message\":\"\"}}" }, TESS_NET_ERROR_NOT_A_RELAY, 0 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FixtureServer) server = fixture_server_new ();
      Reply said = cases[i].said;
      g_autoptr (GError) error = NULL;

      g_test_message ("%u %s", said.status, said.body);
      server->http = reply;
      server->data = &said;
      error = fixture_rejects (tess_directory_get_info (server->origin), cases[i].code);
      g_assert_cmpuint (tess_net_error_retry_after (error), ==, cases[i].wait);
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
info_oversize (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autofree char *body = g_strnfill (TESS_JSON_BYTES_MAX + 1, ' ');
  Reply said = { 200, "application/json", body };
  g_autoptr (GError) info_error = NULL;
  g_autoptr (GError) error = NULL;
  uint8_t key[TESS_KEY_SIZE] = { 0 };

  server->http = reply;
  server->data = &said;
  info_error = fixture_rejects (tess_directory_get_info (server->origin), TESS_NET_ERROR_NOT_A_RELAY);
  error = fixture_rejects (tess_directory_get_account (server->origin, key, key, false), TESS_NET_ERROR_PROTOCOL);
  return dex_future_new_for_boolean (TRUE);
}

/* Chunk after chunk, and never an end. */
static void
trickle_more (SoupServerMessage *message, gpointer data)
{
  static const char block[4096] = { ' ' };

  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC, block, sizeof block);
  soup_server_message_unpause (message);
}

static void
endless (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (trickle_more), NULL);
  trickle_more (message, NULL);
}

static DexFuture *
info_endless (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autoptr (GError) error = NULL;

  server->http = endless;
  error = fixture_rejects (tess_directory_get_info (server->origin), TESS_NET_ERROR_NOT_A_RELAY);
  return dex_future_new_for_boolean (TRUE);
}

static void
silent (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  soup_server_message_pause (message);
}

static DexFuture *
info_silent (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autoptr (GError) error = NULL;

  tess_net_set_second (5);
  server->http = silent;
  error = fixture_rejects (tess_directory_get_info (server->origin), TESS_NET_ERROR_UNREACHABLE);
  tess_net_set_second (1000);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
info_unreachable (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) name = fixture_rejects (tess_directory_get_info ("https://relay.invalid"), TESS_NET_ERROR_UNREACHABLE);

  soup_server_disconnect (server->server);
  refused = fixture_rejects (tess_directory_get_info (server->origin), TESS_NET_ERROR_UNREACHABLE);
  return dex_future_new_for_boolean (TRUE);
}

/* Answers whoever connects with @answer, before there is a question. */
static gboolean
answer_early (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer answer)
{
  uint8_t question[1024];

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), answer, strlen (answer), NULL, NULL, NULL);
  while (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), question, sizeof question, NULL, NULL) > 0)
    {
    }
  return TRUE;
}

/* A server that does so; gives its origin too. */
static GSocketService *
early_server_new (const char *answer, char **origin)
{
  GSocketService *self = g_threaded_socket_service_new (8);
  g_autoptr (GError) error = NULL;

  *origin = g_strdup_printf ("http://127.0.0.1:%u",
                             g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self), NULL, &error));
  g_assert_no_error (error);
  g_signal_connect (self, "run", G_CALLBACK (answer_early), (gpointer) answer);
  return self;
}

/* "Ask another server" (RFC 9110, 15.5.20) with a body that never comes: nobody waits for it. */
static DexFuture *
info_misdirected (gpointer data)
{
  g_autofree char *origin = NULL;
  g_autoptr (GSocketService) server
    = early_server_new ("HTTP/1.1 421 Misdirected Request\r\nContent-Length: 2\r\n\r\n", &origin);
  g_autoptr (GError) error = fixture_rejects (tess_directory_get_info (origin), TESS_NET_ERROR_NOT_A_RELAY);

  g_socket_service_stop (server);
  g_socket_listener_close (G_SOCKET_LISTENER (server));
  return dex_future_new_for_boolean (TRUE);
}

static void
let_go_on (void)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
}

/* Asks, and stops waiting after @steps turns of the main loop. FALSE when the answer was there before. */
static bool
drop_after (const char *origin, unsigned steps)
{
  g_autoptr (DexPromise) closing = dex_promise_new ();
  g_autoptr (DexFuture) asked = dex_future_first (tess_directory_get_info (origin), dex_ref (DEX_FUTURE (closing)), NULL);
  bool pending = true;

  for (unsigned i = 0; i < steps && pending; i++)
    {
      g_usleep (500); /* for the other thread */
      g_main_context_iteration (NULL, TRUE);
      pending = dex_future_is_pending (asked);
    }
  dex_promise_reject (closing, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, ""));
  return pending;
}

/* Nobody waits any more: at every turn, and the one between an answer's headers and its body is among them. Where the answer is
 * there before the question is written, libsoup 3.6 holds it for the next turn, and an end in between ended it twice. */
static void
test_info_dropped (void)
{
  g_autofree char *origin = NULL;
  g_autoptr (GSocketService) server
    = early_server_new ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", &origin);
  unsigned steps = 0;

  while (drop_after (origin, steps))
    {
      let_go_on ();
      steps++;
    }
  g_assert_cmpuint (steps, >, 5);
  g_socket_service_stop (server);
  g_socket_listener_close (G_SOCKET_LISTENER (server));
}

/* Connects a link for deposits, and closes it after @steps turns. FALSE when it had ended before. */
static bool
close_after (const char *origin, unsigned steps)
{
  g_autoptr (TessDepositLink) link = tess_deposit_link_new (origin);
  g_autoptr (DexFuture) connected = tess_deposit_link_connect (link);
  bool pending = true;

  for (unsigned i = 0; i < steps && pending; i++)
    {
      g_usleep (500);
      g_main_context_iteration (NULL, TRUE);
      pending = dex_future_is_pending (connected);
    }
  tess_deposit_link_close (link);
  return pending;
}

/* The same for WebSockets, whatever the relay says too early. */
static void
test_link_dropped (void)
{
  static const char *const answers[] = {
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "no HTTP at all\r\n\r\n",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *origin = NULL;
      g_autoptr (GSocketService) server = early_server_new (answers[i], &origin);
      unsigned steps = 0;

      g_test_message ("%s", answers[i]);
      while (close_after (origin, steps))
        {
          let_go_on ();
          steps++;
        }
      g_assert_cmpuint (steps, >, 2);
      g_socket_service_stop (server);
      g_socket_listener_close (G_SOCKET_LISTENER (server));
    }
}

/* A key and a certificate for 127.0.0.1 that nobody vouches for. */
static GTlsCertificate *
certificate_new (void)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *x509 = X509_new ();
  BIO *bio = BIO_new (BIO_s_mem ());
  GTlsCertificate *certificate = NULL;
  char *pem = NULL;
  long size = 0;

  ASN1_INTEGER_set (X509_get_serialNumber (x509), 1);
  X509_gmtime_adj (X509_getm_notBefore (x509), -60);
  X509_gmtime_adj (X509_getm_notAfter (x509), 3600);
  X509_set_pubkey (x509, key);
  X509_NAME_add_entry_by_txt (X509_get_subject_name (x509), "CN", MBSTRING_ASC, (const uint8_t *) "127.0.0.1", -1, -1, 0);
  X509_set_issuer_name (x509, X509_get_subject_name (x509));
  g_assert_cmpint (X509_sign (x509, key, EVP_sha256 ()), >, 0);
  PEM_write_bio_X509 (bio, x509);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (bio, &pem);
  certificate = g_tls_certificate_new_from_pem (pem, size, &error);
  g_assert_no_error (error);
  BIO_free (bio);
  X509_free (x509);
  EVP_PKEY_free (key);
  return certificate;
}

/* libsoup's server does not bear to be freed in the middle of a handshake: this one stays to the end. */
static SoupServer *tls_server;

static DexFuture *
info_untrusted (gpointer data)
{
  SoupServer *server = tls_server = soup_server_new (NULL, NULL);
  g_autoptr (GTlsCertificate) certificate = certificate_new ();
  g_autofree char *origin = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) mailbox = NULL;
  g_autoptr (TessDepositLink) link = NULL;
  GSList *uris = NULL;

  soup_server_set_tls_certificate (server, certificate);
  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY | SOUP_SERVER_LISTEN_HTTPS, &error));
  uris = soup_server_get_uris (server);
  origin = g_strdup_printf ("https://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  error = fixture_rejects (tess_directory_get_info (origin), TESS_NET_ERROR_TLS);
  link = tess_deposit_link_new (origin);
  mailbox = fixture_rejects (tess_deposit_link_connect (link), TESS_NET_ERROR_TLS);
  return dex_future_new_for_boolean (TRUE);
}

/* A relay with one account of one device, whose prekeys the client has to check for itself. */
typedef struct {
  FixtureKey account;
  FixtureKey device;
  bool forged;
  unsigned one_time_asked;
} Account;

static void
account_reply (FixtureServer *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  Account *account = self->data;
  g_autoptr (GBytes) list = fixture_device_list_bytes (&account->account, 1);
  TessPrekeyRecord record = fixture_prekey (&account->device);
  TessBundleEntry entry = { 0 };
  g_autofree char *text = NULL;
  bool one_time = query != NULL && g_strcmp0 (g_hash_table_lookup (query, "one_time"), "1") == 0;

  g_assert_cmpstr (soup_message_headers_get_one (soup_server_message_get_request_headers (message), TESS_CAPABILITY_HEADER), ==,
                   "AAECAwQFBgcICQoLDA0ODw");
  g_assert_true (g_str_has_prefix (path, TESS_PATH_ACCOUNTS) && strlen (path) == strlen (TESS_PATH_ACCOUNTS) + 52);
  record.created = (uint64_t) tess_clock_now () - 60;
  record.expires = record.created + TESS_PREKEY_LIFETIME_MAX;
  memcpy (entry.device, account->device.public, TESS_KEY_SIZE);
  entry.prekey = tess_prekey_record_sign (&record, account->device.secret, NULL);
  if (account->forged)
    {
      uint8_t *data = g_memdup2 (g_bytes_get_data (entry.prekey, NULL), TESS_PREKEY_RECORD_SIZE);

      data[40] ^= 1;
      g_bytes_unref (entry.prekey);
      entry.prekey = g_bytes_new_take (data, TESS_PREKEY_RECORD_SIZE);
    }
  entry.one_time = one_time ? fixture_one_time_bytes (&account->device, 5) : NULL;
  account->one_time_asked += one_time;
  text = tess_bundle_build (list, &entry, 1);
  fixture_respond (message, 200, "application/json", text);
  g_bytes_unref (entry.prekey);
  g_clear_pointer (&entry.one_time, g_bytes_unref);
}

static DexFuture *
account_good (gpointer data)
{
  g_autoptr (FixtureServer) server = fixture_server_new ();
  Account account = { fixture_key (1), fixture_key (100) };
  uint8_t capability[TESS_CAPABILITY_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (TessBundle) with = NULL;
  g_autoptr (TessBundle) without = NULL;

  for (unsigned i = 0; i < sizeof capability; i++)
    capability[i] = (uint8_t) i;
  server->http = account_reply;
  server->data = &account;
  with = dex_await_boxed (tess_directory_get_account (server->origin, account.account.public, capability, true), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (with->count, ==, 1);
  g_assert_true (with->devices[0].has_one_time && with->devices[0].one_time.id == 5 && !with->devices[0].expired);
  without = dex_await_boxed (tess_directory_get_account (server->origin, account.account.public, capability, false), &error);
  g_assert_no_error (error);
  g_assert_false (without->devices[0].has_one_time);
  g_assert_cmpuint (account.one_time_asked, ==, 1);
  account.forged = true;
  error = fixture_rejects (tess_directory_get_account (server->origin, account.account.public, capability, true),
                           TESS_NET_ERROR_PROTOCOL);
  g_clear_error (&error);
  /* The right answer to another question. */
  account.forged = false;
  error = fixture_rejects (tess_directory_get_account (server->origin, account.device.public, capability, true),
                           TESS_NET_ERROR_PROTOCOL);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
account_bad (gpointer data)
{
  static const struct {
    Reply said;
    TessNetError code;
  } cases[] = {
    { { 403, "application/json", "{\"error\":{\"code\":\"capability\",\"message\":\"no\"}}" }, TESS_NET_ERROR_REFUSED },
    { { 404, "application/json", "{\"error\":{\"code\":\"not-found\",\"message\":\"no\"}}" }, TESS_NET_ERROR_NOT_FOUND },
    { { 400, "application/json", "{\"error\":{\"code\":\"bad-request\",\"message\":\"no\"}}" }, TESS_NET_ERROR_PROTOCOL },
    { { 403, "text/html", "forbidden by your school" }, TESS_NET_ERROR_NOT_A_RELAY },
    { { 200, "text/html", "<html>log in</html>" }, TESS_NET_ERROR_NOT_A_RELAY },
    { { 429, "application/json", "{\"error\":{\"code\":\"slow-down\",\"message\":\"no\"}}" }, TESS_NET_ERROR_SLOW_DOWN },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FixtureServer) server = fixture_server_new ();
      Reply said = cases[i].said;
      g_autoptr (GError) error = NULL;
      uint8_t key[TESS_KEY_SIZE] = { 0 };

      g_test_message ("%u %s", said.status, said.body);
      server->http = reply;
      server->data = &said;
      error = fixture_rejects (tess_directory_get_account (server->origin, key, key, true), cases[i].code);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
run (gconstpointer test)
{
  fixture_run ((DexFiberFunc) test, NULL);
}

int
main (int argc, char **argv)
{
  int result = 0;

  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_data_func ("/net/directory/info-good", info_good, run);
  g_test_add_data_func ("/net/directory/info-bad", info_bad, run);
  g_test_add_data_func ("/net/directory/info-oversize", info_oversize, run);
  g_test_add_data_func ("/net/directory/info-endless", info_endless, run);
  g_test_add_data_func ("/net/directory/info-silent", info_silent, run);
  g_test_add_data_func ("/net/directory/info-unreachable", info_unreachable, run);
  g_test_add_data_func ("/net/directory/info-misdirected", info_misdirected, run);
  g_test_add_func ("/net/directory/info-dropped", test_info_dropped);
  g_test_add_func ("/net/directory/link-dropped", test_link_dropped);
  g_test_add_data_func ("/net/directory/info-untrusted", info_untrusted, run);
  g_test_add_data_func ("/net/directory/account-good", account_good, run);
  g_test_add_data_func ("/net/directory/account-bad", account_bad, run);
  result = g_test_run ();
  g_clear_object (&tls_server);
  return result;
}
