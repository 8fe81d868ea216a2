/* tessera-relay: the blind relay's program. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-process.h"
#include "relay/tess-relay-commands.h"
#include "relay/tess-relay-log.h"
#include "relay/tess-relay-notify.h"
#include "relay/tess-relay-server.h"
#include "tess-config.h"

#include <glib-unix.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Blocks from this size on are pages of their own, and given back when they are freed. glibc raises the bound by itself after the
 * first of them is freed, and keeps what later ones leave between others: after a flood of large messages twice as much memory
 * stayed in use. */
#define BIG_BLOCK (128 * 1024)

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_reload (gpointer data)
{
  TessRelayServer *server = data;
  g_autoptr (GError) error = NULL;

  /* The signal stays caught: it must not end what is still to be answered. */
  if (server->stopping)
    return G_SOURCE_CONTINUE;
  tess_relay_notify_reloading ();
  if (server->config->tls_key == NULL)
    tess_relay_log (G_LOG_LEVEL_MESSAGE, "nothing-reloaded", "SIGHUP reads certificate and key anew, and there are none set");
  else if (tess_relay_listener_reload (server->listener, &error))
    tess_relay_log (G_LOG_LEVEL_MESSAGE, "tls-reloaded", "read anew: certificate and key");
  else
    tess_relay_log (G_LOG_LEVEL_WARNING, "tls-refused", "%s; the certificate and key from before stay in use", error->message);
  tess_relay_notify_ready ();
  return G_SOURCE_CONTINUE;
}

/* A connection is a descriptor: as many as the system lets us have. */
static void
raise_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static int
fail (const char *message)
{
  fprintf (stderr, "tessera-relay: %s\n", message);
  return 1;
}

/* 0 on success, else an exit code. */
static int
run (const TessRelayConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  TessRelayServer *server = tess_relay_server_new (config, &error);

  if (server == NULL)
    return fail (error->message);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGHUP, on_reload, server);
  printf ("listening on %s\n", tess_relay_listener_url (server->listener));
  fflush (stdout);
  tess_relay_notify_ready ();
  g_main_loop_run (loop);
  tess_relay_notify_stopping ();
  tess_relay_server_free (server);
  return 0;
}

int
main (int argc, char **argv)
{
  g_autofree char *listen = NULL, *data = NULL, *file = NULL;
  gboolean version = FALSE, log_addresses = FALSE;
  const GOptionEntry entries[] = {
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "where to listen (127.0.0.1:7700; port 0 picks one)", "HOST:PORT" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "where the database lives (tessera-relay-data)", "DIR" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &file, "settings: see docs/relay.md", "FILE" },
    { "log-addresses", 0, 0, G_OPTION_ARG_NONE, &log_addresses, "log whom requests come from, while looking for a fault", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "print the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("[COMMAND …]");
  g_autoptr (TessRelayConfig) config = tess_relay_config_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, BIG_BLOCK);
#endif
  setlocale (LC_ALL, "");
  tess_relay_log_init ();
  tess_process_init ();
  tess_process_hide ();
  umask (0077);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  raise_descriptors ();
  g_option_context_set_summary (options, "The blind relay of Tessera: keeps sealed mail until devices fetch it.");
  g_option_context_set_description (options, tess_relay_commands_help);
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || !tess_relay_commands_check (argv + 1, &error))
    {
      fprintf (stderr, "tessera-relay: %s\nTry: tessera-relay --help\n", error->message);
      return 2;
    }
  if (version)
    {
      printf ("tessera-relay %s\n", TESS_VERSION);
      return 0;
    }
  if (file != NULL && !tess_relay_config_load (config, file, &error))
    return fail (error->message);
  if (listen != NULL)
    g_set_str (&config->listen, listen);
  if (data != NULL)
    g_set_str (&config->data, data);
  config->log_addresses |= log_addresses;
  if (argc == 1)
    return run (config);
  if (!tess_relay_commands_run (config, argv + 1, out, &error))
    return fail (error->message);
  fputs (out->str, stdout);
  return 0;
}
