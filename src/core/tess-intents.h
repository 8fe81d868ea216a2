/* What a person does, as jobs (tess-job.h): each is one transaction. Arguments are counted boxes that the main thread and the
 * database thread hold together: in-members are written before the job runs, out-members read after it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-job.h"
#include "wire/tess-address.h"

G_BEGIN_DECLS

/* One box for all of them: g_atomic_rc_box; which members an intent uses stands beside it. */
typedef struct {
  int64_t conversation;
  int64_t message;       /* in: a row; out: the row that was made */
  int64_t reply;         /* in: a row, or 0 */
  int64_t expires;
  char *text;
  char *other;
  TessAddress *address;
  TessTrust trust;
  int result;
  uint8_t secret[16];
  GBytes *bytes;
  gpointer object;       /* freed with object_free */
  GDestroyNotify object_free;
  GPtrArray *rows;       /* out */
  bool more;             /* out */
  bool newer;            /* out */
  unsigned count;
} TessIntent;

TessIntent *tess_intent_new (int64_t conversation);
TessIntent *tess_intent_ref (TessIntent *self);
void tess_intent_unref (TessIntent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessIntent, tess_intent_unref)

/* All: TESS_CORE_ERROR NOT_FOUND for an unknown conversation or message, the store's errors, and those named. */

/* @address, @text (a name until they say their own, or NULL) → @conversation. Accepted at once; relay and capability refreshed.
 * OWN_ADDRESS. */
bool tess_intent_add (TessJob *job, gpointer intent, GError **error);
/* @conversation. */
bool tess_intent_accept (TessJob *job, gpointer intent, GError **error);
/* @conversation, @text, @reply (or 0: the row of the message that it answers) → @message. STOPPED. */
bool tess_intent_send (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message: the message, or what was done to it, that could not be sent. STOPPED. */
bool tess_intent_retry (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message (the newest that was seen). */
bool tess_intent_mark_read (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message (an own text), @text. STOPPED. */
bool tess_intent_edit (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message, @count (1: for everyone, an own text). STOPPED. */
bool tess_intent_delete (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message (a text), @text (an emoji, or ""). STOPPED. */
bool tess_intent_react (TessJob *job, gpointer intent, GError **error);
/* @conversation, @count (seconds). STOPPED. */
bool tess_intent_set_timer (TessJob *job, gpointer intent, GError **error);
/* @conversation, @count (1: writes now). Does nothing where it cannot be told at once. */
bool tess_intent_typing (TessJob *job, gpointer intent, GError **error);
/* @text (a setting's name), @count. */
bool tess_intent_set_setting (TessJob *job, gpointer intent, GError **error);
/* @conversation, @address → @result (TessVerifyResult). */
bool tess_intent_verify (TessJob *job, gpointer intent, GError **error);
/* @conversation, @trust. */
bool tess_intent_set_trust (TessJob *job, gpointer intent, GError **error);
/* @conversation (0: general), @secret, @expires. */
bool tess_intent_show_code (TessJob *job, gpointer intent, GError **error);
/* @secret, @expires. An unknown code is fine. */
bool tess_intent_hide_code (TessJob *job, gpointer intent, GError **error);
/* @conversation, @message (before; 0: newest), @count → @rows (TessMessageData, oldest first), @more. */
bool tess_intent_load_page (TessJob *job, gpointer intent, GError **error);
/* @conversation → @rows (TessContactDevice), by number. */
bool tess_intent_load_devices (TessJob *job, gpointer intent, GError **error);
/* → @rows (TessConversationData), all. */
bool tess_intent_load_conversations (TessJob *job, gpointer intent, GError **error);

G_END_DECLS
