/* Attachments over HTTP (protocol.md 7): streamed from and to the disk, never as a whole in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-http.h"

#include "base/tess-clock.h"
#include "base/tess-text.h"

#include <string.h>
#include <unistd.h>

/* A ticket or an id in base32. */
#define NAME_CHARS 52
/* What is read from the disk at a time, and waits for a reader who may never take it: less where there are many of them, so that
 * all together hold little more than PIECES_BYTES. */
#define PIECE_BYTES_MAX (64 * 1024)
#define PIECE_BYTES_MIN 4096
#define PIECES_BYTES (4 * 1024 * 1024)

static bool
parse_name (const char *name, uint8_t out[static 32])
{
  return strlen (name) == NAME_CHARS && tess_base32_decode (name, NAME_CHARS, out, 32);
}

/* -- PUT --------------------------------------------------------------------------------------------------------------------- */

static const char put_key[] = "tess-relay-put";

/* Lives as long as its message. */
typedef struct {
  uint8_t id[TESS_BLOB_ID_SIZE];
  int64_t size;
  int64_t began;
  TessRelayBlobUpload *upload;
} Put;

/* A question to the store about the ticket: may it upload so much (before), and spend it (after). */
typedef struct {
  TessRelayJob job;
  TessRelayServer *server;
  SoupServerMessage *message;
  Put *put;
  bool spend;
  int64_t now;
  uint8_t account[32]; /* whose ticket it is */
} Asking;

static void
put_free (gpointer data)
{
  Put *self = data;

  g_clear_pointer (&self->upload, tess_relay_blob_upload_free);
  g_free (self);
}

static void
refuse_put (SoupServerMessage *message, TessRelayResult result)
{
  if (result == TESS_RELAY_NOT_FOUND)
    tess_relay_http_refuse (message, TESS_CODE_NOT_FOUND, "there is no such ticket", 0);
  else if (result == TESS_RELAY_FULL)
    tess_relay_http_refuse (message, TESS_CODE_TOO_LARGE, "this account has uploaded as much as the relay keeps for it", 0);
  else
    tess_relay_http_refuse (message, TESS_CODE_BUSY, "the relay cannot take this now", TESS_RELAY_BUSY_RETRY_MS);
}

static void
on_piece (SoupServerMessage *message, GBytes *piece, gpointer data)
{
  Put *put = data;
  size_t size;
  const void *bytes = g_bytes_get_data (piece, &size);

  if (put->upload == NULL)
    return;
  tess_relay_listener_progress (message, size);
  if (!tess_relay_blob_upload_write (put->upload, bytes, size))
    {
      g_clear_pointer (&put->upload, tess_relay_blob_upload_free);
      refuse_put (message, TESS_RELAY_BUSY);
    }
}

static TessRelayResult
asking_work (TessRelayJob *job, TessRelayStore *store)
{
  Asking *self = (Asking *) job;
  const Put *put = self->put;
  int64_t quota = tess_relay_server_quota (self->server);

  return self->spend ? tess_relay_store_spend (store, put->id, put->size, quota, put->began, self->now)
                     : tess_relay_store_ticket (store, put->id, put->size, quota, self->now, self->account);
}

static void
asking_done (TessRelayJob *job, TessRelayResult result)
{
  Asking *self = (Asking *) job;
  Put *put = self->put;

  if (result == TESS_RELAY_OK && !self->spend)
    {
      TessRelayBlobOwner owner = { .account = tess_relay_account_key (0, self->account),
                                   .address = tess_relay_listener_key (self->message) };

      if (self->server->blobs != NULL)
        put->upload = tess_relay_blob_upload_new (self->server->blobs, put->id, (uint64_t) put->size, owner);
      result = put->upload != NULL ? TESS_RELAY_OK : TESS_RELAY_BUSY;
    }
  else if (result == TESS_RELAY_OK)
    {
      g_autofree char *name = tess_base32_encode (put->id, sizeof put->id);

      tess_relay_blob_upload_keep (put->upload);
      self->server->counters.uploads++;
      self->server->counters.upload_bytes += (uint64_t) put->size;
      tess_relay_http_answer (self->message, tess_blob_answer_build (name));
    }
  if (result != TESS_RELAY_OK)
    refuse_put (self->message, result);
  if (self->spend)
    {
      g_clear_pointer (&put->upload, tess_relay_blob_upload_free);
      tess_relay_listener_wait (self->message, false);
    }
  soup_server_message_unpause (self->message);
  g_object_unref (self->message);
  g_free (self);
}

