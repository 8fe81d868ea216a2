/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-secret.h"

#include <stddef.h>
#include <string.h>

/* libsodium puts the end of the memory at the end of a page: only a multiple of the alignment begins aligned. */
static size_t
aligned (size_t size)
{
  const size_t alignment = G_ALIGNOF (max_align_t);

  return (size + alignment - 1) / alignment * alignment;
}

void *
tess_secret_alloc (size_t size)
{
  void *secret = sodium_malloc (aligned (size));

  if (secret == NULL)
    g_error ("no memory for %zu secret bytes", size);
  memset (secret, 0, size);
  return secret;
}

void
tess_secret_free (void *secret)
{
  sodium_free (secret);
}

TessWiped *
tess_wiped_new (size_t size)
{
  TessWiped *self = g_malloc0 (sizeof (TessWiped) + size);

  self->size = size;
  return self;
}

void
tess_wiped_free (TessWiped *self)
{
  if (self == NULL)
    return;
  sodium_memzero (self, sizeof (TessWiped) + self->size);
  g_free (self);
}
