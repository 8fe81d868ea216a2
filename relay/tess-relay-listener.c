/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-listener.h"

#include "relay/tess-relay-log.h"
#include "relay/tess-relay-throttle.h"
#include "relay/tess-relay-tls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* Connections taken in one turn, and how long to pause when the system has no descriptor left. */
#define ACCEPT_MAX 32
#define PAUSE_MS 500
#define BACKLOG 1024
/* Connections on which nothing was asked yet. Above it those make room for new ones that have had so long: libsoup's connections
 * are dear, and whoever means to ask something does it at once. */
#define WAITING_MAX 1024
#define WAITING_SECONDS 2
/* So many for each that comes, and a second: ending thousands at once would keep everybody else waiting. */
#define THIN_OUT_BY 2
#define THIN_OUT_A_SECOND 512
/* sd_listen_fds(3). */
#define FIRST_ACTIVATED 3
/* What the system keeps for a peer that does not read: without a bound it grows to megabytes. */
#define SEND_BUFFER (128 * 1024)

struct _TessRelayListener {
  SoupServer *server;
  GSocket *socket;
  GSocketAddress *address; /* its own */
  GSource *accepting;
  GSource *tick;
  char *url;
  unsigned port;
  unsigned max;
  unsigned max_per_address;
  unsigned seconds;
  int64_t complained; /* when it was last logged that no descriptor is left; 0: never */
  const TessRelayConfig *config;
  TessRelayTls *tls; /* or NULL: plain */
  TessRelayThrottle *handshakes; /* of TLS: they cost before a request can be counted */
  GQueue connections;  /* those that are no WebSocket yet, the oldest first */
  unsigned count;      /* all of them */
  GQueue waiting;      /* those of them on which nothing was asked yet */
  GHashTable *per_address; /* key → count */
};

/* One TCP connection, for as long as its GSocketConnection lives or until it is a WebSocket. */
typedef struct {
  TessRelayListener *listener; /* NULL once that is gone */
  GSocketConnection *stream;   /* borrowed */
  GSocket *socket;
  GSocketAddress *remote; /* carries a pointer back to this */
  uint64_t key;
  int64_t since;
  int64_t until; /* what a transfer has earned; 0: none */
  bool proxy;   /* a trusted one: whom it speaks for is known when it is admitted */
  bool counted; /* among those of its key */
  bool waiting;
  bool waits;   /* for us */
  GList link;
  GList in_waiting;
} Connection;

static const char connection_key[] = "tess-relay-connection";

static unsigned
count_of (TessRelayListener *self, uint64_t key)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->per_address, &key));
}

static void
set_count (TessRelayListener *self, uint64_t key, unsigned count)
{
  if (count == 0)
    g_hash_table_remove (self->per_address, &key);
  else
    g_hash_table_replace (self->per_address, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (count));
}

static void
stop_waiting (Connection *self)
{
  if (self->waiting && self->listener != NULL)
    g_queue_unlink (&self->listener->waiting, &self->in_waiting);
  self->waiting = false;
}

/* Ends at most @count of those who have waited for long while too many do. */
static void
thin_out (TessRelayListener *self, unsigned count, int64_t now)
{
  for (; count > 0 && self->waiting.length > WAITING_MAX; count--)
    {
      Connection *oldest = self->waiting.head->data;

      if (oldest->since > now - WAITING_SECONDS * G_USEC_PER_SEC)
        return;
      stop_waiting (oldest);
      g_socket_shutdown (oldest->socket, TRUE, TRUE, NULL);
    }
}

static void
free_connection (Connection *connection)
{
  stop_waiting (connection);
  if (connection->listener != NULL)
    g_queue_unlink (&connection->listener->connections, &connection->link);
  g_object_set_data (G_OBJECT (connection->remote), connection_key, NULL);
  g_object_unref (connection->remote);
  g_object_unref (connection->socket);
  g_free (connection);
}

/* The GSocketConnection is gone. */
static void
on_gone (gpointer data, GObject *where_it_was)
{
  Connection *connection = data;
  TessRelayListener *self = connection->listener;

  if (self != NULL)
    {
      self->count--;
      if (connection->counted)
        set_count (self, connection->key, count_of (self, connection->key) - 1);
    }
  free_connection (connection);
}

