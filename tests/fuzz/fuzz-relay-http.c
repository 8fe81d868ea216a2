/* The relay's HTTP routes, its WebSocket handshake and its links, in a real libsoup server over bytes: connections say anything,
 * and whatever they said, what comes back is HTTP of the length that it announces, a part of a blob is that part, and a
 * connection ends without a trace. Input: the bytes of up to four connections, with `$N` between them; `$A` stands for the path
 * of an account, `$T` for that of one of its tickets, `$B` for that of the blob which the ticket uploads, `$O` for that of an
 * older blob. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "fake-relay.h"

#include "wire-fixtures.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"
#include "wire/tess-address.h"
#include "wire/tess-requests.h"

#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 2000
#define CONNECTIONS_MAX 4
/* More than the relay reads at a time. */
#define BLOB_SIZE 70001

/* What the store holds when an input begins. */
typedef struct {
  FixtureKey account, device;
  TessRelayList list;
  TessRelayKeys keys;
  char *address;
  uint8_t ticket[TESS_TICKET_SIZE], id[TESS_BLOB_ID_SIZE];
  char *names[4]; /* in base32: the account, the ticket, its blob, the older blob */
  uint8_t blob[BLOB_SIZE];
} Fixtures;

static const Fixtures *
fixtures (void)
{
  static Fixtures self;
  static const uint8_t capability[TESS_CAPABILITY_SIZE] = { 1 }, older[TESS_BLOB_ID_SIZE] = { 2 };
  g_autoptr (TessAddress) address = NULL;

  if (self.names[0] != NULL)
    return &self;
  self.account = fixture_key (1);
  self.device = fixture_key (100);
  self.list = (TessRelayList) { fixture_device_list (&self.account, 1), fixture_device_list_bytes (&self.account, 1) };
  self.keys.prekey = fixture_prekey_bytes (&self.device);
  self.keys.prekey_expires = INT64_MAX;
  address = tess_address_new (FAKE_RELAY_ORIGIN, self.account.public, capability);
  self.address = tess_address_to_string (address);
  memset (self.ticket, 7, sizeof self.ticket);
  tess_relay_blob_id (self.ticket, self.id);
  self.names[0] = tess_base32_encode (self.account.public, sizeof self.account.public);
  self.names[1] = tess_base32_encode (self.ticket, sizeof self.ticket);
  self.names[2] = tess_base32_encode (self.id, sizeof self.id);
  self.names[3] = tess_base32_encode (older, sizeof older);
  for (unsigned i = 0; i < BLOB_SIZE; i++)
    self.blob[i] = (uint8_t) (i % 251);
  return &self;
}

