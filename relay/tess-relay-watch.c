/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-watch.h"

#include "relay/tess-relay-mailbox.h"

#include <string.h>

#define LOOK_SECONDS 5
/* Mailboxes looked up in one job: others have their turn between. */
#define DEVICES_A_JOB 256

struct _TessRelayWatch {
  TessRelayServer *server;
  unsigned timer;
  bool looking;
  bool known;    /* whether */
  int64_t state; /* is what the store said last */
};

typedef struct {
  TessRelayJob job;
  TessRelayWatch *watch;
  int64_t state;
} Look;

/* Devices that are online: those that have no mailbox any more stay in the list. */
typedef struct {
  TessRelayJob job;
  TessRelayServer *server;
  GByteArray *devices;
  GByteArray *gone;
} Check;

static TessRelayResult
check_work (TessRelayJob *job, TessRelayStore *store)
{
  Check *self = (Check *) job;

  g_byte_array_set_size (self->gone, 0);
  for (unsigned i = 0; i + 32 <= self->devices->len; i += 32)
    {
      const uint8_t *device = self->devices->data + i;
      TessRelayMailboxState state;
      TessRelayResult result = tess_relay_store_mailbox (store, device, &state);

      if (result == TESS_RELAY_BUSY)
        return result;
      if (result == TESS_RELAY_UNREGISTERED)
        g_byte_array_append (self->gone, device, 32);
    }
  return TESS_RELAY_OK;
}

static void
check_free (Check *self)
{
  g_byte_array_unref (self->devices);
  g_byte_array_unref (self->gone);
  g_free (self);
}

static void
check_done (TessRelayJob *job, TessRelayResult result)
{
  Check *self = (Check *) job;

  for (unsigned i = 0; result == TESS_RELAY_OK && i + 32 <= self->gone->len; i += 32)
    tess_relay_mailbox_removed (self->server, self->gone->data + i);
  check_free (self);
}

/* FALSE: the queue is full. */
static bool
check (TessRelayWatch *self, GByteArray *devices)
{
  Check *one = g_new0 (Check, 1);

  one->job = (TessRelayJob) { .work = check_work, .done = check_done, .bytes = sizeof *one + devices->len };
  one->server = self->server;
  one->devices = g_byte_array_ref (devices);
  one->gone = g_byte_array_new ();
  if (tess_relay_writer_submit (self->server->writer, &one->job))
    return true;
  check_free (one);
  return false;
}

static bool
check_all (TessRelayWatch *self)
{
  GHashTableIter iter;
  gpointer device, value;
  g_autoptr (GByteArray) devices = g_byte_array_new ();

  g_hash_table_iter_init (&iter, self->server->mailboxes);
  while (g_hash_table_iter_next (&iter, &device, &value))
    {
      const TessRelayMailbox *mailbox = value;

      if (mailbox->stage == TESS_RELAY_READY && mailbox->registered)
        g_byte_array_append (devices, device, 32);
      if (devices->len < DEVICES_A_JOB * 32)
        continue;
      if (!check (self, devices))
        return false;
      g_byte_array_unref (devices);
      devices = g_byte_array_new ();
    }
  return devices->len == 0 || check (self, devices);
}

static TessRelayResult
look_work (TessRelayJob *job, TessRelayStore *store)
{
  return tess_relay_store_foreign_writes (store, &((Look *) job)->state);
}

static void
look_done (TessRelayJob *job, TessRelayResult result)
{
  Look *look = (Look *) job;
  TessRelayWatch *self = look->watch;

  /* Looked at again next time if there is no room to do so now. */
  if (result == TESS_RELAY_OK && (!self->known || look->state == self->state || (!self->server->stopping && check_all (self))))
    {
      self->state = look->state;
      self->known = true;
    }
  self->looking = false;
  g_free (look);
}

static gboolean
on_time (gpointer data)
{
  TessRelayWatch *self = data;
  Look *look;

  if (self->looking)
    return G_SOURCE_CONTINUE;
  look = g_new0 (Look, 1);
  look->job = (TessRelayJob) { .work = look_work, .done = look_done, .bytes = sizeof *look };
  look->watch = self;
  self->looking = tess_relay_writer_submit (self->server->writer, &look->job);
  if (!self->looking)
    g_free (look);
  return G_SOURCE_CONTINUE;
}

TessRelayWatch *
tess_relay_watch_new (TessRelayServer *server)
{
  TessRelayWatch *self = g_new0 (TessRelayWatch, 1);

  self->server = server;
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, on_time, self);
  on_time (self);
  return self;
}

void
tess_relay_watch_free (TessRelayWatch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}