static void
take (TessRelayListener *self, GSocket *socket)
{
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GIOStream) tls = NULL;
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  Connection *connection;
  uint64_t key = remote != NULL ? tess_relay_address_key (remote) : 0;
  bool proxy = remote != NULL
               && tess_relay_proxies_contain (self->config->proxies,
                                              g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));

  /* Too many: closed without a word, for a word would cost more than it is worth. */
  if (remote == NULL || self->count >= self->max
      || (!proxy && count_of (self, key) >= self->max_per_address)
      || (!proxy && self->tls != NULL && tess_relay_throttle_take (self->handshakes, key, 1, g_get_monotonic_time ()) > 0))
    return;
  stream = g_socket_connection_factory_create_connection (socket);
  connection = g_new0 (Connection, 1);
  *connection = (Connection) {
    .listener = self,
    .stream = stream,
    .socket = g_object_ref (socket),
    .remote = g_object_ref (remote),
    .key = key,
    .since = g_get_monotonic_time (),
    .proxy = proxy,
    .counted = !proxy,
  };
  connection->link.data = connection->in_waiting.data = connection;
  g_queue_push_tail_link (&self->connections, &connection->link);
  self->count++;
  connection->waiting = true;
  g_queue_push_tail_link (&self->waiting, &connection->in_waiting);
  thin_out (self, THIN_OUT_BY, connection->since);
  if (!proxy)
    set_count (self, key, count_of (self, key) + 1);
  g_object_weak_ref (G_OBJECT (stream), on_gone, connection);
  /* The address object travels with the request's messages, and leads back from them to the connection. */
  g_object_set_data (G_OBJECT (remote), connection_key, connection);
  if (self->tls != NULL)
    tls = tess_relay_tls_accept (self->tls, stream);
  if (self->tls == NULL || tls != NULL)
    soup_server_accept_iostream (self->server, tls != NULL ? tls : G_IO_STREAM (stream), self->address, remote, NULL);
}

static gboolean on_incoming (GSocket *socket, GIOCondition condition, gpointer data);

static void
start_accepting (TessRelayListener *self)
{
  self->accepting = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->accepting, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->accepting, NULL);
}

static gboolean
on_pause_over (gpointer data)
{
  TessRelayListener *self = data;

  g_clear_pointer (&self->accepting, g_source_unref);
  start_accepting (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_incoming (GSocket *socket, GIOCondition condition, gpointer data)
{
  TessRelayListener *self = data;

  for (unsigned i = 0; i < ACCEPT_MAX; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) accepted = g_socket_accept (self->socket, NULL, &error);

      if (accepted != NULL)
        take (self, accepted);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
        {
          /* Trying at once again would only burn time. */
          if (tess_relay_log_again (&self->complained))
            tess_relay_log (G_LOG_LEVEL_WARNING, "no-descriptors",
                            "no file descriptor is left for a connection; raise LimitNOFILE or lower [limits] connections");
          g_clear_pointer (&self->accepting, g_source_unref);
          self->accepting = g_timeout_source_new (PAUSE_MS);
          g_source_set_callback (self->accepting, on_pause_over, self, NULL);
          g_source_attach (self->accepting, NULL);
          return G_SOURCE_REMOVE;
        }
    }
  return G_SOURCE_CONTINUE;
}

/* Drops connections that have not become a WebSocket in time: slow senders, and those that say nothing. */
static gboolean
on_tick (gpointer data)
{
  TessRelayListener *self = data;
  int64_t now = g_get_monotonic_time ();
  int64_t limit = now - self->seconds * G_USEC_PER_SEC;

  thin_out (self, THIN_OUT_A_SECOND, now);
  for (GList *link = self->connections.head; link != NULL; link = link->next)
    {
      Connection *connection = link->data;

      if (connection->since > limit)
        break;
      if (connection->until <= now && !connection->waits)
        g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
    }
  return G_SOURCE_CONTINUE;
}

static char *
make_url (GSocketAddress *address, bool tls)
{
  GInetAddress *inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  g_autofree char *host = g_inet_address_to_string (inet);
  bool six = g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6;

  return g_strdup_printf ("http%s://%s%s%s:%u", tls ? "s" : "", six ? "[" : "", host, six ? "]" : "",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

/* The socket that systemd listens on for us (sd_listen_fds(3)); NULL without an error: it does not. Of several, all but one would
 * take connections that nobody serves. */
static GSocket *
activated_socket (GError **error)
{
  const char *pid = g_getenv ("LISTEN_PID"), *count = g_getenv ("LISTEN_FDS");
  guint64 number;

  if (!g_ascii_string_to_unsigned (pid != NULL ? pid : "", 10, 1, G_MAXINT, &number, NULL) || (pid_t) number != getpid ()
      || !g_ascii_string_to_unsigned (count != NULL ? count : "", 10, 1, G_MAXINT, &number, NULL))
    return NULL;
  if (number != 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "there are %" G_GUINT64_FORMAT " of them, and one is served",
                   number);
      return NULL;
    }
  fcntl (FIRST_ACTIVATED, F_SETFD, FD_CLOEXEC);
  return g_socket_new_from_fd (FIRST_ACTIVATED, error);
}

static GSocket *
make_socket (GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket
    = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_bind (socket, address, TRUE, error) && g_socket_listen (socket, error) ? g_steal_pointer (&socket) : NULL;
}

/* Its own socket, or the one that it was given. */
static GSocket *
listening_socket (const TessRelayConfig *config, GSocketAddress *wanted, GSocketAddress **address_out, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GSocket) socket = activated_socket (&reason);
  bool activated = socket != NULL || reason != NULL;

  if (!activated)
    socket = make_socket (wanted, &reason);
  if (socket != NULL)
    *address_out = g_socket_get_local_address (socket, &reason);
  if (reason == NULL && !(G_IS_INET_SOCKET_ADDRESS (*address_out) && g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM))
    g_set_error_literal (&reason, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "it is no TCP socket");
  if (reason == NULL)
    return g_steal_pointer (&socket);
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_LISTEN, "cannot listen on %s: %s",
               activated ? "the socket that systemd passed" : config->listen, reason->message);
  return NULL;
}

