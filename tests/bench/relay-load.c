/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-load-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define SCRATCH (256 * 1024)
#define CONNECTING_MAX 64 /* handshakes under way */
#define CHURNING_MAX 8
#define A_SOURCE 20000
#define PATIENCE 60.0 /* seconds without anything that is waited for */
#define FLOOD 64

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

const uint8_t load_capability[16] = "of a measurement";

struct _Load {
  const Dialect *dialect;
  unsigned port;
  int epoll;
  uint64_t nonce;
  GPtrArray *mailboxes;  /* of LoadLink */
  GPtrArray *depositors; /* of Depositor */
  unsigned connecting;
  bool churning; /* a connection closes when it is ready */
  bool running;  /* deposits are made */
  LoadPlan plan;
  uint64_t sent, answered, stored, arrived;
  GArray *latencies; /* µs, float */
  uint8_t scratch[SCRATCH];
};

void
load_device (uint32_t number, uint8_t public_out[static 32], uint8_t secret_out[static 64])
{
  uint8_t seed[crypto_sign_SEEDBYTES] = "tessera-relay measured";

  memcpy (seed + 28, &number, 4);
  crypto_sign_seed_keypair (public_out, secret_out, seed);
}

static uint64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

unsigned
load_port (Load *load)
{
  return load->port;
}

uint64_t
load_nonce (Load *load)
{
  return load->nonce;
}

Load *
load_new (LoadDialect dialect, unsigned port)
{
  static const Dialect *const dialects[] = { &dialect_tessera, &dialect_bare, &dialect_mqtt };
  Load *self = g_new0 (Load, 1);

  self->dialect = dialects[dialect];
  self->port = port;
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->nonce = now_ns ();
  self->mailboxes = g_ptr_array_new ();
  self->depositors = g_ptr_array_new ();
  self->latencies = g_array_new (FALSE, FALSE, sizeof (float));
  return self;
}

static void
close_link (LoadLink *link)
{
  close (link->fd);
  ws_keep (&link->rest, NULL, 0);
  if (link->deposits)
    g_free (((Depositor *) link)->frame);
  g_free (link);
}

void
load_free (Load *self)
{
  for (guint i = 0; i < self->mailboxes->len; i++)
    close_link (g_ptr_array_index (self->mailboxes, i));
  for (guint i = 0; i < self->depositors->len; i++)
    close_link (g_ptr_array_index (self->depositors, i));
  g_ptr_array_unref (self->mailboxes);
  g_ptr_array_unref (self->depositors);
  g_array_unref (self->latencies);
  close (self->epoll);
  g_free (self);
}

/* -- Connecting ---------------------------------------------------------------------------------------------------------- */

static void
watch (Load *self, LoadLink *link, uint32_t events, int how)
{
  struct epoll_event event = { .events = events, .data.ptr = link };

  if (epoll_ctl (self->epoll, how, link->fd, &event) != 0)
    g_error ("epoll: %s", g_strerror (errno));
}

static void
connect_link (Load *self, LoadLink *link, unsigned source)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) self->port) };
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK + 1 + source) };
  int one = 1;

  to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  link->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (link->fd < 0)
    g_error ("socket: %s", g_strerror (errno));
  setsockopt (link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt (link->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind (link->fd, (struct sockaddr *) &from, sizeof from) != 0
      || (connect (link->fd, (struct sockaddr *) &to, sizeof to) != 0 && errno != EINPROGRESS))
    g_error ("connect: %s", g_strerror (errno));
  self->connecting++;
  watch (self, link, EPOLLOUT, EPOLL_CTL_ADD);
}

void
load_write (LoadLink *link, const void *data, size_t size)
{
  if (write (link->fd, data, size) != (ssize_t) size)
    g_error ("a client could not write: %s", g_strerror (errno));
}

void
load_ready (Load *load, LoadLink *link)
{
  link->stage = LINK_READY;
  load->connecting--;
}

/* -- Depositing ---------------------------------------------------------------------------------------------------------- */

/* FALSE: the socket takes no more for now. */
static bool
write_on (Load *self, Depositor *depositor)
{
  ssize_t done = write (depositor->link.fd, depositor->frame + depositor->written, depositor->size - depositor->written);

  if (done < 0 && errno != EAGAIN)
    g_error ("a depositor could not write: %s", g_strerror (errno));
  depositor->written += (size_t) MAX (done, 0);
  return depositor->written == depositor->size;
}

