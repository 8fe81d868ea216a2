/* The least that a durable relay can cost: WebSockets on epoll, and one INSERT a message in one synced SQLite transaction a turn.
 * No JSON, no cryptography, no limits, no names: what a mailbox's device is called is a number that it says itself.
 *
 *   relay-floor (none | keep | delete) [DATABASE]
 *
 * none: nothing is stored. keep: what is acknowledged stays stored. delete: it is deleted, in the next transaction.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-ws.h"
#include "relay-load-frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define EVENTS 256
#define SCRATCH (256 * 1024)
#define BATCH_MAX 512

typedef struct {
  int fd;
  bool open; /* the handshake is done */
  uint32_t device;
  uint64_t last; /* sequence */
  WsRest rest;
  GByteArray *out; /* NULL: nothing waits */
  bool dirty;      /* is in floor_.dirty */
  bool blocked;    /* waits until the socket takes more */
} Connection;

typedef struct {
  Connection *from;
  Connection *to; /* NULL: not connected */
  uint32_t request;
  uint64_t sequence;
  size_t at; /* of its envelope in the arena */
  size_t size;
} Message;

static struct {
  int epoll;
  int listener;
  sqlite3 *db;
  sqlite3_stmt *insert, *delete;
  bool in_transaction, deletes;
  uint8_t scratch[SCRATCH];
  GByteArray *arena;
  Message batch[BATCH_MAX];
  unsigned batched;
  GPtrArray *dirty;      /* connections that this turn has something for */
  GHashTable *mailboxes; /* device number → Connection */
} floor_;

