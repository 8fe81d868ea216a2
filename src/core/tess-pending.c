/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-job.h"
#include "store/tess-queries-core.h"
#include "store/tess-queries-keys.h"

#include <string.h>

#define PENDING "pending."
#define VERIFY "verify."

static char *
setting (const char *prefix, int64_t contact)
{
  return g_strdup_printf ("%s%" G_GINT64_FORMAT, prefix, (gint64) contact);
}

bool
tess_pending_get (TessJob *job, int64_t contact, unsigned *pending_out, GError **error)
{
  g_autofree char *name = setting (PENDING, contact);
  int64_t value = 0;
  bool done = tess_db_setting_get_int (job->db, name, 0, &value, error);

  *pending_out = (unsigned) value;
  return done;
}

static bool
set (TessJob *job, int64_t contact, unsigned pending, GError **error)
{
  g_autofree char *name = setting (PENDING, contact);

  if (pending == 0)
    return tess_db_setting_remove (job->db, name, error);
  return tess_db_setting_set_int (job->db, name, pending, error);
}

bool
tess_pending_add (TessJob *job, int64_t contact, unsigned pending, GError **error)
{
  unsigned old;

  if (!tess_pending_get (job, contact, &old, error))
    return false;
  return (old | pending) == old || set (job, contact, old | pending, error);
}

bool
tess_pending_clear (TessJob *job, int64_t contact, unsigned pending, GError **error)
{
  unsigned old;
  g_autofree char *verify = setting (VERIFY, contact);

  if (!tess_pending_get (job, contact, &old, error))
    return false;
  if ((old & pending) == 0)
    return true;
  if ((old & pending & TESS_PENDING_VERIFY) != 0 && !tess_db_setting_remove (job->db, verify, error))
    return false;
  return set (job, contact, old & ~pending, error);
}

bool
tess_pending_forget (TessJob *job, int64_t contact, GError **error)
{
  static const char *const prefixes[] = { PENDING, VERIFY, "resent.", "profiled.", "renewed." };
  bool done = true;

  for (gsize i = 0; done && i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autofree char *name = setting (prefixes[i], contact);

      done = tess_db_setting_remove (job->db, name, error);
    }
  return done;
}

bool
tess_pending_contacts (TessJob *job, GArray **contacts_out, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (!tess_db_setting_names (job->db, PENDING, &names, error))
    return false;
  *contacts_out = g_array_new (FALSE, FALSE, sizeof (int64_t));
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      int64_t id = g_ascii_strtoll (name + strlen (PENDING), NULL, 10);

      g_array_append_val (*contacts_out, id);
    }
  return true;
}

bool
tess_pending_set_verify (TessJob *job, int64_t contact, const uint8_t mac[static 32], GError **error)
{
  g_autofree char *name = setting (VERIFY, contact);

  return tess_db_setting_set_blob (job->db, name, mac, 32, error) && tess_pending_add (job, contact, TESS_PENDING_VERIFY, error);
}

bool
tess_pending_get_verify (TessJob *job, int64_t contact, uint8_t mac_out[static 32], bool *found_out, GError **error)
{
  g_autofree char *name = setting (VERIFY, contact);

  return tess_db_setting_copy (job->db, name, mac_out, 32, found_out, error);
}
