/* The relay's configuration file and the address to listen on: what is taken keeps the bounds, what is not says why, in text that
 * can be shown. Input: the file; its first line also as an address. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "relay/tess-relay-config.h"
#include "wire/tess-address.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
within (unsigned value, unsigned max)
{
  return value >= 1 && value <= max;
}

static void
check_bounds (const TessRelayConfig *config)
{
  g_assert_true (config->origin == NULL || tess_origin_check (config->origin));
  g_assert_true (config->listen[0] != '\0' && strlen (config->listen) <= 1024);
  g_assert_true (config->data[0] != '\0' && config->name[0] != '\0');
  g_assert_true (config->registration <= TESS_RELAY_CLOSED);
  g_assert_nonnull (config->invitations);
  g_assert_true (within (config->connections, 1000000) && within (config->connections_per_address, 1000000));
  g_assert_true (within (config->request_rate, 1000000) && within (config->request_burst, 1000000));
  g_assert_true (within (config->deposit_rate, 1000000) && within (config->deposit_burst, 1000000));
  g_assert_true (within (config->http_seconds, 30) && within (config->stall_seconds, 600) && within (config->ping_seconds, 3600));
  g_assert_true (within (config->link_megabytes, 65536));
  g_assert_true (config->blob_megabytes <= 65536 && config->account_megabytes <= 16777216
                 && config->reserve_megabytes <= 16777216);
  g_assert_true (config->directory <= TESS_RELAY_DIRECTORY_LIST && config->forwarded <= TESS_RELAY_FORWARDED);
  for (unsigned i = 0; i < config->proxies->len; i++)
    g_assert_true (G_IS_INET_ADDRESS_MASK (g_ptr_array_index (config->proxies, i)));
}

static void
check_address (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = tess_relay_config_address (text, &error);

  fuzz_check_error (error, address == NULL, TESS_RELAY_ERROR);
  if (address != NULL)
    g_assert_true (G_IS_INET_SOCKET_ADDRESS (address));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (TessRelayConfig) config = tess_relay_config_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *line = fuzz_text (data, size);
  int file = memfd_create ("config", MFD_CLOEXEC);
  bool good;

  g_assert_cmpint (write (file, data, size), ==, (gssize) size);
  path = g_strdup_printf ("/proc/self/fd/%d", file);
  good = tess_relay_config_load (config, path, &error);
  close (file);
  g_assert_cmpint (error == NULL, ==, good);
  check_bounds (config);
  line[strcspn (line, "\n")] = '\0';
  if (g_utf8_validate (line, -1, NULL))
    check_address (line);
  return 0;
}