TessRelayListener *
tess_relay_listener_new (SoupServer *server, const TessRelayConfig *config, GError **error)
{
  g_autoptr (GSocketAddress) wanted = tess_relay_config_address (config->listen, error);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (TessRelayTls) tls = NULL;
  g_autoptr (GSocket) socket = NULL;
  TessRelayListener *self;

  if (wanted == NULL)
    return NULL;
  if (config->tls_key != NULL)
    tls = tess_relay_tls_load (config->tls_certificate, config->tls_key, error);
  if (config->tls_key != NULL && tls == NULL)
    return NULL;
  socket = listening_socket (config, wanted, &address, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  /* What is accepted has these from it (tcp(7), socket(7)). */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER, NULL);
  self = g_new0 (TessRelayListener, 1);
  self->server = g_object_ref (server);
  self->socket = g_steal_pointer (&socket);
  self->url = make_url (address, tls != NULL);
  self->address = g_object_ref (address);
  self->tls = g_steal_pointer (&tls);
  self->handshakes = tess_relay_throttle_new (config->request_rate, config->request_burst);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  self->config = config;
  self->max = config->connections;
  self->max_per_address = config->connections_per_address;
  self->seconds = config->http_seconds;
  self->per_address = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  start_accepting (self);
  self->tick = g_timeout_source_new_seconds (1);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, NULL);
  return self;
}

void
tess_relay_listener_stop (TessRelayListener *self)
{
  g_source_destroy (self->accepting);
  g_socket_close (self->socket, NULL);
  while (self->waiting.length > 0)
    {
      Connection *connection = self->waiting.head->data;

      stop_waiting (connection);
      g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
    }
}

unsigned
tess_relay_listener_transfers (TessRelayListener *self)
{
  return self->connections.length;
}

void
tess_relay_listener_free (TessRelayListener *self)
{
  tess_relay_listener_stop (self);
  g_source_unref (self->accepting);
  g_source_destroy (self->tick);
  g_source_unref (self->tick);
  for (GList *link = self->connections.head; link != NULL; link = link->next)
    {
      Connection *connection = link->data;

      connection->listener = NULL;
      g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
    }
  g_object_unref (self->socket);
  g_object_unref (self->address);
  g_object_unref (self->server);
  g_hash_table_unref (self->per_address);
  g_clear_pointer (&self->tls, tess_relay_tls_free);
  tess_relay_throttle_free (self->handshakes);
  g_free (self->url);
  g_free (self);
}

