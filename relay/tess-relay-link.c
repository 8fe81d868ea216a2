/* Links over channels, plain and TLS. One epoll descriptor watches all their sockets and is one source of the main
 * loop, so that what an idle link costs is memory alone. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-links.h"

#include "relay/tess-relay-channel.h"
#include "relay/tess-relay-send-queue.h"
#include "relay/tess-relay-wheel.h"
#include "relay/tess-relay-ws.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define READ_BYTES 65536
/* Messages and control frames of one link in one go, as many as one read brings of small envelopes: of the smallest frames it
 * brings thousands, and others would wait for them. And the time after which no other is begun: some are dear. */
#define EVENTS_A_GO 16
#define GO_MICROSECONDS 200
/* Links that are looked at in one turn, so many at once, and the time after which no others are: epoll brings them in the next
 * turn. As much time have those that had more than one go takes, all together. */
#define EVENTS_MAX 64
#define EVENTS_AT_ONCE 16
#define TURN_MICROSECONDS 5000
/* What is thrown away from a peer that goes on sending after it was told to close. */
#define DRAIN_BYTES_MAX (4 * 1024 * 1024)

struct _TessRelayLinks {
  int64_t stall; /* µs, as all times here: 32 bits would not hold an hour and a bit */
  int64_t ping;
  GQueue links;
  GQueue holders; /* those that hold memory for their peers */
  size_t held;    /* by all of them together, and the bound on that; 0: none */
  size_t held_max;
  GQueue dirty; /* have something to flush, resume or finish at the end of this turn */
  GQueue going; /* had more input than one go takes: each goes on when it is its turn, */
  unsigned due; /* these many of them in this one; the others were read in it */
  int epoll;
  GSource *polling;
  GSource *flush;
  GSource *tick;
  TessRelayWheel wheel;
  void (*ended) (uint64_t address, void *data);
  void *ended_data;
  uint8_t buffer[READ_BYTES];
};

struct _TessRelayLink {
  TessRelayLinks *hub;
  GList in_links;
  GList in_dirty;
  GList in_going;
  GList in_holders;
  TessRelayTimer timer; /* comes when check_time() may have something to do */
  TessRelayChannel channel;
  uint32_t watched; /* what epoll waits for: EPOLLIN, EPOLLOUT */
  TessRelayWs ws;
  GByteArray *pending; /* input that came while held */
  TessRelaySendQueue queue;
  size_t held;         /* bytes of memory for its peer's sake, as last counted, */
  int64_t held_since;  /* and since when it was not 0 */
  const TessRelayLinkEvents *events;
  void *owner;
  uint64_t address;
  int64_t heard;       /* monotonic µs: last input, */
  int64_t pinged;      /* when it was asked since whether it lives; 0: it was not, */
  int64_t progress;    /* last time that the queue moved or was empty, */
  int64_t deadline;    /* 0: none */
  int64_t closing_at;  /* 0: open */
  unsigned deadline_code;
  unsigned holds;
  size_t drained;
  bool is_dirty;
  bool is_going;
  bool slowed;         /* a hold of our own: the peer does not read */
  bool deaf;           /* input is thrown away: the codec broke, or the peer closed */
  bool shut;           /* the close frame is out and our direction closed */
  bool peer_closed;
  bool dead;           /* finish at the next turn */
};

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Has the link looked after at the end of this turn. */
static void
mark_dirty (TessRelayLink *self)
{
  if (self->is_dirty)
    return;
  self->is_dirty = true;
  g_queue_push_tail_link (&self->hub->dirty, &self->in_dirty);
  g_source_set_ready_time (self->hub->flush, 0);
}

/* Has the rest of its input taken when it is its turn. */
static void
go_on_later (TessRelayLink *self)
{
  if (self->is_going)
    return;
  self->is_going = true;
  g_queue_push_tail_link (&self->hub->going, &self->in_going);
  g_source_set_ready_time (self->hub->flush, 0);
}

