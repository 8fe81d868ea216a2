/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-secret.h"

#include "base/tess-limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ALIGNMENT G_ALIGNOF (max_align_t)
#define CANARY 16

/* Guarded memory costs three system calls and three pages a piece, and the kernel bounds how many pieces and how many locked
 * bytes a process may have. So small secrets share slabs: one guarded piece, cut into slots of one size, each with a canary
 * behind it. A slot that nobody has is all zeros. */
typedef struct _Slab Slab;
struct _Slab {
  Slab *next;
  uint8_t *memory; /* sodium_malloc; TESS_SECRET_SLAB_SLOTS slots */
  size_t slot;     /* bytes of a slot, canary included */
  uint64_t free;   /* a bit for each slot */
};

/* What fits none of these has a piece of its own. */
static const size_t slot_sizes[] = { 64, 512, TESS_SECRET_SLOT_MAX };

static GMutex lock;
static Slab *slabs[G_N_ELEMENTS (slot_sizes)];
static uint8_t canary[CANARY];

#define ALL_FREE (UINT64_MAX >> (64 - TESS_SECRET_SLAB_SLOTS))

G_STATIC_ASSERT (TESS_SECRET_SLAB_SLOTS <= 64 && TESS_SECRET_SLOT_MAX % ALIGNMENT == 0 && CANARY % ALIGNMENT == 0);

/* libsodium puts the end of the memory at the end of a page: only a multiple of the alignment begins aligned. */
static void *
guarded (size_t size)
{
  size_t aligned = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *memory = sodium_malloc (aligned);

  if (memory == NULL)
    g_error ("no memory for %zu secret bytes", size);
  memset (memory, 0, aligned);
  return memory;
}

static Slab *
slab_new (size_t size)
{
  Slab *self = g_new0 (Slab, 1);

  self->slot = size + CANARY;
  self->memory = guarded (self->slot * TESS_SECRET_SLAB_SLOTS);
  self->free = ALL_FREE;
  if (sodium_is_zero (canary, sizeof canary))
    randombytes_buf (canary, sizeof canary);
  for (unsigned i = 0; i < TESS_SECRET_SLAB_SLOTS; i++)
    memcpy (self->memory + i * self->slot + size, canary, CANARY);
  return self;
}

static void *
take_slot (unsigned class)
{
  Slab *slab = slabs[class];
  unsigned slot;

  while (slab != NULL && slab->free == 0)
    slab = slab->next;
  if (slab == NULL)
    {
      slab = slab_new (slot_sizes[class]);
      slab->next = slabs[class];
      slabs[class] = slab;
    }
  slot = (unsigned) __builtin_ctzll (slab->free);
  slab->free &= ~(1ull << slot);
  return slab->memory + slot * slab->slot;
}

/* An empty slab goes, unless it is the only one with room: somebody is about to ask again. */
static void
drop_if_spare (unsigned class, Slab **link)
{
  Slab *slab = *link;
  bool spare = false;

  if (slab->free != ALL_FREE)
    return;
  for (const Slab *other = slabs[class]; other != NULL; other = other->next)
    spare |= other != slab && other->free != 0;
  if (!spare)
    return;
  *link = slab->next;
  sodium_free (slab->memory);
  g_free (slab);
}

/* FALSE when @secret lies in no slab. */
static bool
give_slot (uint8_t *secret)
{
  for (unsigned class = 0; class < G_N_ELEMENTS (slot_sizes); class++)
    for (Slab **link = &slabs[class]; *link != NULL; link = &(*link)->next)
      {
        Slab *slab = *link;
        unsigned slot;

        if (secret < slab->memory || secret >= slab->memory + slab->slot * TESS_SECRET_SLAB_SLOTS)
          continue;
        slot = (unsigned) ((size_t) (secret - slab->memory) / slab->slot);
        if (secret != slab->memory + slot * slab->slot || (slab->free & 1ull << slot) != 0 ||
            sodium_memcmp (secret + slot_sizes[class], canary, CANARY) != 0)
          g_error ("secret memory was overrun, or freed twice");
        sodium_memzero (secret, slot_sizes[class]);
        slab->free |= 1ull << slot;
        drop_if_spare (class, link);
        return true;
      }
  return false;
}

void *
tess_secret_alloc (size_t size)
{
  void *secret;

  for (unsigned class = 0; class < G_N_ELEMENTS (slot_sizes); class++)
    {
      if (size > slot_sizes[class])
        continue;
      g_mutex_lock (&lock);
      secret = take_slot (class);
      g_mutex_unlock (&lock);
      return secret;
    }
  return guarded (size);
}

void
tess_secret_free (void *secret)
{
  bool was_slot;

  if (secret == NULL)
    return;
  g_mutex_lock (&lock);
  was_slot = give_slot (secret);
  g_mutex_unlock (&lock);
  if (!was_slot)
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

bool
tess_secret_equal (const void *a, const void *b, size_t size)
{
  return sodium_memcmp (a, b, size) == 0;
}
