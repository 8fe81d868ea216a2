/* No secret outlives its use: whole flows of the crypto layer, on their good and on their bad paths, and then not a piece of any
 * secret in the whole memory of the process. SPDX-License-Identifier: GPL-3.0-or-later */
#include "flows.h"
#include "watch.h"

#include "crypto/tess-keys.h"

#include <pthread.h>
#include <string.h>

/* What may remain, and why. */
static const WatchAllowed allowed[] = {
  { NULL, NULL },
};

/* The control: three secrets left behind, each in another kind of place. */
static G_GNUC_NO_INLINE void
leave_on_stack (const uint8_t *secret)
{
  volatile uint8_t copy[512];

  for (unsigned i = 0; i < sizeof copy; i++)
    copy[i] = i >= 64 && i < 96 ? secret[i - 64] : 0;
}

static void *
leave_on_another_stack (void *secret)
{
  leave_on_stack (secret);
  for (;;)
    pause ();
  return NULL;
}

static void
flow_leaks (void *data)
{
  static uint8_t kept[64];
  const char *where = data;
  TessDhSecret *secret = tess_secret_alloc (sizeof *secret);
  uint8_t *heap = g_malloc (96);
  TessDhPublic public;

  g_assert_true (tess_dh_generate (secret, &public, NULL));
  if (g_str_equal (where, "[heap]"))
    memcpy (heap + 48, secret->bytes, 32);
  if (g_str_equal (where, "[stack]"))
    leave_on_stack (secret->bytes);
  if (g_str_equal (where, "data"))
    memcpy (kept + 5, secret->bytes + 16, 11);
  if (g_str_equal (where, "hex"))
    sodium_bin2hex ((char *) heap, 96, secret->bytes, 32);
  if (g_str_equal (where, "thread"))
    {
      pthread_t thread;

      pthread_create (&thread, NULL, leave_on_another_stack, g_memdup2 (secret->bytes, 32));
      g_usleep (100000);
    }
  if (!g_str_equal (where, "guarded"))
    tess_secret_free (secret);
  g_free (heap);
}

static void
test_leaks_are_found (void)
{
  static const char *const places[] = { "[heap]", "[stack]", "data", "hex", "thread", "guarded" };

  for (unsigned i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (WatchResult) result = { 0 };

      watch_run (flow_leaks, (void *) places[i], NULL, &result);
      g_test_message ("%s: %u\n%s", places[i], result.found, result.report->str);
      g_assert_cmpuint (result.found, >=, 1);
      g_assert_nonnull (strstr (result.report->str, "random ("));
      if (places[i][0] == '[')
        g_assert_nonnull (strstr (result.report->str, places[i]));
    }
}

static void
test_flow (gconstpointer data)
{
  const Flow *flow = data;

  watch_expect_clean (flow->flow, NULL, allowed, flow->secrets_min);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (sodium_init () < 0)
    return 1;
  g_test_add_func ("/secrets/crypto/leaks-are-found", test_leaks_are_found);
  for (unsigned i = 0; i < n_flows; i++)
    {
      g_autofree char *path = g_strconcat ("/secrets/crypto/", flows[i].name, NULL);

      g_test_add_data_func (path, &flows[i], test_flow);
    }
  return g_test_run ();
}
