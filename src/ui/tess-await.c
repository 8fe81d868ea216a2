/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-await.h"

typedef struct {
  GWeakRef owner;
  TessAwaitFunc func;
  TessAwaitFailed failed;
  gpointer data;
  GDestroyNotify destroy;
} Await;

static void
await_free (gpointer data)
{
  Await *await = data;

  if (await->destroy != NULL)
    await->destroy (await->data);
  g_weak_ref_clear (&await->owner);
  g_free (await);
}

static DexFuture *
await_decided (DexFuture *future, gpointer data)
{
  Await *await = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&await->owner);
  g_autoptr (GError) error = NULL;
  const GValue *value = NULL;

  if (owner == NULL)
    return NULL;
  value = dex_future_get_value (future, &error);
  if (await->func != NULL)
    await->func (owner, value, error, await->data);
  else if (error != NULL)
    await->failed (owner, error);
  return NULL;
}

static void
wait_for (DexFuture *future, gpointer owner, Await *await)
{
  g_weak_ref_init (&await->owner, owner);
  dex_future_disown (dex_future_finally (future, await_decided, await, await_free));
}

void
tess_await (DexFuture *future, gpointer owner, TessAwaitFunc func, gpointer data, GDestroyNotify destroy)
{
  Await *await = g_new0 (Await, 1);

  await->func = func;
  await->data = data;
  await->destroy = destroy;
  wait_for (future, owner, await);
}

void
tess_await_failure (DexFuture *future, gpointer owner, TessAwaitFailed func)
{
  Await *await = g_new0 (Await, 1);

  await->failed = func;
  wait_for (future, owner, await);
}
