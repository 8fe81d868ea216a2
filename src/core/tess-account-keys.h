/* Own prekeys in the database: jobs. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"

G_BEGIN_DECLS

/* Makes @count one-time prekeys. Their ids go on from where a random start was made. */
bool tess_keys_make_one_time (TessJob *job, unsigned count, GError **error);
/* A new random start for the ids: this database may not know all that were given. */
bool tess_keys_restart_one_time (TessJob *job, GError **error);
/* Makes a new prekey record, which is the newest from then on. */
bool tess_keys_renew (TessJob *job, GError **error);
/* The same if the newest is older than TESS_PREKEY_ROTATE_EVERY, or there is none. */
bool tess_keys_rotate (TessJob *job, GError **error);
/* The records of one-time prekeys that the relay has not taken, at most TESS_ONE_TIME_UPLOAD (GBytes), and their ids' bounds. */
bool tess_keys_not_uploaded (TessJob *job, GPtrArray **records_out, uint32_t *first_out, uint32_t *last_out, GError **error);
/* Erases what has expired: prekeys, one-time prekeys, codes, seen envelopes, stored keys, archived sessions. */
bool tess_keys_erase_old (TessJob *job, GError **error);

G_END_DECLS