/* Changes what epoll waits for. A link that waits for nothing is taken out: a peer that hung up would be announced for ever. */
static void
watch (TessRelayLink *self, uint32_t watched)
{
  struct epoll_event event = { .events = watched, .data.ptr = self };
  int operation = watched == 0 ? EPOLL_CTL_DEL : self->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

  if (watched == self->watched)
    return;
  self->watched = watched;
  if (epoll_ctl (self->hub->epoll, operation, self->channel.fd, &event) != 0)
    {
      self->watched = 0;
      self->dead = true;
      mark_dirty (self);
    }
}

static void
listen_for_input (TessRelayLink *self)
{
  if (!self->dead)
    watch (self, self->watched | EPOLLIN);
}

/* When check_time() has something to do unless the link moves before. */
static int64_t
next_check (const TessRelayLink *self)
{
  int64_t due = (self->pinged != 0 ? self->pinged : self->heard) + self->hub->ping;

  if (self->closing_at != 0)
    return self->closing_at + TESS_RELAY_CLOSE_SECONDS * G_USEC_PER_SEC;
  if (self->queue.bytes > 0)
    due = MIN (due, self->progress + self->hub->stall);
  return self->deadline != 0 ? MIN (due, self->deadline) : due;
}

/* To be called when next_check() may have come nearer; that it went further is noticed when the timer comes. */
static void
schedule (TessRelayLink *self)
{
  tess_relay_wheel_set (&self->hub->wheel, &self->timer, self, next_check (self) / G_USEC_PER_SEC + 1);
}

/* Notes how much memory it holds for its peer's sake. */
static void
set_held (TessRelayLink *self, size_t held)
{
  TessRelayLinks *hub = self->hub;

  if (held > 0 && self->held == 0)
    {
      self->held_since = g_get_monotonic_time ();
      g_queue_push_tail_link (&hub->holders, &self->in_holders);
    }
  else if (held == 0 && self->held > 0)
    g_queue_unlink (&hub->holders, &self->in_holders);
  hub->held = hub->held - self->held + held;
  self->held = held;
}

/* The end: tells the owner and frees. Never from within a call of the owner's. */
static void
finish (TessRelayLink *self)
{
  g_queue_unlink (&self->hub->links, &self->in_links);
  if (self->is_dirty)
    g_queue_unlink (&self->hub->dirty, &self->in_dirty);
  if (self->is_going)
    g_queue_unlink (&self->hub->going, &self->in_going);
  tess_relay_wheel_unset (&self->hub->wheel, &self->timer);
  /* Not watch (), which would mark what is about to be freed. Closing a descriptor takes it out of epoll in any case. */
  if (self->watched != 0)
    epoll_ctl (self->hub->epoll, EPOLL_CTL_DEL, self->channel.fd, NULL);
  tess_relay_channel_close (&self->channel);
  if (self->events != NULL)
    self->events->closed (self, self->owner);
  if (self->hub->ended != NULL)
    self->hub->ended (self->address, self->hub->ended_data);
  set_held (self, 0);
  tess_relay_send_queue_clear (&self->queue);
  tess_relay_ws_clear (&self->ws);
  g_clear_pointer (&self->pending, g_byte_array_unref);
  g_free (self);
}

static void
die (TessRelayLink *self)
{
  self->dead = true;
  mark_dirty (self);
}

/* -- Memory -------------------------------------------------------------------------------------------------------------- */

/* Ends links until the rest keeps within the bound: those that hold much and have held it for long. Whoever uses the relay as it
 * is meant holds little, or not for long. */
static void
relieve (TessRelayLinks *self, int64_t now)
{
  while (self->held > self->held_max)
    {
      TessRelayLink *worst = NULL;
      double most = 0;

      for (GList *link = self->holders.head; link != NULL; link = link->next)
        {
          TessRelayLink *one = link->data;
          double weight = one->dead ? 0 : (double) one->held * (double) (now - one->held_since + G_USEC_PER_SEC);

          if (weight > most)
            {
              most = weight;
              worst = one;
            }
        }
      if (worst == NULL)
        return;
      set_held (worst, 0);
      die (worst);
    }
}

