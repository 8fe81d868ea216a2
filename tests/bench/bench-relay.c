/* What the relay costs: the real program on loopback, beside the least that the same work can cost.
 *
 *   bench-relay --relay FILE --floor FILE [--disk DIR] [--memory DIR] [--peers DIR --hub FILE] [--many] [CASE…]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay-cases.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTORS 40000

/* TRUE when @name was asked for, or nothing was. */
static bool
wanted (char **cases, const char *name)
{
  return cases == NULL || g_strv_contains ((const char *const *) cases, name);
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  gboolean many = FALSE;
  g_auto (GStrv) cases = NULL;
  const GOptionEntry entries[] = {
    { "relay", 0, 0, G_OPTION_ARG_FILENAME, &bench.relay, "tessera-relay", "FILE" },
    { "floor", 0, 0, G_OPTION_ARG_FILENAME, &bench.floor, "relay-floor", "FILE" },
    { "disk", 0, 0, G_OPTION_ARG_FILENAME, &bench.disk, "a folder on a disk", "DIR" },
    { "memory", 0, 0, G_OPTION_ARG_FILENAME, &bench.memory, "a folder in memory", "DIR" },
    { "peers", 0, 0, G_OPTION_ARG_FILENAME, &bench.peers, "a system with node and mosquitto", "DIR" },
    { "hub", 0, 0, G_OPTION_ARG_FILENAME, &bench.hub, "peers/hub.js", "FILE" },
    { "many", 0, 0, G_OPTION_ARG_NONE, &many, "100,000 idle connections, and nothing else", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &cases, NULL, "throughput idle latency drain" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || bench.relay == NULL || bench.floor == NULL || bench.disk == NULL)
    {
      fprintf (stderr, "bench-relay: %s\n", error != NULL ? error->message : "--relay, --floor and --disk are needed");
      return 2;
    }
  if (sodium_init () < 0)
    return 1;
  program_raise_descriptors (DESCRIPTORS);
  if (many)
    relay_case_many (&bench, bench.disk);
  if (!many && wanted (cases, "throughput"))
    relay_case_throughput (&bench, "disk", bench.disk, true);
  if (!many && wanted (cases, "throughput") && bench.memory != NULL)
    relay_case_throughput (&bench, "memory", bench.memory, false);
  if (!many && wanted (cases, "idle"))
    relay_case_idle (&bench, bench.disk);
  if (!many && wanted (cases, "latency"))
    relay_case_latency (&bench, bench.disk);
  if (!many && wanted (cases, "drain"))
    relay_case_drain (&bench, bench.disk);
  return 0;
}
