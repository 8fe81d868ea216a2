/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-envelope-keys.h"

#include "base/tess-limits.h"
#include "store/tess-queries-keys.h"

#include <string.h>

typedef struct {
  uint32_t id;
  TessXwingKey *key;
} Kept;

struct _TessEnvelopeKeys {
  Kept kept[TESS_ENVELOPE_KEYS_KEPT]; /* the first is the one that was made last */
};

TessEnvelopeKeys *
tess_envelope_keys_new (void)
{
  return g_new0 (TessEnvelopeKeys, 1);
}

static void
drop (Kept *kept)
{
  g_clear_pointer (&kept->key, tess_xwing_key_free);
  kept->id = 0;
}

void
tess_envelope_keys_forget (TessEnvelopeKeys *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->kept); i++)
    drop (&self->kept[i]);
}

void
tess_envelope_keys_free (TessEnvelopeKeys *self)
{
  if (self == NULL)
    return;
  tess_envelope_keys_forget (self);
  g_free (self);
}

static Kept *
find (TessEnvelopeKeys *self, uint32_t id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->kept); i++)
    if (self->kept[i].key != NULL && self->kept[i].id == id)
      return &self->kept[i];
  return NULL;
}

bool
tess_envelope_keys_find (TessEnvelopeKeys *self, TessDb *db, uint32_t id, const TessXwingKey **key_out, GError **error)
{
  g_autoptr (TessPrekeyRow) prekey = NULL;
  g_auto (TessXwingSeed) seed = { 0 };
  Kept *kept = find (self, id);
  TessXwingKey *key;

  *key_out = NULL;
  if (!tess_db_prekey_find_envelope (db, id, &prekey, error))
    return false;
  if (prekey == NULL)
    {
      if (kept != NULL)
        drop (kept);
      return true;
    }
  if (kept == NULL)
    {
      memcpy (seed.bytes, prekey->envelope_seed, sizeof seed.bytes);
      key = tess_xwing_key_new (&seed, error);
      if (key == NULL)
        return false;
      drop (&self->kept[TESS_ENVELOPE_KEYS_KEPT - 1]);
      memmove (self->kept + 1, self->kept, (TESS_ENVELOPE_KEYS_KEPT - 1) * sizeof *self->kept);
      self->kept[0] = (Kept) { id, key };
      kept = &self->kept[0];
    }
  *key_out = kept->key;
  return true;
}