/* Counts what @self holds: a message that has not come whole, input put aside, frames that wait. */
static void
count_held (TessRelayLink *self)
{
  TessRelayLinks *hub = self->hub;
  size_t held = tess_relay_send_queue_held (&self->queue) + (self->pending != NULL ? self->pending->len : 0)
                + (self->ws.message != NULL ? self->ws.message->len : 0);

  if (self->dead || held == self->held)
    return;
  set_held (self, held);
  if (hub->held_max > 0 && hub->held > hub->held_max)
    relieve (hub, g_get_monotonic_time ());
}

/* -- Output -------------------------------------------------------------------------------------------------------------- */

/* Queues a frame of @opcode: @head (short) and @body (taken, or NULL). */
static void
push (TessRelayLink *self, uint8_t opcode, const uint8_t *head, size_t head_size, GBytes *body)
{
  bool first = self->queue.bytes == 0;

  if (first)
    self->progress = g_get_monotonic_time ();
  tess_relay_send_queue_push (&self->queue, opcode, head, head_size, body);
  if (first)
    schedule (self);
  mark_dirty (self);
}

static void
push_close (TessRelayLink *self, unsigned code, const char *reason)
{
  uint8_t payload[32] = { (uint8_t) (code >> 8), (uint8_t) code };
  size_t size = reason != NULL ? MIN (strlen (reason), sizeof payload - 2) : 0;

  self->closing_at = g_get_monotonic_time ();
  if (size > 0)
    memcpy (payload + 2, reason, size);
  push (self, TESS_RELAY_WS_CLOSE, payload, code == 1005 ? 0 : 2 + size, NULL);
  schedule (self);
}

static void
too_slow (TessRelayLink *self)
{
  if (self->closing_at != 0)
    return;
  tess_relay_send_queue_drop (&self->queue);
  push_close (self, TESS_RELAY_CLOSE_TOO_SLOW, "too slow");
}

/* After our close frame is out: closes our direction, so that the peer gets the frame even while it still sends. */
static void
shut (TessRelayLink *self)
{
  self->shut = true;
  self->deaf = true;
  if (self->peer_closed || !tess_relay_channel_shut (&self->channel))
    die (self);
  else
    listen_for_input (self);
}

/* Writes what the peer takes; TRUE when it would take no more. */
static bool
write_some (TessRelayLink *self)
{
  while (self->queue.bytes > 0)
    {
      GOutputVector vectors[TESS_RELAY_SEND_VECTORS];
      unsigned count = tess_relay_send_queue_gather (&self->queue, vectors);
      ssize_t written = tess_relay_channel_write (&self->channel, vectors, count);

      if (written == 0)
        return true;
      if (written < 0)
        {
          die (self);
          return false;
        }
      self->progress = g_get_monotonic_time ();
      tess_relay_send_queue_advance (&self->queue, (size_t) written);
    }
  return false;
}

static void
flush (TessRelayLink *self)
{
  bool blocked = !self->dead && !self->shut && write_some (self);

  watch (self, blocked ? self->watched | EPOLLOUT : self->watched & ~(uint32_t) EPOLLOUT);
  if (self->slowed && tess_relay_send_queue_held (&self->queue) < TESS_RELAY_SEND_QUEUE_LOW)
    {
      self->slowed = false;
      tess_relay_link_release (self);
    }
  if (!self->dead && !self->shut && self->closing_at != 0 && self->queue.bytes == 0)
    shut (self);
  count_held (self);
}

/* -- Input --------------------------------------------------------------------------------------------------------------- */

static void
on_control (TessRelayLink *self)
{
  const TessRelayWs *ws = &self->ws;

  if (ws->event_opcode == TESS_RELAY_WS_CLOSE)
    {
      unsigned code = tess_relay_ws_close_code (ws->data, ws->size);

      self->peer_closed = self->deaf = true;
      if (self->closing_at == 0)
        push_close (self, code, NULL);
    }
  else if (ws->event_opcode == TESS_RELAY_WS_PING && self->closing_at == 0)
    {
      /* Answers to pings wait in the same bounded queue as everything else. */
      if (tess_relay_send_queue_held (&self->queue) > TESS_RELAY_SEND_QUEUE_HIGH)
        too_slow (self);
      else
        push (self, TESS_RELAY_WS_PONG, NULL, 0, ws->size > 0 ? g_bytes_new (ws->data, ws->size) : NULL);
    }
}

