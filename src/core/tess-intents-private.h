/* What the files of intents share. For jobs. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-intents.h"
#include "core/tess-people.h"

G_BEGIN_DECLS

/* Errors: what was named is not here; sending to this contact is stopped, and why. Both return FALSE. */
bool tess_intent_not_found (GError **error);
bool tess_intent_stopped (const TessContactRow *contact, GError **error);

/* The contact of a conversation: NOT_FOUND without one. */
bool tess_intent_find_contact (TessJob *job, int64_t conversation, TessContactRow **contact_out, GError **error);
/* A stranger becomes a contact. */
bool tess_intent_accept_contact (TessJob *job, TessContactRow *contact, GError **error);

G_END_DECLS
