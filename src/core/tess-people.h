/* Contacts as jobs see them: their device lists and bundles, trust, notices. protocol.md 1, 8.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "crypto/tess-xwing.h"
#include "store/tess-queries-contacts.h"
#include "wire/tess-directory-json.h"

G_BEGIN_DECLS

/* What a device list that came in means for a contact. */
typedef enum {
  TESS_LIST_TAKEN,   /* it is the newest known now (or was already) */
  TESS_LIST_OLDER,   /* left aside */
  TESS_LIST_REFUSED, /* a conflict or a jump, a device that belongs to another account, or (a bundle) a prekey record older than
                      * the newest known; alarm raised where it has to be */
} TessListVerdict;

/* Compares @list (verified, of this contact's account; @record its bytes) with the newest known, takes it when it is newer, and
 * writes devices and contact. A verified contact whose devices change falls back. */
bool tess_people_take_list (TessJob *job, TessContactRow *contact, const TessDeviceList *list, GBytes *record,
                            TessListVerdict *verdict_out, GError **error);

/* Stores what @bundle says of the contact's devices and when it was fetched; nothing of it unless the verdict is TAKEN. */
bool tess_people_take_bundle (TessJob *job, TessContactRow *contact, const TessBundle *bundle, TessListVerdict *verdict_out,
                              GError **error);

/* What a device's row keeps of its prekey record, which was verified when it was fetched: the envelope key and its id. */
GBytes *tess_people_envelope_key_encode (uint32_t id, const uint8_t key[static TESS_ENVELOPE_KEY_SIZE]);
bool tess_people_envelope_key_parse (GBytes *prekey, uint32_t *id_out, TessXwingPublic *key_out);

/* The X25519 form of a contact's device key, as its row keeps it; computed and kept when it is not there yet. FALSE in @known_out
 * when there is no such device. */
bool tess_people_device_dh (TessJob *job, int64_t contact, const TessDevicePublic *device, TessDhPublic *dh_out, bool *known_out,
                            GError **error);

/* TRUE when @device is in the newest list known; also when none is known yet. */
bool tess_people_has_device (const TessContactRow *contact, const uint8_t device[static 32]);

/* TRUE when an alarm or a change of keys forbids sending. */
bool tess_people_is_stopped (const TessContactRow *contact);

/* Puts a line of our own into the history: "verified", "mismatch", "changed", "unreadable"; of their scan of an own code
 * "scanned" (the general one: it is for us to scan back), "code-expired", "code-spent" or "code-other" (made for
 * another). */
bool tess_people_notice (TessJob *job, int64_t contact, const char *word, GError **error);
/* The same; @id_out is its message id, for what is told at it. */
bool tess_people_notice_id (TessJob *job, int64_t contact, const char *word, uint8_t id_out[static 16], GError **error);

/* The contact of @account with its conversation, made as a stranger when unknown. */
bool tess_people_ensure (TessJob *job, const uint8_t account[static 32], TessContactRow **contact_out, GError **error);

/* Writes the contact and marks its conversation as changed. */
bool tess_people_update (TessJob *job, const TessContactRow *contact, GError **error);

/* Its conversation is in the list again, should its history have been erased. */
bool tess_people_list (TessJob *job, int64_t contact, GError **error);

/* TRUE for the contact that one is oneself: notes, which go nowhere. */
bool tess_people_is_self (const TessJob *job, const TessContactRow *contact);

/* Makes @contact one who was accepted, in the struct alone: tess_people_update() keeps it. What they wrote as a stranger is
 * receipted now (protocol.md 5), and as read what was, where that is told. */
bool tess_people_accept (TessJob *job, TessContactRow *contact, GError **error);

/* The contact's conversation. */
bool tess_people_conversation (TessJob *job, int64_t contact, int64_t *conversation_out, GError **error);

G_END_DECLS