/* What is too much for now is put aside. */
static void
take_input (TessRelayLink *self, const uint8_t *data, size_t size)
{
  int64_t until = g_get_monotonic_time () + GO_MICROSECONDS;

  for (unsigned left = EVENTS_A_GO; !self->dead && !self->deaf; left--)
    {
      TessRelayWsEvent event;

      if (size > 0 && (self->holds > 0 || left == 0 || (left < EVENTS_A_GO && g_get_monotonic_time () > until)))
        {
          if (self->pending == NULL)
            self->pending = g_byte_array_new ();
          g_byte_array_append (self->pending, data, (guint) size);
          if (self->holds == 0)
            go_on_later (self);
          return;
        }
      event = tess_relay_ws_feed (&self->ws, &data, &size);
      if (event == TESS_RELAY_WS_MORE)
        return;
      if (event == TESS_RELAY_WS_CONTROL)
        on_control (self);
      else if (event == TESS_RELAY_WS_BROKEN)
        {
          self->deaf = true;
          if (self->closing_at == 0)
            push_close (self, self->ws.code, NULL);
        }
      else if (self->closing_at == 0 && self->events != NULL)
        self->events->message (self, self->ws.event_opcode == TESS_RELAY_WS_TEXT, self->ws.data, self->ws.size, self->owner);
      if (!self->slowed && tess_relay_send_queue_held (&self->queue) > TESS_RELAY_SEND_QUEUE_HIGH)
        {
          self->slowed = true;
          tess_relay_link_hold (self);
        }
    }
}

/* One read a turn: no link keeps the others waiting. */
static void
read_some (TessRelayLink *self)
{
  ssize_t count = tess_relay_channel_read (&self->channel, self->hub->buffer, READ_BYTES);

  if (count == 0)
    return;
  if (count < 0)
    {
      die (self);
      return;
    }
  self->heard = g_get_monotonic_time ();
  self->pinged = 0;
  if (self->deaf && (self->drained += (size_t) count) > DRAIN_BYTES_MAX)
    die (self);
  take_input (self, self->hub->buffer, (size_t) count);
  count_held (self);
}

static bool
can_read (const TessRelayLink *self)
{
  return self->deaf || (self->holds == 0 && self->pending == NULL);
}

/* Reads once. What TLS has read ahead epoll will not announce: the link comes again at the end of the turn. */
static void
on_readable (TessRelayLink *self)
{
  /* Input that was put aside comes first: resume() takes it. */
  if (can_read (self))
    read_some (self);
  if (self->dead || !can_read (self))
    watch (self, self->watched & ~(uint32_t) EPOLLIN);
  else if (tess_relay_channel_is_ahead (&self->channel))
    {
      watch (self, self->watched & ~(uint32_t) EPOLLIN);
      mark_dirty (self);
    }
  else
    listen_for_input (self);
}

/* Goes on after a hold, or starts: first with what came in before there was a source. */
static void
resume (TessRelayLink *self)
{
  if (self->holds > 0 || self->dead || self->is_going || (self->watched & EPOLLIN) != 0)
    return;
  if (self->pending != NULL)
    {
      g_autoptr (GByteArray) pending = g_steal_pointer (&self->pending);

      take_input (self, pending->data, pending->len);
    }
  if (!self->dead)
    on_readable (self);
}

/* -- The hub ------------------------------------------------------------------------------------------------------------- */

/* Those that have waited longest for it take more of their input. */
static void
go_on (TessRelayLinks *self)
{
  int64_t until = g_get_monotonic_time () + TURN_MICROSECONDS;

  for (; self->due > 0 && self->going.length > 0 && g_get_monotonic_time () < until; self->due--)
    {
      TessRelayLink *link = g_queue_pop_head_link (&self->going)->data;

      link->is_going = false;
      resume (link);
      mark_dirty (link);
    }
}

