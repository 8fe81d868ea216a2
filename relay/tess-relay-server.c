/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-server.h"

#include "base/tess-clock.h"
#include "relay/tess-relay-log.h"
#include "relay/tess-relay-mailbox.h"
#include "relay/tess-relay-metrics.h"
#include "relay/tess-relay-user.h"
#include "relay/tess-relay-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A bundle takes one-time prekeys of someone else's: at most so many an account and address. */
#define BUNDLE_RATE 0.5
#define BUNDLE_BURST 100
/* Names looked up from one address: enough to find people, slow for collecting them. */
#define NAME_RATE 0.5
#define NAME_BURST 100
#define BLOB_SWEEP_SECONDS 3600

/* How long what was asked before has when the relay stops: to be answered, for clients to take their last frames, and all in all
 * for requests that are under way. Together less than the ten seconds that container engines give. */
#define ANSWER_MS 3000
#define GOODBYE_MS 2000
#define TRANSFER_MS 6000

/* Held for the life of the process: one relay a data folder. */
static int lock_fd = -1;

static bool
data_error (const char *path, const char *doing, GError **error)
{
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: %s: %s", path, doing, g_strerror (errno));
  return false;
}

static bool
open_data (const char *path, GError **error)
{
  g_autofree char *lock = g_build_filename (path, "lock", NULL);
  struct stat info;

  if (g_mkdir_with_parents (path, 0700) != 0)
    return data_error (path, "the data folder cannot be made", error);
  if (stat (path, &info) != 0 || !S_ISDIR (info.st_mode) || access (path, R_OK | W_OK | X_OK) != 0)
    return data_error (path, "the data folder cannot be used", error);
  if ((info.st_mode & 0077) != 0 && chmod (path, 0700) != 0)
    return data_error (path, "the data folder is open to others and cannot be closed to them", error);
  if (lock_fd < 0)
    lock_fd = open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_fd < 0)
    return data_error (path, "nothing can be written to the data folder", error);
  if (flock (lock_fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: another tessera-relay uses this data folder", path);
      return false;
    }
  return true;
}

void
tess_relay_invitation_hash (const char *code, uint8_t hash[static TESS_RELAY_INVITATION_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = TESS_RELAY_INVITATION_SIZE;

  g_checksum_update (sum, (const guchar *) code, (gssize) strlen (code));
  g_checksum_get_digest (sum, hash, &size);
}

int64_t
tess_relay_server_quota (const TessRelayServer *server)
{
  return (int64_t) server->config->account_megabytes * 1024 * 1024;
}

/* A disk that is full just now keeps nobody from starting: the codes are those of last time then. */
static void
configure_invitations (TessRelayStore *store, char **codes)
{
  g_autoptr (GByteArray) hashes = g_byte_array_new ();

  for (unsigned i = 0; codes[i] != NULL; i++)
    {
      const char *code = g_strstrip (codes[i]);
      uint8_t hash[TESS_RELAY_INVITATION_SIZE];

      if (code[0] == '\0')
        continue;
      tess_relay_invitation_hash (code, hash);
      g_byte_array_append (hashes, hash, sizeof hash);
    }
  if (tess_relay_store_begin (store, true) && tess_relay_store_configure_invitations (store, hashes) == TESS_RELAY_OK
      && tess_relay_store_commit (store))
    return;
  tess_relay_store_rollback (store);
}

static guint
device_hash (gconstpointer device)
{
  guint hash;

  /* Device keys are as good as random, and registered by their owners only: their own bytes do. */
  memcpy (&hash, device, sizeof hash);
  return hash;
}

static gboolean
device_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 32) == 0;
}

static gboolean
on_sweep (gpointer data)
{
  TessRelayServer *self = data;

  int64_t now = tess_relay_writer_now (self->writer);

  if (now != 0)
    tess_relay_blobs_sweep (self->blobs, now);
  return G_SOURCE_CONTINUE;
}

/* A link's connection is over: its place is another's. */
static void
on_link_ended (uint64_t address, void *data)
{
  TessRelayServer *self = data;

  if (self->listener != NULL)
    tess_relay_listener_leave (self->listener, address);
}

static bool
become_user (const TessRelayConfig *config, GError **error)
{
  bool root;

  if (!tess_relay_user_become (&tess_relay_user_calls, config->user, config->data, &root, error))
    return false;
  if (root && config->user == NULL)
    tess_relay_log (G_LOG_LEVEL_WARNING, "runs-as-root",
                    "the relay runs as root; set [relay] user, or give the data folder to a user of its own");
  return true;
}

/* A relay that died between naming a blob and spending its ticket has told nobody of it: who uploaded will try again, and the
 * name has to be free. */
static void
forget_unanswered (TessRelayStore *store, TessRelayBlobs *blobs)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();

  /* A table that cannot be read now: those uploads are told to wait, as long as their tickets live. */
  if (tess_relay_store_unspent (store, tess_clock_now (), ids) != TESS_RELAY_OK)
    return;
  for (guint i = 0; i < ids->len; i += TESS_BLOB_ID_SIZE)
    tess_relay_blobs_delete (blobs, ids->data + i);
}

