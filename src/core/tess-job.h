/* What every job of core on the database thread works with, and the names of the settings.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-identity.h"
#include "core/tess-snapshots.h"
#include "store/tess-queries-messages.h"

G_BEGIN_DECLS

/* One job, inside its transaction. Functions that take a TessJob run on the database thread; FALSE and an error rolls the whole
 * transaction back, so everything that is a peer's fault is a result and never an error. */
typedef struct {
  TessDb *db;
  const TessIdentity *us;
  TessChanges *changes;
  int64_t now;    /* seconds, the same through the job */
  int64_t now_ms;
} TessJob;

/* Settings of the account. */
#define TESS_SETTING_ADDED "account.added"             /* int: when the device was made, in profiles whose list names it */
#define TESS_SETTING_LIST_VERSION "account.list-version" /* int: of the own device list; 1 when not set */
#define TESS_SETTING_DEVICE_NUMBER "account.device-number" /* int: this device's in it; 1 when not set */
#define TESS_SETTING_RESTORED "account.restored"       /* int: the backup's list version, until the relay took us */
#define TESS_SETTING_RESTORED_KEYS "account.restored-keys" /* blob 64: account and device seed, until they are where keys are */
#define TESS_SETTING_BACKUP_TIME "backup.time"         /* int: when the newest backup was made */
#define TESS_SETTING_OWNER "account.owner"             /* blob 64: the public account and device key it belongs to */
#define TESS_SETTING_NAME "account.name"               /* text */
#define TESS_SETTING_RELAY "account.relay"             /* text: origin */
#define TESS_SETTING_REGISTERED "account.registered"   /* int: 1 once the relay took us */
#define TESS_SETTING_CONTACT_CAPABILITY "account.contact" /* blob 16 */
#define TESS_SETTING_REQUEST_CAPABILITY "account.request" /* blob 16 */
#define TESS_SETTING_REQUEST_RENEWED "account.request-renewed" /* int: 1 until the relay has the new request capability */
#define TESS_SETTING_DIRECTORY_NAME "account.directory-name" /* text: the name claimed at the relay; not set: none */
#define TESS_SETTING_DIRECTORY_WISH "account.directory-wish" /* text ("": none): asked for, and no answer is known yet */
#define TESS_SETTING_PROFILE_VERSION "profile.version" /* int: grows when name, relay or contact capability change */
#define TESS_SETTING_ONE_TIME_LAST "one-time.last"     /* int: the newest one-time prekey's id */
#define TESS_SETTING_ONE_TIME_REPLACE "one-time.replace" /* int: 1 while the relay's unissued ones are to be dropped */
#define TESS_SETTING_ROLLED_BACK "rollback.waits"      /* int: 1 while sessions have to start anew, once that may be done again */
#define TESS_SETTING_ROLLED_FORWARD "rollback.last"    /* int: when they last did, seconds */
#define TESS_SETTING_RECEIPTS_TOLD "told.receipts"     /* int: whether read receipts go out; 1 when not set */
#define TESS_SETTING_TYPING_TOLD "told.typing"         /* int: the same for `typing` */
#define TESS_SETTING_ACKED "mail.acked"                /* int: the highest sequence that was committed */
#define TESS_SETTING_REFUSED "mail.refused"            /* int: mail refused so far */
#define TESS_SETTING_UNDECRYPTABLE "mail.undecryptable" /* int: mail that decrypted under nothing */

/* Works for one contact that wait until something can be sealed for it. */
typedef enum {
  TESS_PENDING_PING = 1 << 0,    /* a receipt, empty if need be: the ratchet turns, or a fresh session is shown */
  TESS_PENDING_PROFILE = 1 << 1, /* own profile, without waiting for other mail */
  TESS_PENDING_RESEND = 1 << 2,  /* what reached the relay and was never receipted, under a new session; hourly at most */
  TESS_PENDING_VERIFY = 1 << 3,  /* the mac of tess_pending_verify_*() */
  TESS_PENDING_RESET = 1 << 4,   /* a fresh session, once the wait between two is over (tess_receive_late()) */
  TESS_PENDING_RESEAL = 1 << 5,  /* what waits sealed under an older session, under the new one */
  TESS_PENDING_REPORT = 1 << 6,  /* that a fresh session stays unanswered, once it has for TESS_RESET_REPORT_AFTER */
} TessPending;

#define TESS_PENDING_AGAIN (TESS_PENDING_RESEND | TESS_PENDING_RESEAL)
#define TESS_PENDING_LATER (TESS_PENDING_RESET | TESS_PENDING_REPORT) /* nothing that could be sealed now */

bool tess_pending_get (TessJob *job, int64_t contact, unsigned *pending_out, GError **error);
bool tess_pending_add (TessJob *job, int64_t contact, unsigned pending, GError **error);
bool tess_pending_clear (TessJob *job, int64_t contact, unsigned pending, GError **error);
/* All that the settings say of a contact, who is to be forgotten. */
bool tess_pending_forget (TessJob *job, int64_t contact, GError **error);
/* Every contact that has some (int64_t). */
bool tess_pending_contacts (TessJob *job, GArray **contacts_out, GError **error);
/* The mac that answers a scanned code; setting it adds TESS_PENDING_VERIFY. */
bool tess_pending_set_verify (TessJob *job, int64_t contact, const uint8_t mac[static 32], GError **error);
bool tess_pending_get_verify (TessJob *job, int64_t contact, uint8_t mac_out[static 32], bool *found_out, GError **error);

/* Reads the changed rows (tess-snapshots.h) at the end of a job. */
bool tess_changes_load (TessJob *job, GError **error);
/* A text was edited or erased: the answers that quote it are shown anew. */
bool tess_changes_answers (TessJob *job, const TessMessageRow *row, GError **error);
/* A message and a conversation as they are shown. NULL with @error, or without one when there is none, or it is hidden. */
TessMessageData *tess_load_message (TessDb *db, int64_t row, GError **error);
TessConversationData *tess_load_conversation (TessJob *job, int64_t id, GError **error);
/* Pages as tess_db_message_page_before() and _after(), shown rows (TessMessageData). */
GPtrArray *tess_load_page (TessDb *db, int64_t conversation, int64_t before, unsigned max, GError **error);
GPtrArray *tess_load_page_after (TessDb *db, int64_t conversation, int64_t after, unsigned max, GError **error);

/* The sentence for a message's stored failure word; "" for NULL. */
const char *tess_failure_sentence (const char *word);
#define TESS_FAILURE_NO_MAILBOX "no-mailbox"
#define TESS_FAILURE_CAPABILITY "capability"
#define TESS_FAILURE_TOO_LARGE "too-large"
#define TESS_FAILURE_ENVELOPE "envelope"
#define TESS_FAILURE_KEYS "keys"
#define TESS_FAILURE_BLOCKED "blocked"
#define TESS_FAILURE_RESTORED "restored"

G_END_DECLS