static gboolean
on_flush (gpointer data)
{
  TessRelayLinks *self = data;
  unsigned count;

  g_source_set_ready_time (self->flush, -1);
  go_on (self);
  /* What becomes dirty meanwhile waits for the next turn. */
  count = self->dirty.length;
  for (; count > 0 && self->dirty.length > 0; count--)
    {
      TessRelayLink *link = g_queue_pop_head_link (&self->dirty)->data;

      link->is_dirty = false;
      resume (link);
      flush (link);
      if (link->dead)
        finish (link);
    }
  self->due = self->going.length;
  if (self->dirty.length > 0 || self->due > 0)
    g_source_set_ready_time (self->flush, 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_polled (int fd, GIOCondition condition, gpointer data)
{
  TessRelayLinks *self = data;
  struct epoll_event events[EVENTS_AT_ONCE];
  int64_t until = g_get_monotonic_time () + TURN_MICROSECONDS;
  int count = EVENTS_AT_ONCE;

  /* Links end in on_flush() alone: none of these goes away meanwhile. */
  for (int left = EVENTS_MAX; left > 0 && count == EVENTS_AT_ONCE && g_get_monotonic_time () < until; left -= count)
    {
      count = epoll_wait (self->epoll, events, EVENTS_AT_ONCE, 0);
      for (int i = 0; i < count; i++)
        {
          TessRelayLink *link = events[i].data.ptr;

          if ((link->watched & EPOLLOUT) != 0)
            mark_dirty (link);
          if ((link->watched & EPOLLIN) != 0 && (events[i].events & ~(uint32_t) EPOLLOUT) != 0)
            on_readable (link);
        }
    }
  return G_SOURCE_CONTINUE;
}

static void
check_time (TessRelayLink *self, int64_t now)
{
  const TessRelayLinks *hub = self->hub;

  if (self->closing_at != 0)
    {
      if (now - self->closing_at > TESS_RELAY_CLOSE_SECONDS * G_USEC_PER_SEC)
        die (self);
    }
  else if (self->queue.bytes > 0 && now - self->progress > hub->stall)
    too_slow (self);
  else if (self->deadline != 0 && now > self->deadline)
    tess_relay_link_close (self, self->deadline_code, "timed out");
  else if (self->pinged != 0 && now - self->pinged > hub->ping && self->holds == 0)
    die (self);
  /* Counted from the ping: a relay that stood still has heard nobody for long, and asks all before it gives any of them up. */
  else if (self->pinged == 0 && now - self->heard > hub->ping)
    {
      self->pinged = now;
      push (self, TESS_RELAY_WS_PING, NULL, 0, NULL);
    }
}

static gboolean
on_tick (gpointer data)
{
  TessRelayLinks *self = data;
  int64_t now = g_get_monotonic_time ();
  TessRelayLink *link;

  /* A link that is set again waits for a later second at least. */
  while ((link = tess_relay_wheel_take (&self->wheel, now / G_USEC_PER_SEC)) != NULL)
    {
      check_time (link, now);
      schedule (link);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_ready (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

TessRelayLinks *
tess_relay_links_new (unsigned stall_seconds, unsigned ping_seconds)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_ready };
  TessRelayLinks *self = g_new0 (TessRelayLinks, 1);

  self->stall = (int64_t) stall_seconds * G_USEC_PER_SEC;
  self->ping = (int64_t) ping_seconds * G_USEC_PER_SEC;
  tess_relay_wheel_init (&self->wheel, g_get_monotonic_time () / G_USEC_PER_SEC);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  g_assert (self->epoll >= 0);
  self->polling = g_unix_fd_source_new (self->epoll, G_IO_IN);
  g_source_set_callback (self->polling, G_SOURCE_FUNC (on_polled), self, NULL);
  g_source_attach (self->polling, NULL);
  self->flush = g_source_new (&funcs, sizeof (GSource));
  g_source_set_static_name (self->flush, "relay flush");
  g_source_set_callback (self->flush, on_flush, self, NULL);
  g_source_attach (self->flush, NULL);
  self->tick = g_timeout_source_new_seconds (1);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, NULL);
  return self;
}

void
tess_relay_links_on_end (TessRelayLinks *self, void (*ended) (uint64_t address, void *data), void *data)
{
  self->ended = ended;
  self->ended_data = data;
}

void
tess_relay_links_free (TessRelayLinks *self)
{
  while (self->links.head != NULL)
    finish (self->links.head->data);
  clear_source (&self->polling);
  close (self->epoll);
  clear_source (&self->flush);
  clear_source (&self->tick);
  g_free (self);
}

TessRelayLink *
tess_relay_links_adopt (TessRelayLinks *self, GIOStream *stream, GSocket *socket, bool plain, uint64_t address,
                        size_t max_text, size_t max_binary)
{
  TessRelayChannel channel;
  GByteArray *ahead;
  TessRelayLink *link;

  if (!tess_relay_channel_open (&channel, stream, socket, plain, &ahead))
    return NULL;
  link = g_new0 (TessRelayLink, 1);
  link->hub = self;
  link->channel = channel;
  link->pending = ahead;
  link->address = address;
  link->heard = link->progress = g_get_monotonic_time ();
  link->in_links.data = link->in_dirty.data = link->in_going.data = link->in_holders.data = link;
  tess_relay_ws_init (&link->ws, max_text, max_binary);
  g_queue_push_tail_link (&self->links, &link->in_links);
  schedule (link);
  /* Something may have been read ahead with the handshake: the first turn looks, before epoll is asked. */
  mark_dirty (link);
  return link;
}

void
tess_relay_links_set_bytes_max (TessRelayLinks *self, size_t bytes)
{
  self->held_max = bytes;
}

void
tess_relay_links_close_all (TessRelayLinks *self, unsigned code, const char *reason)
{
  for (GList *link = self->links.head; link != NULL; link = link->next)
    tess_relay_link_close (link->data, code, reason);
}

unsigned
tess_relay_links_count (TessRelayLinks *self)
{
  return self->links.length;
}

/* -- The interface ------------------------------------------------------------------------------------------------------- */

void
tess_relay_link_set_owner (TessRelayLink *self, const TessRelayLinkEvents *events, void *owner)
{
  self->events = events;
  self->owner = owner;
}

/* FALSE when nothing more can be sent. */
static bool
room_for (TessRelayLink *self, size_t size)
{
  if (self->closing_at != 0 || self->dead)
    return false;
  if (tess_relay_send_queue_held (&self->queue) + size <= TESS_RELAY_SEND_QUEUE_MAX)
    return true;
  too_slow (self);
  return false;
}

void
tess_relay_link_send (TessRelayLink *self, bool text, const uint8_t *data, size_t size)
{
  uint8_t opcode = text ? TESS_RELAY_WS_TEXT : TESS_RELAY_WS_BINARY;

  if (!room_for (self, size))
    return;
  if (size <= TESS_RELAY_SEND_HEAD_MAX)
    push (self, opcode, data, size, NULL);
  else
    push (self, opcode, NULL, 0, g_bytes_new (data, size));
}

void
tess_relay_link_send_parts (TessRelayLink *self, const uint8_t *head, size_t head_size, GBytes *body)
{
  if (room_for (self, head_size + g_bytes_get_size (body)))
    push (self, TESS_RELAY_WS_BINARY, head, head_size, g_bytes_ref (body));
}

void
tess_relay_link_close (TessRelayLink *self, unsigned code, const char *reason)
{
  if (self->closing_at == 0 && !self->dead)
    push_close (self, code, reason);
}

void
tess_relay_link_hold (TessRelayLink *self)
{
  self->holds++;
}

void
tess_relay_link_release (TessRelayLink *self)
{
  g_assert (self->holds > 0);
  self->holds--;
  if (self->holds == 0)
    mark_dirty (self);
}

void
tess_relay_link_set_deadline (TessRelayLink *self, unsigned seconds, unsigned code)
{
  self->deadline = seconds != 0 ? g_get_monotonic_time () + (int64_t) seconds * G_USEC_PER_SEC : 0;
  self->deadline_code = code;
  schedule (self);
}

uint64_t
tess_relay_link_address (TessRelayLink *self)
{
  return self->address;
}