/* The message is paused until the answer comes. */
static void
ask (TessRelayServer *server, SoupServerMessage *message, Put *put, bool spend)
{
  Asking *self = g_new0 (Asking, 1);

  self->job = (TessRelayJob) { .work = asking_work, .done = asking_done, .writes = spend, .bytes = sizeof *self,
                               .address = tess_relay_listener_key (message) };
  self->server = server;
  self->message = g_object_ref (message);
  self->put = put;
  self->spend = spend;
  self->now = tess_clock_now ();
  /* What has come whole is kept, even when the relay is about to stop. */
  if ((server->stopping && !spend) || !tess_relay_writer_submit (server->writer, &self->job))
    asking_done (&self->job, TESS_RELAY_BUSY);
}

/* Of the head: nothing is read before the ticket is known to be good. */
void
tess_relay_blob_begin (TessRelayServer *server, SoupServerMessage *message, const char *name)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  int64_t size = soup_message_headers_get_content_length (headers);
  uint32_t wait = tess_relay_throttle_take (server->requests, tess_relay_listener_key (message), 1, g_get_monotonic_time ());
  uint8_t ticket[TESS_TICKET_SIZE];
  Put *put;

  if (wait > 0)
    tess_relay_http_refuse (message, TESS_CODE_SLOW_DOWN, "too many requests", wait);
  else if (!parse_name (name, ticket) || g_uri_get_query (soup_server_message_get_uri (message)) != NULL)
    tess_relay_http_refuse (message, TESS_CODE_NOT_FOUND, "there is no such ticket", 0);
  else if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH || size <= 0)
    tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "an upload says its length, which is not 0", 0);
  else if (size > (int64_t) server->config->blob_megabytes * 1024 * 1024)
    tess_relay_http_refuse (message, TESS_CODE_TOO_LARGE, "this is larger than what the relay keeps", 0);
  else
    {
      put = g_new0 (Put, 1);
      tess_relay_blob_id (ticket, put->id);
      put->size = size;
      put->began = tess_clock_now ();
      g_object_set_data_full (G_OBJECT (message), put_key, put, put_free);
      g_signal_connect (message, "got-chunk", G_CALLBACK (on_piece), put);
      soup_server_message_pause (message);
      ask (server, message, put, false);
    }
}

typedef struct {
  TessRelayServer *server;
  SoupServerMessage *message;
  Put *put;
} Finishing;

static void
on_written (bool good, void *data)
{
  g_autofree Finishing *self = data;
  g_autoptr (SoupServerMessage) message = self->message;

  if (good)
    {
      ask (self->server, message, self->put, true);
      return;
    }
  g_clear_pointer (&self->put->upload, tess_relay_blob_upload_free);
  refuse_put (message, TESS_RELAY_BUSY);
  tess_relay_listener_wait (message, false);
  soup_server_message_unpause (message);
}

void
tess_relay_blob_end (TessRelayServer *server, SoupServerMessage *message)
{
  Put *put = g_object_get_data (G_OBJECT (message), put_key);
  Finishing *finishing;

  if (put == NULL || put->upload == NULL)
    {
      refuse_put (message, TESS_RELAY_BUSY);
      return;
    }
  finishing = g_new0 (Finishing, 1);
  *finishing = (Finishing) { .server = server, .message = g_object_ref (message), .put = put };
  soup_server_message_pause (message);
  tess_relay_listener_wait (message, true);
  tess_relay_blob_upload_finish (put->upload, on_written, finishing);
}

/* -- GET and HEAD ------------------------------------------------------------------------------------------------------------ */

static const char get_key[] = "tess-relay-get";

/* Lives as long as its message. */
typedef struct {
  TessRelayServer *server;
  SoupServerMessage *message;
  int fd;
  uint64_t at;
  uint64_t left;
} Get;

/* Of these there are so many. */
static unsigned readers;

static void
get_free (gpointer data)
{
  Get *self = data;

  readers--;
  close (self->fd);
  g_free (self);
}

/* A disk that fails now: nothing more moves, so the connection ends soon; the reader asks for the rest. */
static void
on_piece_read (GBytes *piece, void *data)
{
  Get *self = data;
  g_autoptr (SoupServerMessage) message = self->message;

  if (piece == NULL)
    return;
  self->at += g_bytes_get_size (piece);
  self->left -= g_bytes_get_size (piece);
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), piece);
  soup_server_message_unpause (message);
}

/* Has the next piece read; the one before has been written, and libsoup pauses a message that has no other. However fast its
 * reader is, others have their turn between two pieces. */
