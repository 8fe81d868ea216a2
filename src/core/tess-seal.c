/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-seal.h"

#include "base/tess-i18n.h"
#include "base/tess-random.h"
#include "core/tess-core-error.h"
#include "core/tess-people.h"
#include "core/tess-sessions.h"
#include "crypto/tess-envelope.h"
#include "store/tess-queries-outbox.h"

#include <string.h>

/* What the envelope seals, kept until the first attempt: type, hello, message. */
static TessWiped *
inner_of (GBytes *hello, GBytes *message)
{
  gsize hello_size = 0, message_size;
  const uint8_t *hello_data = hello != NULL ? g_bytes_get_data (hello, &hello_size) : NULL;
  const uint8_t *message_data = g_bytes_get_data (message, &message_size);
  TessWiped *inner = tess_wiped_new (1 + hello_size + message_size);

  inner->bytes[0] = hello != NULL ? TESS_ENVELOPE_HELLO : TESS_ENVELOPE_MESSAGE;
  if (hello_size > 0)
    memcpy (inner->bytes + 1, hello_data, hello_size);
  memcpy (inner->bytes + 1 + hello_size, message_data, message_size);
  return inner;
}

/* Whether @size bytes of content fit the largest envelope under this session. */
static bool
fits (const TessSessionRow *session, size_t size, bool *fits_out, GError **error)
{
  g_autoptr (TessRatchet) ratchet = tess_ratchet_parse (session->state->bytes, session->state->size, error);
  size_t hello = session->hello != NULL ? g_bytes_get_size (session->hello) : 0;

  *fits_out = ratchet != NULL && size <= tess_envelope_room (TESS_ENVELOPE_LARGE, hello, tess_ratchet_overhead (ratchet));
  return ratchet != NULL;
}

static bool
seal_one (TessJob *job, const TessContactRow *contact, const TessDeviceRow *device, TessSessionRow *session, GBytes *content,
          int64_t message_row, GError **error)
{
  g_autoptr (TessOutboxRow) entry = g_new0 (TessOutboxRow, 1);
  g_autoptr (GBytes) hello = NULL;
  g_autoptr (GBytes) message = NULL;
  TessXwingPublic key;
  uint32_t key_id;
  TessDevicePublic to;

  if (!tess_people_envelope_key_parse (device->prekey, &key_id, &key))
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_DAMAGED,
                           _("The profile is damaged and cannot be read. It was left untouched."));
      return false;
    }
  memcpy (to.bytes, device->device, sizeof to.bytes);
  if (!tess_session_encrypt (job, session, content, &hello, &message, error))
    return false;
  entry->envelope = tess_envelope_seal (&key, key_id, &to, &job->us->us, hello, message, error);
  if (entry->envelope == NULL)
    return false;
  if (!tess_random (entry->deposit_id, sizeof entry->deposit_id))
    return tess_core_error_no_random (error);
  entry->contact = contact->id;
  memcpy (entry->device, device->device, sizeof entry->device);
  entry->relay = g_strdup (contact->relay);
  entry->envelope_expires = device->prekey_expires;
  entry->inner = inner_of (hello, message);
  entry->message = message_row;
  entry->by_request = !contact->has_contact_capability;
  entry->created = job->now;
  job->changes->outbox = true;
  return tess_db_outbox_insert (job->db, entry, error);
}

bool
tess_seal (TessJob *job, const TessContactRow *contact, GPtrArray *devices, GBytes *content, int64_t message,
           TessSealed *sealed_out, GError **error)
{
  *sealed_out = TESS_SEAL_NO_KEYS;
  for (guint i = 0; i < devices->len; i++)
    {
      const TessDeviceRow *device = g_ptr_array_index (devices, i);
      g_autoptr (TessSessionRow) session = NULL;
      bool fit;

      if (device->prekey == NULL || device->prekey_expires <= job->now)
        continue;
      if (!tess_db_session_find_active (job->db, contact->id, device->device, &session, error))
        return false;
      if (session == NULL)
        continue;
      if (!fits (session, g_bytes_get_size (content), &fit, error))
        return false;
      if (!fit)
        {
          *sealed_out = TESS_SEAL_TOO_LARGE;
          return true;
        }
      if (!seal_one (job, contact, device, session, content, message, error))
        return false;
      *sealed_out = TESS_SEALED;
    }
  return true;
}