/* One account with one device, a name, a capability and a ticket; and a blob. */
static void
populate (void)
{
  const Fixtures *fixed = fixtures ();
  TessRelayStore *store = fake_relay_store ();
  g_autoptr (GByteArray) removed = g_byte_array_new ();
  g_autoptr (GPtrArray) one_time = g_ptr_array_new ();
  g_autofree char *path = fake_relay_blob_path (fixed->names[3]);
  static TessRelayOneTime key = { .id = 1 };
  TessRelayKeys keys = fixed->keys;
  uint8_t capability[TESS_CAPABILITY_SIZE], hash[TESS_CAPABILITY_HASH_SIZE];
  int64_t now = tess_clock_now ();
  uint32_t left;

  if (key.record == NULL)
    key.record = fixture_one_time_bytes (&fixed->device, 1);
  g_ptr_array_add (one_time, &key);
  keys.one_time = one_time;
  keys.now = now;
  for (unsigned i = 0; i < sizeof capability; i++)
    capability[i] = (uint8_t) i;
  tess_capability_hash (capability, hash);
  g_assert_cmpint (tess_relay_store_register (store, fixed->device.public, &fixed->list, &keys, TESS_RELAY_OPEN, NULL, &left,
                                              removed), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_capabilities (store, fixed->device.public, hash, hash, now), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_name (store, fixed->device.public, "alice", fixed->address), ==, TESS_RELAY_OK);
  g_assert_cmpint (tess_relay_store_tickets (store, fixed->device.public, fixed->id, 1, FAKE_RELAY_QUOTA, now), ==,
                   TESS_RELAY_OK);
  g_assert_true (g_file_set_contents_full (path, (const char *) fixed->blob, BLOB_SIZE, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* -- What the listener knows of a connection: a trusted proxy stands before the relay ---------------------------------------- */

TessRelayAdmission
tess_relay_listener_admit (TessRelayListener *self, SoupServerMessage *message)
{
  const char *header = soup_message_headers_get_list (soup_server_message_get_request_headers (message), "X-Forwarded-For");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GInetAddress) client = NULL;

  if (header == NULL)
    return TESS_RELAY_ADMITTED;
  client = tess_relay_proxies_client (none, TESS_RELAY_X_FORWARDED_FOR, header);
  return client == NULL ? TESS_RELAY_ADMIT_MALFORMED
         : g_inet_address_get_is_loopback (client) ? TESS_RELAY_ADMIT_TOO_MANY
                                                   : TESS_RELAY_ADMITTED;
}

uint64_t
tess_relay_listener_key (SoupServerMessage *message)
{
  return 1;
}

void
tess_relay_listener_progress (SoupServerMessage *message, size_t size)
{
  g_assert_cmpuint (size, >, 0);
}

void
tess_relay_listener_wait (SoupServerMessage *message, bool waits)
{
}

/* Bytes come from the stream alone; what is watched for more of them is a socket whose peer is gone. */
GSocket *
tess_relay_listener_upgrade (SoupServerMessage *message, uint64_t *key_out, bool *plain_out)
{
  int ends[2];

  *key_out = 1;
  *plain_out = false;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  close (ends[1]);
  return g_socket_new_from_fd (ends[0], NULL);
}

void
tess_relay_listener_leave (TessRelayListener *self, uint64_t key)
{
}

/* -- One connection ---------------------------------------------------------------------------------------------------------- */

static GString *
expand (const uint8_t *data, size_t size)
{
  static const char *const marks[] = { "$A", "$T", "$B", "$O" };
  GString *text = g_string_new_len ((const char *) data, (gssize) size);

  for (unsigned i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *path = g_strconcat (i == 0 ? TESS_PATH_ACCOUNTS : TESS_PATH_BLOBS, fixtures ()->names[i], NULL);

      g_string_replace (text, marks[i], path, 8);
    }
  return text;
}

/* The value of a header in @head, or NULL. */
static char *
find_header (const char *head, const char *name)
{
  g_autofree char *begin = g_strdup_printf ("\r\n%s: ", name);
  const char *at = strstr (head, begin);

  return at != NULL ? g_strndup (at + strlen (begin), strcspn (at + strlen (begin), "\r")) : NULL;
}

static void
check_part (const char *range, const uint8_t *body, size_t size)
{
  size_t start = 0, end = 0, whole = 0;

  g_assert_cmpint (sscanf (range, "bytes %zu-%zu/%zu", &start, &end, &whole), ==, 3);
  g_assert_true (start <= end && end < whole && end - start + 1 == size);
  /* The other blob is smaller: the quota of the account is. */
  if (whole == BLOB_SIZE)
    g_assert_cmpmem (body, size, fixtures ()->blob + start, size);
}

/* An answer to a GET is as long as it says; to any other method it may have no body. */
static void
check_answer (const char *said, size_t size, bool get)
{
  const char *end = g_strstr_len (said, (gssize) size, "\r\n\r\n");
  g_autofree char *head = NULL;
  g_autofree char *length = NULL;
  g_autofree char *range = NULL;
  size_t body_size;

  g_assert_true (size > 12 && memcmp (said, "HTTP/1.", 7) == 0 && end != NULL);
  head = g_strndup (said, (gsize) (end + 2 - said));
  body_size = size - (size_t) (end + 4 - said);
  if (memcmp (said + 8, " 100", 4) == 0 && body_size > 0)
    {
      check_answer (end + 4, body_size, get);
      return;
    }
  if (memcmp (said + 8, " 1", 2) == 0)
    return;
  length = find_header (head, "Content-Length");
  range = find_header (head, "Content-Range");
  g_assert_nonnull (length);
  if (get || body_size > 0)
    g_assert_cmpuint (g_ascii_strtoull (length, NULL, 10), ==, body_size);
  if (memcmp (said + 8, " 206", 4) == 0)
    g_assert_nonnull (range);
  if (memcmp (said + 8, " 206", 4) == 0 && body_size > 0)
    check_part (range, (const uint8_t *) end + 4, body_size);
}

static void
connect_once (TessRelayServer *server, const char *text, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GInputStream) in = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) io = g_simple_io_stream_new (in, out);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 7700);
  g_autoptr (GError) error = NULL;
  gsize said_size;

  g_assert_true (soup_server_accept_iostream (server->soup, io, address, address, &error));
  for (unsigned turns = 0; turns < TURNS_MAX && (g_main_context_iteration (NULL, FALSE) || fake_relay_answer ()); turns++)
    ;
  said_size = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out));
  if (said_size > 0)
    check_answer (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)), said_size,
                  size > 4 && memcmp (text, "GET ", 4) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TessRelayServer *server;
  g_autoptr (GString) text = expand (data, size);
  const char *at = text->str, *end = text->str + text->len;

  fuzz_begin ();
  server = fake_relay_begin ();
  populate ();
  server->links = tess_relay_links_new (30, 60);
  server->soup = soup_server_new ("server-header", NULL, "raw-paths", TRUE, NULL);
  tess_relay_http_attach (server);
  for (unsigned i = 0; i < CONNECTIONS_MAX && at != NULL; i++)
    {
      const char *next = i + 1 < CONNECTIONS_MAX ? g_strstr_len (at, end - at, "$N") : NULL;

      connect_once (server, at, (size_t) ((next != NULL ? next : end) - at));
      at = next != NULL ? next + strlen ("$N") : NULL;
    }
  tess_relay_links_free (server->links);
  soup_server_disconnect (server->soup);
  g_clear_object (&server->soup);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fake_relay_end ();
  return 0;
}
