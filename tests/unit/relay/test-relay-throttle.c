/* Token buckets: rates, bounds, keys. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-throttle.h"

#define SECOND G_USEC_PER_SEC

static void
test_burst_and_rate (void)
{
  g_autoptr (TessRelayThrottle) throttle = tess_relay_throttle_new (2, 5);
  int64_t now = 1000 * SECOND;

  for (int i = 0; i < 5; i++)
    g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now), ==, 0);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now), ==, 500);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 2, 1, now), ==, 0);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now + SECOND / 4), ==, 250);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now + SECOND / 2), ==, 0);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now + SECOND / 2), ==, 500);
  /* Never more than the burst, however long the rest. */
  for (int i = 0; i < 5; i++)
    g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now + 1000 * SECOND), ==, 0);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now + 1000 * SECOND), >, 0);
}

static void
test_costs (void)
{
  g_autoptr (TessRelayThrottle) throttle = tess_relay_throttle_new (1, 10);
  int64_t now = 1000 * SECOND;

  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 8, now), ==, 0);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 3, now), ==, 1000);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 2, now), ==, 0);
  /* More than ever fits takes a full bucket. */
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 50, now + 5 * SECOND), ==, 5000);
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 50, now + 10 * SECOND), ==, 0);
  /* A clock that goes back gives nothing. */
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 1, 1, now), >, 0);
}

static void
test_bounded (void)
{
  g_autoptr (TessRelayThrottle) throttle = tess_relay_throttle_new (1, 2);
  int64_t now = 1000 * SECOND;

  for (uint64_t key = 1; key <= TESS_RELAY_BUCKETS_MAX + 1000; key++)
    {
      tess_relay_throttle_take (throttle, key, 2, now);
      tess_relay_throttle_take (throttle, 0, 1, now);
    }
  g_assert_cmpuint (tess_relay_throttle_size (throttle), ==, TESS_RELAY_BUCKETS_MAX);
  /* The one in use all along was not pushed out. */
  g_assert_cmpuint (tess_relay_throttle_take (throttle, 0, 1, now), >, 0);
  /* Full buckets go as new ones come. */
  for (uint64_t key = 1; key <= 3000; key++)
    tess_relay_throttle_take (throttle, 1000000 + key, 1, now + 100 * SECOND);
  g_assert_cmpuint (tess_relay_throttle_size (throttle), <=, TESS_RELAY_BUCKETS_MAX);
}

static uint64_t
key_of (const char *text)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (text, 1234);

  g_assert_nonnull (address);
  return tess_relay_address_key (address);
}

static void
test_addresses (void)
{
  const uint8_t account[32] = { 1 }, other[32] = { 2 };

  g_assert_cmpuint (key_of ("192.0.2.1"), ==, key_of ("192.0.2.1"));
  g_assert_cmpuint (key_of ("192.0.2.1"), !=, key_of ("192.0.2.2"));
  g_assert_cmpuint (key_of ("192.0.2.1"), ==, key_of ("::ffff:192.0.2.1"));
  g_assert_cmpuint (key_of ("2001:db8:0:1::1"), ==, key_of ("2001:db8:0:1:ffff::9"));
  g_assert_cmpuint (key_of ("2001:db8:0:1::1"), !=, key_of ("2001:db8:0:2::1"));
  g_assert_cmpuint (tess_relay_account_key (1, account), ==, tess_relay_account_key (1, account));
  g_assert_cmpuint (tess_relay_account_key (1, account), !=, tess_relay_account_key (1, other));
  g_assert_cmpuint (tess_relay_account_key (1, account), !=, tess_relay_account_key (2, account));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/throttle/burst-and-rate", test_burst_and_rate);
  g_test_add_func ("/relay/throttle/costs", test_costs);
  g_test_add_func ("/relay/throttle/bounded", test_bounded);
  g_test_add_func ("/relay/throttle/addresses", test_addresses);
  return g_test_run ();
}
