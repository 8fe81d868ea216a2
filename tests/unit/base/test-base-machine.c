/* Random source, clock, secret memory, process set-up. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "base/tess-process.h"
#include "base/tess-random.h"
#include "base/tess-secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

typedef struct {
  unsigned calls;
  unsigned fail_at;
} Source;

static bool
counting_source (uint8_t *out, size_t size, void *data)
{
  Source *source = data;

  source->calls++;
  memset (out, (int) source->calls, size);
  return source->calls != source->fail_at;
}

static void
test_random_differs (void)
{
  uint8_t a[32] = { 0 }, b[32] = { 0 };

  g_assert_true (tess_random (a, sizeof a));
  g_assert_true (tess_random (b, sizeof b));
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
  g_assert_true (tess_random (a, 0));
}

static void *
random_on_a_thread (void *data)
{
  g_assert_true (tess_random (data, 16));
  return NULL;
}

static void
test_random_source (void)
{
  Source source = { .fail_at = 3 };
  uint8_t out[16], other[16] = { 0 };

  tess_random_set_source (counting_source, &source);
  g_assert_true (tess_random (out, sizeof out));
  g_assert_cmpmem (out, 2, "\1\1", 2);
  g_assert_true (tess_random (out, sizeof out));
  g_assert_cmpmem (out, 2, "\2\2", 2);
  /* What a failing source wrote is not left behind. */
  g_assert_false (tess_random (out, sizeof out));
  g_assert_true (sodium_is_zero (out, sizeof out));
  /* The hook is this thread's alone. */
  g_thread_join (g_thread_new ("other", random_on_a_thread, other));
  g_assert_false (sodium_is_zero (other, sizeof other));
  g_assert_cmpuint (source.calls, ==, 3);
  tess_random_set_source (NULL, NULL);
  g_assert_true (tess_random (out, sizeof out));
  g_assert_cmpuint (source.calls, ==, 3);
}

static void
test_random_below (void)
{
  bool seen[5] = { false };

  g_assert_cmpuint (tess_random_below (0), ==, 0);
  g_assert_cmpuint (tess_random_below (1), ==, 0);
  for (int i = 0; i < 1000; i++)
    {
      uint32_t value = tess_random_below (G_N_ELEMENTS (seen));

      g_assert_cmpuint (value, <, G_N_ELEMENTS (seen));
      seen[value] = true;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_true (seen[i]);
}

static void
test_clock (void)
{
  int64_t before = g_get_real_time () / 1000;
  int64_t now = tess_clock_now_ms ();

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, before + 60000);
  g_assert_cmpint (ABS (tess_clock_now () - now / 1000), <=, 60);
  tess_clock_set_offset (86400);
  g_assert_cmpint (tess_clock_now_ms (), >=, now + 86400000);
  g_assert_cmpint (tess_clock_now (), >=, now / 1000 + 86400);
  tess_clock_set_offset (-86400);
  g_assert_cmpint (tess_clock_now_ms (), <, now);
  tess_clock_set_offset (0);
  g_assert_cmpint (tess_clock_now_ms (), >=, now);
}

static void
test_secret_types (void)
{
  TessSecret32 secret;

  memset (secret.bytes, 0xa5, sizeof secret.bytes);
  tess_secret32_clear (&secret);
  g_assert_true (sodium_is_zero (secret.bytes, sizeof secret.bytes));
  g_assert_cmpuint (sizeof (TessSecret32), ==, 32);
  g_assert_cmpuint (sizeof (TessSecret64), ==, 64);
}

static void
test_secret_memory (void)
{
  uint8_t *secret = tess_secret_alloc (1000);

  g_assert_true (sodium_is_zero (secret, 1000));
  memset (secret, 0xa5, 1000);
  tess_secret_free (secret);
  tess_secret_free (NULL);
  for (size_t size = 1; size < 70; size++)
    {
      secret = tess_secret_alloc (size);
      g_assert_cmpint ((uintptr_t) secret % G_ALIGNOF (max_align_t), ==, 0);
      tess_secret_free (secret);
    }
}