static void
deposit (Load *self, Depositor *depositor)
{
  self->dialect->compose (self, depositor, self->plan.offline ? self->plan.to : depositor->link.number, now_ns ());
  depositor->written = 0;
  depositor->in_flight++;
  self->sent++;
  if (!write_on (self, depositor))
    watch (self, &depositor->link, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static bool
may_deposit (Load *self, const Depositor *depositor)
{
  if (depositor->written < depositor->size || (self->plan.total > 0 && self->sent >= self->plan.total))
    return false;
  return depositor->owed > 0 || (self->running && depositor->in_flight < depositor->window);
}

static void
pump (Load *self, Depositor *depositor)
{
  while (may_deposit (self, depositor))
    {
      if (depositor->owed > 0)
        depositor->owed--;
      deposit (self, depositor);
    }
}

void
load_stored (Load *load, LoadLink *link)
{
  Depositor *depositor = (Depositor *) link;

  depositor->in_flight--;
  load->answered++;
  load->stored++;
}

/* Whoever floods may be told to wait, and goes on. */
void
load_refused (Load *load, LoadLink *link, unsigned status)
{
  Depositor *depositor = (Depositor *) link;

  if (link->number >= load->plan.flooding)
    g_error ("a deposit was answered %u", status);
  depositor->in_flight--;
  load->answered++;
}

void
load_arrived (Load *load, const uint8_t *envelope)
{
  uint64_t stamp;
  uint32_t sender;
  float took;

  load->arrived++;
  if (load->plan.window > 0)
    return;
  memcpy (&stamp, envelope + ENVELOPE_STAMP_AT, sizeof stamp);
  memcpy (&sender, envelope + ENVELOPE_SENDER_AT, sizeof sender);
  took = (float) ((double) (now_ns () - stamp) / 1000.0);
  if (sender >= load->plan.flooding)
    g_array_append_val (load->latencies, took);
}

/* -- Turning ------------------------------------------------------------------------------------------------------------- */

static void
receive (Load *self, LoadLink *link)
{
  bool empty;
  size_t size = ws_read (link->fd, &link->rest, self->scratch, SCRATCH, &empty), took;

  if (size == 0 && !empty)
    g_error ("what is measured closed the connection of %s %u in stage %d", link->deposits ? "depositor" : "mailbox",
             link->number, link->stage);
  took = size > 0 ? self->dialect->input (self, link, self->scratch, size) : 0;
  if (size > 0)
    ws_keep (&link->rest, self->scratch + took, size - took);
}

static void
handle (Load *self, LoadLink *link, uint32_t events)
{
  int error = 0;
  socklen_t size = sizeof error;

  if (link->stage == LINK_CONNECTING)
    {
      if (getsockopt (link->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        g_error ("connect: %s", g_strerror (error));
      link->stage = LINK_SHAKING;
      watch (self, link, EPOLLIN, EPOLL_CTL_MOD);
      self->dialect->hello (self, link);
      return;
    }
  if ((events & EPOLLOUT) != 0 && write_on (self, (Depositor *) link))
    watch (self, link, EPOLLIN, EPOLL_CTL_MOD);
  if ((events & ~EPOLLOUT) != 0)
    receive (self, link);
  if (self->churning && link->stage == LINK_READY)
    {
      g_ptr_array_remove_fast (link->deposits ? self->depositors : self->mailboxes, link);
      close_link (link);
    }
  else if (link->deposits)
    pump (self, (Depositor *) link);
}

/* Handles what comes within @wait ns. */
static void
turn (Load *self, uint64_t wait)
{
  struct epoll_event events[EVENTS];
  struct timespec limit = { .tv_sec = (time_t) (wait / 1000000000u), .tv_nsec = (long) (wait % 1000000000u) };
  int count = epoll_pwait2 (self->epoll, events, EVENTS, &limit, NULL);

  if (count < 0 && errno != EINTR)
    g_error ("epoll: %s", g_strerror (errno));
  for (int i = 0; i < count; i++)
    handle (self, events[i].data.ptr, events[i].events);
}

/* Turns until *@counter is @goal. */
static void
turn_until (Load *self, const uint64_t *counter, uint64_t goal)
{
  uint64_t last = *counter, since = now_ns ();

  while (*counter < goal)
    {
      turn (self, 100000000);
      if (*counter != last)
        {
          last = *counter;
          since = now_ns ();
        }
      else if ((double) (now_ns () - since) / 1e9 > PATIENCE)
        g_error ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " came, then nothing more", last, goal);
    }
}

static void
settle_connections (Load *self, unsigned most)
{
  uint64_t since = now_ns ();

  while (self->connecting > most)
    {
      turn (self, 100000000);
      if ((double) (now_ns () - since) / 1e9 > PATIENCE)
        g_error ("%u connections are not ready", self->connecting);
    }
}

static void
open_mailboxes (Load *self, uint32_t first, unsigned count, unsigned at_once)
{
  for (unsigned i = 0; i < count; i++)
    {
      LoadLink *link = g_new0 (LoadLink, 1);

      settle_connections (self, at_once - 1);
      link->number = first + i;
      g_ptr_array_add (self->mailboxes, link);
      connect_link (self, link, (first + i) / A_SOURCE);
    }
  settle_connections (self, 0);
}

void
load_connect (Load *self, uint32_t first, unsigned count)
{
  open_mailboxes (self, first, count, CONNECTING_MAX);
}

void
load_churn (Load *self, uint32_t first, unsigned count)
{
  self->churning = true;
  open_mailboxes (self, first, count, CHURNING_MAX);
  self->churning = false;
}

static void
open_depositor (Load *self, uint32_t number)
{
  Depositor *depositor = g_new0 (Depositor, 1);

  depositor->link.deposits = true;
  depositor->link.number = number;
  g_ptr_array_add (self->depositors, depositor);
  connect_link (self, &depositor->link, 0);
}

void
load_depositors (Load *self, unsigned count)
{
  while (self->depositors->len < count)
    open_depositor (self, self->depositors->len);
  settle_connections (self, 0);
}

void
load_churn_depositors (Load *self, unsigned count)
{
  self->churning = true;
  for (unsigned i = 0; i < count; i++)
    {
      settle_connections (self, CHURNING_MAX - 1);
      open_depositor (self, i);
    }
  settle_connections (self, 0);
  self->churning = false;
}

/* -- Runs ---------------------------------------------------------------------------------------------------------------- */

static int
compare (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

static double
percentile (GArray *values, double part)
{
  return values->len > 0 ? (double) g_array_index (values, float, (guint) ((double) (values->len - 1) * part)) : 0.0;
}

static void
run_open (Load *self, const LoadPlan *plan)
{
  uint64_t next = now_ns (), end = next + (uint64_t) (plan->seconds * 1e9), interval = (uint64_t) (1e9 / plan->rate), now;
  unsigned others = self->depositors->len - plan->flooding;

  for (unsigned turns = 0; (now = now_ns ()) < end;)
    {
      for (; next <= now; next += interval)
        {
          Depositor *depositor = g_ptr_array_index (self->depositors, plan->flooding + turns++ % others);

          depositor->owed++;
          pump (self, depositor);
        }
      turn (self, next > now ? next - now : 0);
    }
}

static void
run_closed (Load *self, const LoadPlan *plan)
{
  uint64_t end = now_ns () + (uint64_t) (plan->seconds * 1e9);

  if (plan->total > 0)
    turn_until (self, &self->sent, plan->total);
  else
    while (now_ns () < end)
      turn (self, 10000000);
}

void
load_run (Load *self, const LoadPlan *plan, LoadResult *out)
{
  uint64_t start = now_ns ();

  self->plan = *plan;
  self->sent = self->answered = self->stored = self->arrived = 0;
  g_array_set_size (self->latencies, 0);
  self->running = true;
  for (guint i = 0; i < self->depositors->len; i++)
    {
      Depositor *depositor = g_ptr_array_index (self->depositors, i);

      depositor->window = plan->window > 0 ? plan->window : i < plan->flooding ? FLOOD : 0;
      pump (self, depositor);
    }
  if (plan->window > 0)
    run_closed (self, plan);
  else
    run_open (self, plan);
  self->running = false;
  turn_until (self, &self->answered, self->sent);
  if (!plan->offline)
    turn_until (self, &self->arrived, self->stored);
  *out = (LoadResult) { .delivered = self->stored, .seconds = (double) (now_ns () - start) / 1e9 };
  qsort (self->latencies->data, self->latencies->len, sizeof (float), compare);
  out->p50 = percentile (self->latencies, 0.5);
  out->p99 = percentile (self->latencies, 0.99);
}

double
load_await (Load *self, uint64_t count)
{
  uint64_t start = now_ns ();

  turn_until (self, &self->arrived, count);
  return (double) (now_ns () - start) / 1e9;
}
