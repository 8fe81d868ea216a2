/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tess-net-proxy.h"

typedef struct {
  void (*changed) (void *data);
  void *data;
} Watch;

static TessProxy current = { .kind = TESS_PROXY_SYSTEM };
static GHashTable *watches; /* number → Watch; NULL before the first */
static unsigned last_watch;

const TessProxy *
tess_net_proxy_get (void)
{
  return &current;
}

/* Whoever is told may watch anew, and unwatch others. */
void
tess_net_proxy_set (const TessProxy *proxy)
{
  g_autoptr (GPtrArray) numbers = NULL;

  if (tess_proxy_equal (proxy, &current))
    return;
  current = *proxy;
  if (watches == NULL)
    return;
  numbers = g_hash_table_get_keys_as_ptr_array (watches);
  for (unsigned i = 0; i < numbers->len; i++)
    {
      const Watch *watch = watches != NULL ? g_hash_table_lookup (watches, numbers->pdata[i]) : NULL;

      if (watch != NULL)
        watch->changed (watch->data);
    }
}

unsigned
tess_net_proxy_watch (void (*changed) (void *data), void *data)
{
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch) { changed, data };
  if (watches == NULL)
    watches = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  do
    last_watch++;
  while (last_watch == 0 || g_hash_table_contains (watches, GUINT_TO_POINTER (last_watch)));
  g_hash_table_insert (watches, GUINT_TO_POINTER (last_watch), watch);
  return last_watch;
}

void
tess_net_proxy_unwatch (unsigned watch)
{
  if (watch == 0)
    return;
  g_hash_table_remove (watches, GUINT_TO_POINTER (watch));
  if (g_hash_table_size (watches) == 0)
    g_clear_pointer (&watches, g_hash_table_unref);
}