static void
execute (const char *sql)
{
  if (sqlite3_exec (floor_.db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("relay-floor: %s: %s", sql, sqlite3_errmsg (floor_.db));
}

static void
open_database (const char *path)
{
  if (sqlite3_open (path, &floor_.db) != SQLITE_OK)
    g_error ("relay-floor: cannot open %s", path);
  execute ("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
           "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8192;"
           "CREATE TABLE mail (id INTEGER PRIMARY KEY, class INTEGER NOT NULL, stored INTEGER NOT NULL,"
           "  envelope BLOB NOT NULL);");
  if (sqlite3_prepare_v2 (floor_.db, "INSERT INTO mail VALUES (?, 1, 1700000000, ?)", -1, &floor_.insert, NULL) != SQLITE_OK
      || sqlite3_prepare_v2 (floor_.db, "DELETE FROM mail WHERE id > ? AND id <= ?", -1, &floor_.delete, NULL) != SQLITE_OK)
    g_error ("relay-floor: %s", sqlite3_errmsg (floor_.db));
}

static void
step (sqlite3_stmt *statement)
{
  if (!floor_.in_transaction)
    execute ("BEGIN IMMEDIATE");
  floor_.in_transaction = true;
  if (sqlite3_step (statement) != SQLITE_DONE)
    g_error ("relay-floor: %s", sqlite3_errmsg (floor_.db));
  sqlite3_reset (statement);
}

/* -- Sending ------------------------------------------------------------------------------------------------------------- */

static void
watch (Connection *self, uint32_t events, int how)
{
  struct epoll_event event = { .events = events, .data.ptr = self };

  epoll_ctl (floor_.epoll, how, self->fd, &event);
}

/* What is sent in a turn goes out in one write at its end. */
static void
send_frame (Connection *self, const struct iovec *parts, int count)
{
  if (self->out == NULL)
    self->out = g_byte_array_new ();
  if (!self->dirty)
    g_ptr_array_add (floor_.dirty, self);
  self->dirty = true;
  for (int i = 0; i < count; i++)
    g_byte_array_append (self->out, parts[i].iov_base, (guint) parts[i].iov_len);
}

static void
flush (Connection *self)
{
  ssize_t done = self->out != NULL ? write (self->fd, self->out->data, self->out->len) : 0;

  if (self->out == NULL)
    return;
  if (done > 0)
    g_byte_array_remove_range (self->out, 0, (guint) done);
  if ((self->out->len > 0) != self->blocked)
    watch (self, self->out->len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  self->blocked = self->out->len > 0;
  if (self->out->len == 0)
    g_clear_pointer (&self->out, g_byte_array_unref);
}

static void
send_answer (const Message *message)
{
  uint8_t head[WS_HEAD_MAX], answer[FRAME_ANSWER_SIZE] = { FRAME_ANSWER };
  struct iovec parts[2] = { { head, ws_head (WS_BINARY, sizeof answer, false, head) }, { answer, sizeof answer } };

  memcpy (answer + 1, &message->request, 4);
  send_frame (message->from, parts, 2);
}

static void
send_mail (const Message *message)
{
  uint8_t head[WS_HEAD_MAX + FRAME_MAIL_HEAD];
  uint64_t sequence = GUINT64_TO_BE (message->sequence);
  size_t size = ws_head (WS_BINARY, FRAME_MAIL_HEAD + message->size, false, head);
  struct iovec parts[2] = { { head, size + FRAME_MAIL_HEAD }, { floor_.arena->data + message->at, message->size } };

  head[size] = FRAME_MAIL;
  memcpy (head + size + 1, &sequence, 8);
  head[size + 9] = 1;
  send_frame (message->to, parts, 2);
}

static void
end_turn (void)
{
  if (floor_.in_transaction)
    execute ("COMMIT");
  floor_.in_transaction = false;
  for (unsigned i = 0; i < floor_.batched; i++)
    {
      const Message *message = &floor_.batch[i];

      if (message->from != NULL)
        send_answer (message);
      if (message->to != NULL)
        send_mail (message);
    }
  floor_.batched = 0;
  g_byte_array_set_size (floor_.arena, 0);
  for (guint i = 0; i < floor_.dirty->len; i++)
    {
      Connection *self = g_ptr_array_index (floor_.dirty, i);

      self->dirty = false;
      if (!self->blocked)
        flush (self);
    }
  g_ptr_array_set_size (floor_.dirty, 0);
}

/* -- Receiving ----------------------------------------------------------------------------------------------------------- */

static void
deposit (Connection *self, const WsFrame *frame)
{
  Message *message = &floor_.batch[floor_.batched++];
  uint32_t device;

  memcpy (&device, frame->data + FRAME_DEVICE_AT, 4);
  *message = (Message) { .from = self, .at = floor_.arena->len, .size = frame->size - FRAME_ENVELOPE_AT };
  memcpy (&message->request, frame->data + 1, 4);
  message->to = g_hash_table_lookup (floor_.mailboxes, GUINT_TO_POINTER (device));
  message->sequence = message->to != NULL ? ++message->to->last : 0;
  g_byte_array_append (floor_.arena, frame->data + FRAME_ENVELOPE_AT, (guint) message->size);
  if (floor_.db != NULL)
    {
      sqlite3_bind_int64 (floor_.insert, 1, (int64_t) device << 36 | (int64_t) message->sequence);
      sqlite3_bind_blob (floor_.insert, 2, frame->data + FRAME_ENVELOPE_AT, (int) message->size, SQLITE_STATIC);
      step (floor_.insert);
    }
  if (floor_.batched == BATCH_MAX)
    end_turn ();
}

static void
acknowledge (Connection *self, const WsFrame *frame)
{
  uint64_t sequence;

  if (!floor_.deletes)
    return;
  memcpy (&sequence, frame->data + 1, 8);
  sqlite3_bind_int64 (floor_.delete, 1, (int64_t) self->device << 36);
  sqlite3_bind_int64 (floor_.delete, 2, (int64_t) self->device << 36 | (int64_t) GUINT64_FROM_BE (sequence));
  step (floor_.delete);
}

static void
hello (Connection *self, const WsFrame *frame)
{
  uint8_t head[WS_HEAD_MAX], ready[1] = { FRAME_READY };
  struct iovec parts[2] = { { head, ws_head (WS_BINARY, sizeof ready, false, head) }, { ready, sizeof ready } };

  memcpy (&self->device, frame->data + 1, 4);
  g_hash_table_insert (floor_.mailboxes, GUINT_TO_POINTER (self->device), self);
  send_frame (self, parts, 2);
}

/* Gives the bytes that the request took, 0 when it is not whole yet. */
static size_t
shake_hands (Connection *self, const uint8_t *data, size_t size)
{
  static const char key_name[] = "Sec-WebSocket-Key: ";
  const char *end = g_strstr_len ((const char *) data, (gssize) size, "\r\n\r\n");
  const char *key = g_strstr_len ((const char *) data, (gssize) size, key_name);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *accept = NULL, *answer = NULL;
  uint8_t digest[20];
  gsize length = sizeof digest;

  if (end == NULL || key == NULL)
    return 0;
  g_checksum_update (sum, (const uint8_t *) key + strlen (key_name), 24);
  g_checksum_update (sum, (const uint8_t *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  g_checksum_get_digest (sum, digest, &length);
  accept = g_base64_encode (digest, length);
  answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: tessera.v1\r\n\r\n", accept);
  send_frame (self, &(struct iovec) { answer, strlen (answer) }, 1);
  self->open = true;
  return (size_t) (end + 4 - (const char *) data);
}

static void
drop (Connection *self)
{
  for (unsigned i = 0; i < floor_.batched; i++)
    {
      if (floor_.batch[i].from == self)
        floor_.batch[i].from = NULL;
      if (floor_.batch[i].to == self)
        floor_.batch[i].to = NULL;
    }
  if (g_hash_table_lookup (floor_.mailboxes, GUINT_TO_POINTER (self->device)) == self)
    g_hash_table_remove (floor_.mailboxes, GUINT_TO_POINTER (self->device));
  g_ptr_array_remove_fast (floor_.dirty, self);
  close (self->fd);
  g_clear_pointer (&self->out, g_byte_array_unref);
  ws_keep (&self->rest, NULL, 0);
  g_free (self);
}

/* FALSE: the peer is gone. */
static bool
receive (Connection *self)
{
  bool empty;
  size_t size = ws_read (self->fd, &self->rest, floor_.scratch, SCRATCH, &empty), at = 0, took;
  WsFrame frame;

  if (size == 0)
    return empty;
  if (!self->open)
    at = shake_hands (self, floor_.scratch, size);
  while (self->open && (took = ws_take (floor_.scratch + at, size - at, &frame)) > 0)
    {
      at += took;
      if (frame.opcode == WS_CLOSE)
        return false;
      if (frame.data[0] == FRAME_DEPOSIT)
        deposit (self, &frame);
      else if (frame.data[0] == FRAME_ACK)
        acknowledge (self, &frame);
      else if (frame.data[0] == FRAME_HELLO)
        hello (self, &frame);
    }
  ws_keep (&self->rest, floor_.scratch + at, size - at);
  return true;
}

static void
accept_all (void)
{
  int fd, one = 1;

  while ((fd = accept4 (floor_.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      Connection *self = g_new0 (Connection, 1);

      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      self->fd = fd;
      watch (self, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static void
listen_on_loopback (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

  floor_.epoll = epoll_create1 (EPOLL_CLOEXEC);
  floor_.listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind (floor_.listener, (struct sockaddr *) &address, sizeof address) != 0 || listen (floor_.listener, 1024) != 0
      || getsockname (floor_.listener, (struct sockaddr *) &address, &size) != 0)
    g_error ("relay-floor: cannot listen: %s", g_strerror (errno));
  epoll_ctl (floor_.epoll, EPOLL_CTL_ADD, floor_.listener, &event);
  printf ("listening on http://127.0.0.1:%u\n", ntohs (address.sin_port));
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  struct epoll_event events[EVENTS];

  if (argc < 2)
    return 2;
  signal (SIGPIPE, SIG_IGN);
  floor_.arena = g_byte_array_new ();
  floor_.dirty = g_ptr_array_new ();
  floor_.mailboxes = g_hash_table_new (NULL, NULL);
  floor_.deletes = strcmp (argv[1], "delete") == 0;
  if (argc > 2)
    open_database (argv[2]);
  listen_on_loopback ();
  while (true)
    {
      int count = epoll_wait (floor_.epoll, events, EVENTS, -1);

      for (int i = 0; i < count; i++)
        {
          Connection *self = events[i].data.ptr;

          if (self == NULL)
            accept_all ();
          else
            {
              if ((events[i].events & EPOLLOUT) != 0)
                flush (self);
              if ((events[i].events & ~EPOLLOUT) != 0 && !receive (self))
                drop (self);
            }
        }
      end_turn ();
    }
}
