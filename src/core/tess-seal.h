/* One content, sealed for every device of a contact that has keys: tess-sender.c's hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "store/tess-queries-contacts.h"

G_BEGIN_DECLS

typedef enum {
  TESS_SEALED,
  TESS_SEAL_NO_KEYS,   /* no device with a session and a valid envelope key */
  TESS_SEAL_TOO_LARGE, /* fits no envelope; nothing was written */
} TessSealed;

/* Advances the session of each of @devices (TessDeviceRow) and appends an outbox entry each; @message is the row that it carries
 * or 0. TRUE with *@sealed_out, or a fault of our own. */
bool tess_seal (TessJob *job, const TessContactRow *contact, GPtrArray *devices, GBytes *content, int64_t message,
                TessSealed *sealed_out, GError **error);

G_END_DECLS
