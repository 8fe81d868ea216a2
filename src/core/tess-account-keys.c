/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-account-keys.h"

#include "base/tess-limits.h"
#include "base/tess-random.h"
#include "core/tess-core-error.h"
#include "core/tess-sessions.h"
#include "crypto/tess-prekeys.h"
#include "store/tess-queries-keys.h"
#include "store/tess-queries-sessions.h"

#include <string.h>

/* Where ids go on from: a random place with room for two thousand million, so that none is given twice by a database that is new
 * or was put back, however often that happens. */
bool
tess_keys_restart_one_time (TessJob *job, GError **error)
{
  return tess_db_setting_set_int (job->db, TESS_SETTING_ONE_TIME_LAST, 1 + (int64_t) tess_random_below (1u << 31), error);
}

/* An id that no prekey here has. */
static bool
next_one_time_id (TessJob *job, uint32_t *id_out, GError **error)
{
  g_autoptr (TessOneTimeRow) held = NULL;
  int64_t last;

  do
    {
      if (!tess_db_setting_get_int (job->db, TESS_SETTING_ONE_TIME_LAST, 0, &last, error)
          || ((last <= 0 || last >= UINT32_MAX) && !tess_keys_restart_one_time (job, error))
          || !tess_db_setting_add (job->db, TESS_SETTING_ONE_TIME_LAST, 1, &last, error))
        return false;
      *id_out = (uint32_t) last;
      g_clear_pointer (&held, tess_one_time_row_free);
      if (!tess_db_one_time_find (job->db, *id_out, &held, error))
        return false;
    }
  while (held != NULL);
  return true;
}

bool
tess_keys_make_one_time (TessJob *job, unsigned count, GError **error)
{
  for (unsigned i = 0; i < count; i++)
    {
      g_auto (TessOneTimeSecret) secret = { 0 };
      g_autoptr (TessOneTimeRow) row = g_new0 (TessOneTimeRow, 1);
      TessOneTimePublic public;

      if (!tess_one_time_generate (&secret, &public, error) || !next_one_time_id (job, &row->id, error))
        return false;
      row->created = job->now;
      memcpy (row->opk_private, secret.bytes, sizeof row->opk_private);
      memcpy (row->kem_seed, secret.bytes + 32, sizeof row->kem_seed);
      if (!tess_db_one_time_insert (job->db, row, error))
        return false;
    }
  return true;
}

/* A random id, so that one is not used twice after a rolled back disk. */
static bool
random_id (uint32_t *id_out, GError **error)
{
  uint32_t id = 0;

  if (!tess_random ((uint8_t *) &id, sizeof id))
    return tess_core_error_no_random (error);
  *id_out = id == 0 ? 1 : id;
  return true;
}

static GBytes *
sign_record (TessJob *job, const TessPrekeyRow *row, const TessSignedPrekeyPublic *spk, const TessXwingPublic *envelope,
             GError **error)
{
  g_autofree TessPrekeyRecord *record = g_new0 (TessPrekeyRecord, 1);
  g_auto (TessSignSecret) secret = { 0 };

  memcpy (record->device, job->us->us.device.bytes, sizeof record->device);
  record->spk_id = row->spk_id;
  memcpy (record->spk, spk->dh.bytes, sizeof record->spk);
  memcpy (record->last_resort_key, spk->kem.bytes, sizeof record->last_resort_key);
  record->envelope_key_id = row->envelope_key_id;
  memcpy (record->envelope_key, envelope->bytes, sizeof record->envelope_key);
  record->created = (uint64_t) row->created;
  record->expires = (uint64_t) row->expires;
  tess_identity_device_sign_secret (job->us, &secret);
  return tess_prekey_record_sign (record, secret.bytes, error);
}