static void
send_piece (SoupServerMessage *message, gpointer data)
{
  Get *self = data;
  size_t wanted = (size_t) MIN (self->left, CLAMP (PIECES_BYTES / readers, PIECE_BYTES_MIN, PIECE_BYTES_MAX));

  if (wanted == 0)
    {
      soup_message_body_complete (soup_server_message_get_response_body (message));
      return;
    }
  /* As the relay stops, the last pieces come when they are gone. */
  if (self->server->blobs == NULL)
    return;
  g_object_ref (message);
  tess_relay_blobs_read (self->server->blobs, self->fd, self->at, wanted, on_piece_read, self);
}

static void
on_wrote_data (SoupServerMessage *message, guint size, gpointer data)
{
  tess_relay_listener_progress (message, size);
}

typedef enum { RANGE_NONE, RANGE_GOOD, RANGE_OUTSIDE } Range;

/* One range of bytes; several, and what is no range, count as none, as HTTP allows. */
static Range
parse_range (const char *text, uint64_t size, uint64_t *start_out, uint64_t *end_out)
{
  g_auto (GStrv) ends = NULL;
  guint64 start = 0, end = UINT64_MAX;

  if (text == NULL || !g_str_has_prefix (text, "bytes="))
    return RANGE_NONE;
  ends = g_strsplit (text + strlen ("bytes="), "-", 3);
  if (g_strv_length (ends) != 2 || (ends[0][0] == '\0' && ends[1][0] == '\0'))
    return RANGE_NONE;
  if ((ends[0][0] != '\0' && !g_ascii_string_to_unsigned (ends[0], 10, 0, INT64_MAX, &start, NULL))
      || (ends[1][0] != '\0' && !g_ascii_string_to_unsigned (ends[1], 10, 0, INT64_MAX, &end, NULL)))
    return RANGE_NONE;
  if (ends[0][0] == '\0')
    {
      if (end == 0)
        return RANGE_OUTSIDE;
      start = size - MIN (size, end);
      end = UINT64_MAX;
    }
  if (end < start)
    return RANGE_NONE;
  *start_out = start;
  *end_out = MIN (end, size - 1);
  return start < size ? RANGE_GOOD : RANGE_OUTSIDE;
}

/* Answers with bytes @start to @end of the @size in @fd, which it takes. */
static void
send_blob (TessRelayServer *server, SoupServerMessage *message, int fd, uint64_t size, uint64_t start, uint64_t end, bool part)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  Get *self = g_new0 (Get, 1);

  readers++;
  *self = (Get) { .server = server, .message = message, .fd = fd, .at = start, .left = end - start + 1 };
  g_object_set_data_full (G_OBJECT (message), get_key, self, get_free);
  tess_relay_http_headers (message);
  soup_message_headers_replace (headers, "Content-Type", "application/octet-stream");
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  soup_message_headers_set_content_length (headers, (goffset) self->left);
  if (part)
    soup_message_headers_set_content_range (headers, (goffset) start, (goffset) end, (goffset) size);
  soup_server_message_set_status (message, part ? 206 : 200, NULL);
  if (soup_server_message_get_method (message) == SOUP_METHOD_HEAD)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (send_piece), self);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (on_wrote_data), NULL);
  soup_server_message_pause (message);
  send_piece (message, self);
}

void
tess_relay_blob_serve (TessRelayServer *server, SoupServerMessage *message, const char *name)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *text = g_strdup (soup_message_headers_get_one (headers, "Range"));
  g_autofree char *whole = NULL;
  uint64_t size, start = 0, end;
  uint8_t id[TESS_BLOB_ID_SIZE];
  TessRelayResult result = TESS_RELAY_NOT_FOUND;
  Range range;
  int fd;

  if (parse_name (name, id) && g_uri_get_query (soup_server_message_get_uri (message)) == NULL)
    result = tess_relay_blobs_open (server->blobs, id, &fd, &size);
  if (result != TESS_RELAY_OK)
    {
      if (result == TESS_RELAY_NOT_FOUND)
        tess_relay_http_refuse (message, TESS_CODE_NOT_FOUND, "there is no such blob", 0);
      else
        tess_relay_http_refuse (message, TESS_CODE_BUSY, "the relay cannot read this now", TESS_RELAY_BUSY_RETRY_MS);
      return;
    }
  end = size - 1;
  range = parse_range (text, size, &start, &end);
  if (range != RANGE_OUTSIDE)
    {
      send_blob (server, message, fd, size, start, end, range == RANGE_GOOD);
      return;
    }
  close (fd);
  tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "the range lies outside of the blob", 0);
  whole = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Content-Range", whole);
  soup_server_message_set_status (message, 416, NULL);
}