static bool
start (TessRelayServer *self, GError **error)
{
  const TessRelayConfig *config = self->config;
  g_autofree char *path = g_build_filename (config->data, "relay.db", NULL);
  TessRelayStore *store;

  /* What may take root's rights comes first: the port and the key. Connections wait until all the rest is there. */
  self->soup = soup_server_new ("server-header", NULL, "raw-paths", TRUE, NULL);
  self->listener = tess_relay_listener_new (self->soup, config, error);
  if (self->listener == NULL || !become_user (config, error))
    return false;
  if (!open_data (config->data, error))
    return false;
  self->blobs = tess_relay_blobs_new (config->data, (uint64_t) config->reserve_megabytes * 1024 * 1024, error);
  if (self->blobs == NULL)
    return false;
  store = tess_relay_store_open (path, error);
  if (store == NULL)
    return false;
  configure_invitations (store, config->invitations);
  forget_unanswered (store, self->blobs);
  self->writer = tess_relay_writer_new (store);
  self->sweep = g_timeout_add_seconds (BLOB_SWEEP_SECONDS, on_sweep, self);
  self->origin = config->origin != NULL ? g_strdup (config->origin)
                                        : g_strdup_printf ("%s://127.0.0.1:%u", config->tls_key != NULL ? "https" : "http",
                                                           tess_relay_listener_port (self->listener));
  tess_relay_http_attach (self);
  self->watch = tess_relay_watch_new (self);
  if (config->metrics != NULL)
    self->metrics = tess_relay_metrics_new (self, config->metrics, error);
  return config->metrics == NULL || self->metrics != NULL;
}

TessRelayServer *
tess_relay_server_new (const TessRelayConfig *config, GError **error)
{
  TessRelayServer *self = g_new0 (TessRelayServer, 1);

  self->config = config;
  self->links = tess_relay_links_new (config->stall_seconds, config->ping_seconds);
  tess_relay_links_on_end (self->links, on_link_ended, self);
  tess_relay_links_set_bytes_max (self->links, (size_t) config->link_megabytes * 1024 * 1024);
  self->requests = tess_relay_throttle_new (config->request_rate, config->request_burst);
  self->deposits = tess_relay_throttle_new (config->deposit_rate, config->deposit_burst);
  self->bundles = tess_relay_throttle_new (BUNDLE_RATE, BUNDLE_BURST);
  self->names = tess_relay_throttle_new (NAME_RATE, NAME_BURST);
  self->mailboxes = g_hash_table_new (device_hash, device_equal);
  if (!start (self, error))
    {
      tess_relay_server_free (self);
      return NULL;
    }
  return self;
}

static gboolean
on_time_over (gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

static bool
all_answered (TessRelayServer *self)
{
  TessRelayWriterState state;

  tess_relay_writer_state (self->writer, &state);
  return state.unanswered == 0;
}

static bool
all_links_ended (TessRelayServer *self)
{
  return tess_relay_links_count (self->links) == 0;
}

static bool
all_transfers_ended (TessRelayServer *self)
{
  return tess_relay_listener_transfers (self->listener) == 0;
}

/* Goes on serving what is under way until @over says that it is, or until the time @until. */
static void
serve_on (TessRelayServer *self, bool (*over) (TessRelayServer *self), int64_t until)
{
  int64_t left = until - g_get_monotonic_time ();
  bool late = left <= 0;
  unsigned timer = late ? 0 : g_timeout_add ((guint) (left / 1000) + 1, on_time_over, &late);

  while (!late && !over (self))
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (timer);
}

/* Takes nothing new. What was deposited is answered when it is on the disk, before its link is told to go; requests and uploads
 * that are under way come to their end, or are cut when their time is over. */
static void
drain (TessRelayServer *self)
{
  int64_t now = g_get_monotonic_time ();

  tess_relay_listener_stop (self->listener);
  serve_on (self, all_answered, now + ANSWER_MS * 1000);
  tess_relay_links_close_all (self->links, TESS_RELAY_CLOSE_GOING_AWAY, "the relay stops");
  serve_on (self, all_links_ended, g_get_monotonic_time () + GOODBYE_MS * 1000);
  serve_on (self, all_transfers_ended, now + TRANSFER_MS * 1000);
}

void
tess_relay_server_free (TessRelayServer *self)
{
  self->stopping = true;
  g_clear_object (&self->metrics);
  /* Without a writer it never served anybody. */
  if (self->writer != NULL && self->listener != NULL)
    drain (self);
  if (self->writer != NULL)
    tess_relay_mailbox_store_acks (self);
  g_clear_handle_id (&self->ack_timer, g_source_remove);
  g_clear_pointer (&self->listener, tess_relay_listener_free);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_handle_id (&self->sweep, g_source_remove);
  g_clear_pointer (&self->blobs, tess_relay_blobs_free);
  g_clear_pointer (&self->writer, tess_relay_writer_stop);
  g_clear_pointer (&self->watch, tess_relay_watch_free);
  tess_relay_links_free (self->links);
  g_clear_object (&self->soup);
  g_queue_clear_full (&self->waiting_readers, (GDestroyNotify) tess_relay_mailbox_unref);
  g_queue_clear_full (&self->acks, (GDestroyNotify) tess_relay_mailbox_unref);
  g_hash_table_unref (self->mailboxes);
  tess_relay_throttle_free (self->requests);
  tess_relay_throttle_free (self->deposits);
  tess_relay_throttle_free (self->bundles);
  tess_relay_throttle_free (self->names);
  g_free (self->origin);
  g_free (self);
}