bool
tess_keys_renew (TessJob *job, GError **error)
{
  g_autoptr (TessPrekeyRow) newest = NULL;
  g_autoptr (TessPrekeyRow) row = g_new0 (TessPrekeyRow, 1);
  g_auto (TessSignedPrekeySecret) spk_secret = { 0 };
  g_auto (TessXwingSeed) envelope_secret = { 0 };
  TessSignedPrekeyPublic spk;
  TessXwingPublic envelope;

  if (!tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX - 1, &newest, error))
    return false;
  if (!tess_signed_prekey_generate (&spk_secret, &spk, error) || !tess_envelope_key_generate (&envelope_secret, &envelope, error)
      || !random_id (&row->spk_id, error) || !random_id (&row->envelope_key_id, error))
    return false;
  row->created = newest != NULL ? MAX (job->now, newest->created + 1) : job->now;
  row->expires = row->created + TESS_PREKEY_LIFETIME_MAX;
  memcpy (row->spk_private, spk_secret.bytes, sizeof row->spk_private);
  memcpy (row->last_resort_seed, spk_secret.bytes + 32, sizeof row->last_resort_seed);
  memcpy (row->envelope_seed, envelope_secret.bytes, sizeof row->envelope_seed);
  row->record = sign_record (job, row, &spk, &envelope, error);
  return row->record != NULL && tess_db_prekey_insert (job->db, row, error);
}

bool
tess_keys_rotate (TessJob *job, GError **error)
{
  g_autoptr (TessPrekeyRow) newest = NULL;

  if (!tess_db_prekey_newest (job->db, job->now + TESS_PREKEY_AHEAD_MAX, &newest, error))
    return false;
  return (newest != NULL && newest->created > job->now - TESS_PREKEY_ROTATE_EVERY) || tess_keys_renew (job, error);
}

static GBytes *
one_time_record (TessJob *job, const TessOneTimeRow *row, const TessSignSecret *sign, GError **error)
{
  g_auto (TessDhSecret) dh = { 0 };
  g_auto (TessKemSeed) seed = { 0 };
  g_autoptr (TessKemKey) kem = NULL;
  TessDhPublic public;
  TessOneTimePrekey record = { .id = row->id };

  memcpy (dh.bytes, row->opk_private, sizeof dh.bytes);
  memcpy (seed.bytes, row->kem_seed, sizeof seed.bytes);
  tess_dh_public (&dh, &public);
  kem = tess_kem_key_new (&seed, error);
  if (kem == NULL)
    return NULL;
  memcpy (record.device, job->us->us.device.bytes, sizeof record.device);
  memcpy (record.opk, public.bytes, sizeof record.opk);
  memcpy (record.kem_key, tess_kem_key_public (kem)->bytes, sizeof record.kem_key);
  return tess_one_time_prekey_sign (&record, sign->bytes, error);
}

bool
tess_keys_not_uploaded (TessJob *job, GPtrArray **records_out, uint32_t *first_out, uint32_t *last_out, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (TessSignSecret) sign = { 0 };

  if (!tess_db_one_time_not_uploaded (job->db, TESS_ONE_TIME_UPLOAD, &rows, error))
    return false;
  tess_identity_device_sign_secret (job->us, &sign);
  *first_out = *last_out = 0;
  for (guint i = 0; i < rows->len; i++)
    {
      const TessOneTimeRow *row = g_ptr_array_index (rows, i);
      GBytes *record = one_time_record (job, row, &sign, error);

      if (record == NULL)
        return false;
      g_ptr_array_add (records, record);
      *first_out = *first_out == 0 ? row->id : MIN (*first_out, row->id);
      *last_out = MAX (*last_out, row->id);
    }
  *records_out = g_steal_pointer (&records);
  return true;
}

/* Those nobody used in 90 days are erased, and then the relay may not hand out any of their public halves either. */
static bool
erase_one_time (TessJob *job, GError **error)
{
  unsigned erased = 0;

  return tess_db_one_time_erase_old (job->db, job->now - TESS_ONE_TIME_KEEP, &erased, error)
         && (erased == 0 || tess_db_setting_set_int (job->db, TESS_SETTING_ONE_TIME_REPLACE, 1, error));
}

bool
tess_keys_erase_old (TessJob *job, GError **error)
{
  tess_envelope_keys_forget (job->us->envelope_keys);
  return tess_db_prekey_erase_expired (job->db, job->now - TESS_PREKEY_KEEP_AFTER_EXPIRY, error)
         && erase_one_time (job, error)
         && tess_db_code_erase_expired (job->db, job->now - TESS_CODE_REMEMBER, error)
         && tess_db_envelope_erase_old (job->db, job->now - TESS_SEEN_ENVELOPE_KEEP, error)
         && tess_db_skipped_erase_old (job->db, job->now - TESS_RATCHET_STORED_KEY_KEEP, error)
         && tess_sessions_prune (job, error);
}
