/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-metrics.h"

#include "relay/tess-relay-http.h"
#include "tess-config.h"

#include <string.h>

static const char *const statuses[TESS_RELAY_DEPOSIT_STATUSES]
  = { "stored", "stored_before", "no_mailbox", "refused", "full", "bad_envelope", "slow_down" };

static void
add (GString *text, const char *name, const char *type, const char *help, uint64_t value)
{
  g_string_append_printf (text, "# HELP tessera_relay_%s %s\n# TYPE tessera_relay_%s %s\n", name, help, name, type);
  g_string_append_printf (text, "tessera_relay_%s %" G_GUINT64_FORMAT "\n", name, value);
}

char *
tess_relay_metrics_build (TessRelayServer *server)
{
  const TessRelayCounters *counters = &server->counters;
  GString *text = g_string_new (NULL);
  TessRelayWriterState writer;

  tess_relay_writer_state (server->writer, &writer);
  g_string_append_printf (text, "# HELP tessera_relay_info The program.\n# TYPE tessera_relay_info gauge\n"
                                "tessera_relay_info{version=\"%s\"} 1\n", TESS_VERSION);
  add (text, "websockets", "gauge", "Open WebSockets.", tess_relay_links_count (server->links));
  add (text, "mailboxes_online", "gauge", "Devices that are connected to their mailbox.", g_hash_table_size (server->mailboxes));
  add (text, "http_requests_total", "counter", "Requests over HTTP, handshakes too.", counters->requests);
  g_string_append (text, "# HELP tessera_relay_deposits_total Deposits by what they were answered.\n"
                         "# TYPE tessera_relay_deposits_total counter\n");
  for (unsigned i = 0; i < TESS_RELAY_DEPOSIT_STATUSES; i++)
    g_string_append_printf (text, "tessera_relay_deposits_total{status=\"%s\"} %" G_GUINT64_FORMAT "\n", statuses[i],
                            counters->deposits[i]);
  add (text, "deliveries_total", "counter", "Envelopes sent to a device, repeats too.", counters->deliveries);
  add (text, "uploads_total", "counter", "Attachments stored.", counters->uploads);
  add (text, "upload_bytes_total", "counter", "Bytes of attachments stored.", counters->upload_bytes);
  add (text, "store_queue", "gauge", "Jobs that wait for the store.", writer.queued);
  add (text, "store_transactions_total", "counter", "Transactions.", writer.transactions);
  add (text, "store_jobs_total", "counter", "Jobs that the store has carried out.", writer.jobs);
  add (text, "store_failures_total", "counter", "Transactions that failed.", writer.failures);
  add (text, "store_failing", "gauge", "1 while the database cannot be written.", writer.failing);
  return g_string_free (text, FALSE);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  char *text;

  tess_relay_http_headers (message);
  if (soup_server_message_get_method (message) != SOUP_METHOD_GET || !g_str_equal (path, "/metrics"))
    {
      soup_server_message_set_status (message, 404, NULL);
      return;
    }
  text = tess_relay_metrics_build (data);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/plain; version=0.0.4; charset=utf-8", SOUP_MEMORY_TAKE, text, strlen (text));
}

SoupServer *
tess_relay_metrics_new (TessRelayServer *server, const char *listen, GError **error)
{
  g_autoptr (GSocketAddress) address = tess_relay_config_address (listen, error);
  g_autoptr (SoupServer) soup = NULL;
  g_autoptr (GError) reason = NULL;

  if (address == NULL)
    return NULL;
  soup = soup_server_new ("server-header", NULL, "raw-paths", TRUE, NULL);
  soup_server_add_handler (soup, NULL, on_request, server, NULL);
  if (!soup_server_listen (soup, address, 0, &reason))
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_LISTEN, "cannot listen on %s: %s", listen, reason->message);
      return NULL;
    }
  return g_steal_pointer (&soup);
}