bool
tess_relay_listener_reload (TessRelayListener *self, GError **error)
{
  TessRelayTls *tls;

  if (self->tls == NULL)
    return true;
  tls = tess_relay_tls_load (self->config->tls_certificate, self->config->tls_key, error);
  if (tls == NULL)
    return false;
  tess_relay_tls_free (self->tls);
  self->tls = tls;
  return true;
}

const char *
tess_relay_listener_url (TessRelayListener *self)
{
  return self->url;
}

unsigned
tess_relay_listener_port (TessRelayListener *self)
{
  return self->port;
}

static Connection *
connection_of (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  return address != NULL ? g_object_get_data (G_OBJECT (address), connection_key) : NULL;
}

/* Whom the proxy of @connection speaks for; *@address_out stays NULL where it says nothing: it speaks for itself. */
static bool
read_forwarded (TessRelayListener *self, SoupServerMessage *message, GInetAddress **address_out)
{
  TessRelayForwarded kind = self->config->forwarded;
  const char *header = soup_message_headers_get_list (soup_server_message_get_request_headers (message),
                                                      kind == TESS_RELAY_FORWARDED ? "Forwarded" : "X-Forwarded-For");

  *address_out = header != NULL ? tess_relay_proxies_client (self->config->proxies, kind, header) : NULL;
  return header == NULL || *address_out != NULL;
}

TessRelayAdmission
tess_relay_listener_admit (TessRelayListener *self, SoupServerMessage *message)
{
  Connection *connection = connection_of (message);
  g_autoptr (GInetAddress) client = NULL;

  if (connection != NULL)
    stop_waiting (connection);
  if (connection == NULL || (connection->proxy && !read_forwarded (self, message, &client)))
    return TESS_RELAY_ADMIT_MALFORMED;
  if (client == NULL)
    client = g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (connection->remote)));
  else if (!connection->counted)
    {
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new (client, 0);
      uint64_t key = tess_relay_address_key (address);

      if (count_of (self, key) >= self->max_per_address)
        return TESS_RELAY_ADMIT_TOO_MANY;
      connection->key = key;
      connection->counted = true;
      set_count (self, key, count_of (self, key) + 1);
    }
  if (self->config->log_addresses)
    {
      g_autofree char *text = g_inet_address_to_string (client);

      tess_relay_log (G_LOG_LEVEL_MESSAGE, "request", "request from %s", text);
    }
  return TESS_RELAY_ADMITTED;
}

uint64_t
tess_relay_listener_key (SoupServerMessage *message)
{
  const Connection *connection = connection_of (message);

  return connection != NULL ? connection->key : 0;
}

void
tess_relay_listener_progress (SoupServerMessage *message, size_t size)
{
  Connection *connection = connection_of (message);
  int64_t allowance;

  if (connection == NULL || connection->listener == NULL)
    return;
  allowance = connection->listener->seconds * G_USEC_PER_SEC;
  connection->until = MAX (connection->until, connection->since + allowance)
                      + (int64_t) size * G_USEC_PER_SEC / TESS_RELAY_BLOB_RATE_MIN;
  connection->until = MIN (connection->until, g_get_monotonic_time () + allowance);
}

void
tess_relay_listener_wait (SoupServerMessage *message, bool waits)
{
  Connection *connection = connection_of (message);

  if (connection == NULL || connection->listener == NULL)
    return;
  connection->waits = waits;
  connection->until = g_get_monotonic_time () + connection->listener->seconds * G_USEC_PER_SEC;
}

GSocket *
tess_relay_listener_upgrade (SoupServerMessage *message, uint64_t *key_out, bool *plain_out)
{
  Connection *connection = connection_of (message);
  GSocket *socket;

  if (connection == NULL || connection->listener == NULL)
    return NULL;
  /* Its place is given back under its key: from here on it counts, whoever it speaks for. */
  if (!connection->counted)
    set_count (connection->listener, connection->key, count_of (connection->listener, connection->key) + 1);
  *key_out = connection->key;
  *plain_out = connection->listener->tls == NULL;
  socket = g_object_ref (connection->socket);
  g_object_weak_unref (G_OBJECT (connection->stream), on_gone, connection);
  free_connection (connection);
  return socket;
}

void
tess_relay_listener_leave (TessRelayListener *self, uint64_t key)
{
  self->count--;
  set_count (self, key, count_of (self, key) - 1);
}
