/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-relay.h"

#include "fuzz.h"

#include <glib/gstdio.h>
#include <string.h>

static TessRelayStore *store;
static char *folder; /* of the attachments */
static GQueue done = G_QUEUE_INIT;
static TessRelayServer server;

void
tess_relay_writer_state (TessRelayWriter *self, TessRelayWriterState *out)
{
  *out = (TessRelayWriterState) { 0 };
}

bool
tess_relay_writer_is_crowded (TessRelayWriter *self)
{
  return false;
}

bool
tess_relay_writer_submit (TessRelayWriter *self, TessRelayJob *job)
{
  job->link = (GList) { .data = job };
  job->result = job->work (job, store);
  g_assert_cmpint (job->result, !=, TESS_RELAY_BUSY);
  g_queue_push_tail_link (&done, &job->link);
  return true;
}

/* What the folder of attachments has its thread do is done at once. Hidden: the libraries keep their own. */
__attribute__ ((visibility ("hidden"))) gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  pool->func (data, pool->user_data);
  return TRUE;
}

int64_t
tess_relay_server_quota (const TessRelayServer *self)
{
  return FAKE_RELAY_QUOTA;
}

void
tess_relay_invitation_hash (const char *code, uint8_t hash[static TESS_RELAY_INVITATION_SIZE])
{
  memset (hash, (int) strlen (code), TESS_RELAY_INVITATION_SIZE);
}

static guint
device_hash (gconstpointer device)
{
  return *(const uint8_t *) device;
}

static gboolean
device_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 32) == 0;
}

/* Deletes every attachment. An upload that was given up has left nothing: only what is finished lies here. */
static void
empty_folder (void)
{
  g_autofree char *path = g_build_filename (folder, "blobs", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_assert_cmpuint (strlen (name), ==, 52);
      g_assert_cmpint (g_unlink (file), ==, 0);
    }
}

static void
remove_folder (void)
{
  g_autofree char *path = g_build_filename (folder, "blobs", NULL);

  g_rmdir (path);
  g_rmdir (folder);
}

static void
set_up (TessRelayConfig *config, TessRelayBlobs **blobs_out)
{
  g_autoptr (GError) error = NULL;

  store = tess_relay_store_open (":memory:", &error);
  g_assert_no_error (error);
  folder = g_dir_make_tmp ("tessera-fuzz-XXXXXX", &error);
  g_assert_no_error (error);
  atexit (remove_folder);
  *blobs_out = tess_relay_blobs_new (folder, 0, &error);
  g_assert_no_error (error);
  config->directory = TESS_RELAY_DIRECTORY_LIST;
  config->blob_megabytes = 1;
}

TessRelayServer *
fake_relay_begin (void)
{
  static TessRelayConfig *config;
  static TessRelayBlobs *blobs;

  if (config == NULL)
    {
      config = tess_relay_config_new ();
      set_up (config, &blobs);
    }
  server = (TessRelayServer) {
    .config = config,
    .origin = (char *) FAKE_RELAY_ORIGIN,
    .blobs = blobs,
    .writer = (TessRelayWriter *) &server, /* there, and never looked into */
    .requests = tess_relay_throttle_new (config->request_rate, config->request_burst),
    .deposits = tess_relay_throttle_new (config->deposit_rate, 100),
    .bundles = tess_relay_throttle_new (1, 10),
    .names = tess_relay_throttle_new (1, 10),
    .mailboxes = g_hash_table_new (device_hash, device_equal),
  };
  g_assert_true (tess_relay_store_begin (store, true));
  return &server;
}

TessRelayStore *
fake_relay_store (void)
{
  return store;
}

char *
fake_relay_blob_path (const char *name)
{
  return g_build_filename (folder, "blobs", name, NULL);
}

bool
fake_relay_answer (void)
{
  GList *link = g_queue_pop_head_link (&done);
  TessRelayJob *job;

  if (link == NULL)
    return false;
  job = link->data;
  job->done (job, job->result);
  return true;
}

void
fake_relay_end (void)
{
  /* As the server stops: acks that wait for company are stored. */
  tess_relay_mailbox_store_acks (&server);
  g_clear_handle_id (&server.ack_timer, g_source_remove);
  while (fake_relay_answer ())
    ;
  g_assert_cmpuint (g_hash_table_size (server.mailboxes), ==, 0);
  g_queue_clear_full (&server.waiting_readers, NULL);
  g_hash_table_unref (server.mailboxes);
  tess_relay_throttle_free (server.requests);
  tess_relay_throttle_free (server.deposits);
  tess_relay_throttle_free (server.bundles);
  tess_relay_throttle_free (server.names);
  tess_relay_store_rollback (store);
  empty_folder ();
}