/* Whatever order they come and go in: nobody's bytes are somebody else's, and all begin as zeros. */
static void
test_secret_slots (void)
{
  static const size_t sizes[] = { 1, 32, 64, 65, 512, 513, 4800, TESS_SECRET_SLOT_MAX, TESS_SECRET_SLOT_MAX + 1, 70000 };
  uint8_t *held[200] = { NULL };
  size_t held_size[200] = { 0 };

  for (unsigned i = 0; i < 4000; i++)
    {
      unsigned at = tess_random_below (G_N_ELEMENTS (held));

      if (held[at] != NULL)
        {
          for (size_t k = 0; k < held_size[at]; k++)
            g_assert_cmpuint (held[at][k], ==, at);
          tess_secret_free (g_steal_pointer (&held[at]));
          continue;
        }
      held_size[at] = sizes[tess_random_below (G_N_ELEMENTS (sizes))];
      held[at] = tess_secret_alloc (held_size[at]);
      g_assert_true (sodium_is_zero (held[at], held_size[at]));
      memset (held[at], (int) at, held_size[at]);
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (held); i++)
    tess_secret_free (held[i]);
}

#if !defined(__SANITIZE_ADDRESS__)
static void
expect_death (void)
{
  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

/* The first byte past a large secret belongs to nobody. */
static void
test_secret_guard (void)
{
  volatile uint8_t *secret;

  if (!g_test_subprocess ())
    {
      expect_death ();
      return;
    }
  secret = tess_secret_alloc (TESS_SECRET_SLOT_MAX + 16);
  secret[TESS_SECRET_SLOT_MAX + 16] = 1;
}

/* Past a small one stands a canary. */
static void
test_secret_overrun (void)
{
  uint8_t *secret;

  if (!g_test_subprocess ())
    {
      expect_death ();
      g_test_trap_assert_stderr ("*overrun*");
      return;
    }
  secret = tess_secret_alloc (64);
  secret[64] ^= 1;
  tess_secret_free (secret);
}

static void
test_secret_freed_twice (void)
{
  void *other, *secret;

  if (!g_test_subprocess ())
    {
      expect_death ();
      g_test_trap_assert_stderr ("*freed twice*");
      return;
    }
  other = tess_secret_alloc (64);
  secret = tess_secret_alloc (64);
  tess_secret_free (secret);
  tess_secret_free (secret);
  tess_secret_free (other);
}
#endif

static void
test_wiped (void)
{
  for (size_t size = 0; size < 70; size++)
    {
      g_autoptr (TessWiped) wiped = tess_wiped_new (size);

      g_assert_cmpuint (wiped->size, ==, size);
      g_assert_true (sodium_is_zero (wiped->bytes, size));
      memset (wiped->bytes, 0xa5, size);
    }
  tess_wiped_free (NULL);
}

/* Runs last: what it sets is the process's for good. */
static void
test_process (void)
{
  struct rlimit cores;

  tess_process_init ();
  tess_process_hide ();
#if !defined(__SANITIZE_ADDRESS__)
  if (g_getenv ("TESSERA_DEBUGGABLE") == NULL)
    {
      g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 0);
      g_assert_cmpint (getrlimit (RLIMIT_CORE, &cores), ==, 0);
      g_assert_cmpuint (cores.rlim_cur, ==, 0);
      g_assert_cmpuint (cores.rlim_max, ==, 0);
    }
#else
  (void) cores;
#endif
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/base/random/differs", test_random_differs);
  g_test_add_func ("/base/random/source", test_random_source);
  g_test_add_func ("/base/random/below", test_random_below);
  g_test_add_func ("/base/clock/offset", test_clock);
  g_test_add_func ("/base/secret/types", test_secret_types);
  g_test_add_func ("/base/secret/memory", test_secret_memory);
  g_test_add_func ("/base/secret/slots", test_secret_slots);
#if !defined(__SANITIZE_ADDRESS__)
  g_test_add_func ("/base/secret/guard", test_secret_guard);
  g_test_add_func ("/base/secret/overrun", test_secret_overrun);
  g_test_add_func ("/base/secret/freed-twice", test_secret_freed_twice);
#endif
  g_test_add_func ("/base/secret/wiped", test_wiped);
  g_test_add_func ("/base/process/init", test_process);
  return g_test_run ();
}
