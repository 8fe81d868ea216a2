/* Tessera without a window: one profile's account, contacts, conversations and delivery. The app and the command line stand on
 * this header alone.
 *
 * A TessEngine belongs to the main thread. What takes time returns a DexFuture that resolves on the main thread and rejects with
 * TESS_CORE_ERROR, whose message can be shown as it is. Cancelling a future's wait does not undo what it started.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core-error.h"
#include "core/tess-history.h"
#include "core/tess-progress.h"
#include "core/tess-search-hit.h"

#include <gio/gio.h>
#include <libdex.h>

G_BEGIN_DECLS

#define TESS_TYPE_ENGINE (tess_engine_get_type ())
G_DECLARE_FINAL_TYPE (TessEngine, tess_engine, TESS, ENGINE, GObject)

/* Properties, all read-only, all notified:
 *   registered    (boolean)        there is an account
 *   name          (string)         own name, "" before registering or restoring
 *   relay         (string)         own relay's origin, "" before registering or restoring
 *   directory-name (string)        what others find one by at the own relay, "" for none
 *   link-state    (TessLinkState)
 *   link-message  (string)         the state in words, translated: "Online", "No network. Messages will be sent later.", …
 *   app-lock      (int, a TessAppLockState)
 *   backup-time   (int64)          when the newest backup was finished, seconds; 0: never
 *   restored      (boolean)        it holds what a backup held, and is not registered yet: name and relay are those of the backup
 *   receipts-told, typing-told (boolean)  whether others hear that one has read, or writes
 *   conversations (GListModel of TessConversation)  the pinned ones first, then the newest; requests (contact not
 *                                 accepted) and archived ones among them
 * Signals, on the main thread:
 *   ::message-arrived  (TessConversation, TessMessage)  a new message from somebody else is committed
 *   ::trust-changed    (TessConversation)               verified by the other side's scan, or an alarm
 *   ::code-spent       (TessConversation, string)       the contact has used a code of tess_engine_show_code(), which ends in
 *                                                       this string; another has to be shown */

/* Opens the profile in @dir, which is made (0700) if it does not exist, and takes its lock until tess_engine_close(). Which way
 * connections go is read before anything else (tess-connection.h). Keys come
 * from the keyring, or, in a profile that was made with a passphrase, from its key file.
 * @passphrase: NULL, or UTF-8 of 1 to 1024 bytes. It is copied into guarded memory before this returns; the caller wipes its own.
 * In a fresh profile a passphrase decides that this profile is kept under it and never touches the keyring.
 * Resolves to a TessEngine. Rejects: IN_USE, NOT_WRITABLE, NO_SPACE, DAMAGED, NEWER, NO_KEYRING (also in a fresh profile: nothing
 * is made), KEYRING_UNREACHABLE, KEYRING_AWAY, KEYRING_LOST, RECOVERY_NEEDED, RECOVERY_DAMAGED, PASSPHRASE_NEEDED,
 * PASSPHRASE_OR_CODE (under an app lock), PASSPHRASE_WRONG. protocol.md 1, 12. */
DexFuture *tess_engine_open (const char *dir, const char *passphrase) G_GNUC_WARN_UNUSED_RESULT;

/* The same without asking a person for anything, and without making anything: it opens only what is there and whose keys an open
 * keyring gives at once. Resolves to a TessEngine; rejects with any of the above, for which somebody has to come. */
DexFuture *tess_engine_open_quietly (const char *dir) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a profile whose keyring lost its keys, or is itself lost: @typed is the recovery code (spaces do not matter) or
 * the recovery passphrase. When the keys that it gives open the database, they are put back into the keyring, or, if @passphrase
 * is not NULL, under that: the profile needs no keyring then, and the recovery file goes. Until then nothing is changed. Copied
 * as above. Takes about a second, with @passphrase two. Rejects besides: RECOVERY_WRONG, RECOVERY_DAMAGED, RECOVERY_NONE,
 * KEYRING_UNREACHABLE (what was typed is right, but there is no keyring: a @passphrase is wanted). protocol.md 12. */
DexFuture *tess_engine_recover (const char *dir, const char *typed, const char *passphrase) G_GNUC_WARN_UNUSED_RESULT;

/* Ends links and jobs, commits what is under way, drops keys and the lock. Resolves to TRUE; never rejects. */
DexFuture *tess_engine_close (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* What a relay says of itself (GET /v1/info), for the live check of first start. Boxed. */
typedef struct {
  char *origin;              /* https://host[:port], as it would be stored */
  char *name;                /* cleaned for showing */
  char *version;
  gboolean needs_invitation;
  gboolean open;             /* FALSE: takes nobody new */
} TessRelayInfo;

#define TESS_TYPE_RELAY_INFO (tess_relay_info_get_type ())
GType tess_relay_info_get_type (void);
TessRelayInfo *tess_relay_info_copy (const TessRelayInfo *self);
void tess_relay_info_free (TessRelayInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRelayInfo, tess_relay_info_free)

/* Asks the relay at @text (an origin or just a host, as people type it) what it is. Works before registering. Resolves to a
 * TessRelayInfo. Rejects: BAD_RELAY (not an address; or something else answers there), UNREACHABLE. */
DexFuture *tess_engine_check_relay (TessEngine *self, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the account and device keys, stores them (keyring or key file), makes prekeys and registers the mailbox. An account that
 * was made but could not be registered is kept and used by the next call. @invitation may be NULL. Resolves to TRUE.
 * Rejects: REGISTERED, BAD_NAME, BAD_RELAY, UNREACHABLE, INVITATION, NO_KEYRING, NO_SPACE, REFUSED. protocol.md 1, 7. */
DexFuture *tess_engine_register (TessEngine *self, const char *name, const char *relay, const char *invitation)
  G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  TESS_RECOVERY_UNUSED, /* the profile is kept under a passphrase, not in the keyring */
  TESS_RECOVERY_NONE,
  TESS_RECOVERY_CODE,
  TESS_RECOVERY_CODE_AND_PASSPHRASE,
  TESS_RECOVERY_DAMAGED, /* a new code mends it */
} TessRecoveryState;

/* What is there for the day that the keyring loses the keys. Reads a small file. */
TessRecoveryState tess_engine_get_recovery (TessEngine *self);

/* A recovery code that is being shown: six groups of five digits in guarded memory. Boxed, counted. */
typedef struct _TessRecoveryText TessRecoveryText;
#define TESS_TYPE_RECOVERY_TEXT (tess_recovery_text_get_type ())
GType tess_recovery_text_get_type (void);
TessRecoveryText *tess_recovery_text_ref (TessRecoveryText *self);
void tess_recovery_text_unref (TessRecoveryText *self);
const char *tess_recovery_text_get (const TessRecoveryText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRecoveryText, tess_recovery_text_unref)

/* A new recovery code, to be shown. It is kept nowhere, changes nothing and opens nothing before it is confirmed. NULL:
 * RECOVERY_NONE (the profile is kept under a passphrase), FAILED. protocol.md 12. */
TessRecoveryText *tess_engine_make_recovery_code (TessEngine *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts @code in force, when it is known to be written down: the recovery file is written under it, an older code works no more,
 * a passphrase stays as it is by then. Takes about a second. Resolves to TRUE. Rejects RECOVERY_NONE, NO_SPACE, NOT_WRITABLE,
 * FAILED (also while another call of these two is under way): the older code works on, and @code may be confirmed again. */
DexFuture *tess_engine_confirm_recovery_code (TessEngine *self, TessRecoveryText *code) G_GNUC_WARN_UNUSED_RESULT;

/* Sets a passphrase that recovers as the code does; NULL takes it away. Copied as above. Resolves to TRUE. Rejects RECOVERY_NONE
 * (also without a code), RECOVERY_DAMAGED, PASSPHRASE_WRONG (not to be used as one: the message says why), and as above. */
DexFuture *tess_engine_set_recovery_passphrase (TessEngine *self, const char *passphrase) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  TESS_APP_LOCK_OFF,     /* who has the open keyring has the messages */
  TESS_APP_LOCK_ON,      /* a passphrase is wanted besides */
  TESS_APP_LOCK_PROFILE, /* the profile is kept under a passphrase, not in the keyring */
} TessAppLockState;

/* Whether this profile asks for a passphrase at each opening. */
TessAppLockState tess_engine_get_app_lock (TessEngine *self);

/* Puts the database key, where the keyring holds it, under @passphrase, or under none (NULL). @present is the one until now, NULL
 * when there is none. Copied as above. Takes about three seconds; what is there opens at any moment of it. The recovery code
 * works as before, and takes the app lock away when it is used. Resolves to TRUE. Rejects RECOVERY_NONE (the profile is kept
 * under a passphrase), PASSPHRASE_NEEDED or PASSPHRASE_OR_CODE (@present is NULL, and there is one), PASSPHRASE_WRONG (@present,
 * or @passphrase is not to be used as one: the message says why), KEYRING_UNREACHABLE, KEYRING_LOST, FAILED. protocol.md 12. */
DexFuture *tess_engine_set_app_lock (TessEngine *self, const char *present, const char *passphrase) G_GNUC_WARN_UNUSED_RESULT;

/* A fresh code for a backup, to be shown and typed as a recovery code is; it is kept nowhere. NULL: FAILED. protocol.md 12. */
TessRecoveryText *tess_engine_make_backup_code (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes all that this profile holds into @file, encrypted under @passphrase: 1 to 1,024 bytes of UTF-8, or a code (what reads as
 * one is one). Copied as above. What is written is the state of one moment; the profile stays usable meanwhile. @file is
 * replaced as a whole, with mode 0600, after it was synced and read back: what was there stays until then. Takes a second, and
 * longer with much to write. @progress may be NULL. Resolves to TRUE. Rejects NOT_REGISTERED, PASSPHRASE_WRONG (not to be used as
 * one: the message says why), NO_SPACE, NOT_WRITABLE, CANCELLED, FAILED (also while another one is under way). protocol.md 12. */
DexFuture *tess_engine_back_up (TessEngine *self, GFile *file, const char *passphrase, TessProgress *progress)
  G_GNUC_WARN_UNUSED_RESULT;

/* When the newest backup was finished, seconds since 1970; 0: never. */
gint64 tess_engine_get_backup_time (TessEngine *self);

/* Fills this profile, in which there is no account yet, with what the backup in @file holds; @typed is its passphrase or code.
 * Copied as above. All of it or nothing: whatever ends it early, the profile is as fresh as before. The account gets a new device
 * here, which tess_engine_register() (with the engine's name and relay) makes known, now or after the next opening; the device
 * that made the backup ends with that. @progress may be NULL. Resolves to TRUE. Rejects REGISTERED (also when one was restored
 * already), BACKUP_WRONG (the passphrase), BACKUP_DAMAGED (also when it is no backup at all), NEWER, NOT_FOUND (no such file, or
 * it cannot be read), NO_SPACE, NO_KEYRING, CANCELLED, FAILED. protocol.md 12. */
DexFuture *tess_engine_restore (TessEngine *self, GFile *file, const char *typed, TessProgress *progress)
  G_GNUC_WARN_UNUSED_RESULT;

/* Whether a backup was restored here that is not registered yet: tess_engine_register() is next. Name and relay are known. */
gboolean tess_engine_get_restored (TessEngine *self);

gboolean tess_engine_get_registered (TessEngine *self);
const char *tess_engine_get_name (TessEngine *self);
const char *tess_engine_get_relay (TessEngine *self);
TessLinkState tess_engine_get_link_state (TessEngine *self);
const char *tess_engine_get_link_message (TessEngine *self);
GListModel *tess_engine_get_conversations (TessEngine *self);
/* The same with those whose chat was removed: whom one can write to, and whom one has blocked. */
GListModel *tess_engine_get_everyone (TessEngine *self);

/* Goes online and stays so: connects, reconnects with backoff, receives, sends what is queued, keeps prekeys fresh. Does nothing
 * before registering or when called again. */
void tess_engine_start (TessEngine *self);

/* Tries at once instead of waiting for the backoff: the network came back, or a person asked. */
void tess_engine_nudge (TessEngine *self);

/* The same, and connects anew: the machine slept, and nobody says whether what was connected still is. A network that became
 * another one is noticed without it. */
void tess_engine_renew (TessEngine *self);

/* Resolves to TRUE when everything queued now is stored on its relay; rejects UNREACHABLE as soon as something cannot go now
 * (it stays queued), REFUSED when something failed for good. Needs tess_engine_start(). */
DexFuture *tess_engine_flush (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* Resolves to TRUE when the mailbox held nothing more: all mail that waited on the relay when this was called is committed and
 * acknowledged. Rejects UNREACHABLE. Needs tess_engine_start(). */
DexFuture *tess_engine_drain (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* Own address (TESSERA:1/…, with the request capability), or NULL before registering. Free with g_free(). */
char *tess_engine_dup_address (TessEngine *self);

/* Makes every code, link and address given away so far useless to strangers: a new request capability (protocol.md 7). Contacts,
 * who have the other one, notice nothing. Resolves to TRUE when the relay has it, to FALSE when it will as soon as it can be
 * reached; until then the old address works on. Rejects NOT_REGISTERED, NO_SPACE. */
DexFuture *tess_engine_renew_address (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* Makes a code to show: own address and a fresh secret, good until tess_engine_hide_code() and 5 minutes more, for one use.
 * @conversation: the one contact whose scan of it verifies them at once, or NULL for the general code (protocol.md 8).
 * Resolves to a string. Rejects NOT_REGISTERED, NO_SPACE. */
DexFuture *tess_engine_show_code (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;
/* The code is not shown any more: its five minutes begin. A code never hidden (the process died) ends TESS_CODE_SHOWN_MAX seconds
 * after it was made. */
void tess_engine_hide_code (TessEngine *self, const char *code);

/* Adds the person whose address, link or code is @text (accepted at once). Adding somebody known accepts them and refreshes their
 * relay and capability. Needs no network. Resolves to the TessConversation. A scanned code's verification is
 * tess_engine_verify_code()'s. Rejects BAD_ADDRESS, OWN_ADDRESS, NO_SPACE; like everything below NOT_REGISTERED. */
DexFuture *tess_engine_add_contact (TessEngine *self, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE when @text is a name at a relay as people type it: bob@relay.example.org. */
gboolean tess_engine_is_name (const char *text);

/* Asks the relay in @text (a name at a relay, as above) who has claimed that name; where the relay lists names, and nobody has,
 * who has claimed one that begins so. Resolves to a boxed GPtrArray of TessFoundPerson, at least one. Rejects BAD_ADDRESS,
 * BAD_RELAY, UNREACHABLE, NOT_FOUND (the message says whether the relay tells names at all), REFUSED. protocol.md 7. */
DexFuture *tess_engine_look_up (TessEngine *self, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* tess_engine_add_contact() for somebody found; the name stands for them until they say another. */
DexFuture *tess_engine_add_found (TessEngine *self, const TessFoundPerson *person) G_GNUC_WARN_UNUSED_RESULT;

/* The name that others find the account by at its relay, or "". */
const char *tess_engine_get_directory_name (TessEngine *self);

/* Claims @name (3 to 32 of a-z, 0-9, _ and -) at the own relay in place of an older one, or gives that up ("" or NULL). Whoever
 * asks is told the own address, also after it was renewed. Resolves to TRUE. Rejects BAD_NAME (also when it is taken), REFUSED
 * (the relay keeps no names), UNREACHABLE (also before tess_engine_start()). protocol.md 7. */
DexFuture *tess_engine_claim_name (TessEngine *self, const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Accepts a stranger's request: they become a contact and get own profile and receipts from now on. Resolves to TRUE. */
DexFuture *tess_engine_accept (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* Commits a text message to the history and the outbox in one transaction; sending goes on by itself, also after a restart.
 * Writing to a stranger accepts them. Resolves to the TessMessage. Rejects BAD_TEXT, STOPPED, NO_SPACE. protocol.md 6. */
DexFuture *tess_engine_send_text (TessEngine *self, TessConversation *conversation, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The same as an answer to @reply_to, a text of this conversation. */
DexFuture *tess_engine_send_reply (TessEngine *self, TessConversation *conversation, const char *text, TessMessage *reply_to)
  G_GNUC_WARN_UNUSED_RESULT;

/* A message by its row. Resolves to the TessMessage; rejects NOT_FOUND for what is no text of this conversation, or was
 * deleted. */
DexFuture *tess_engine_load_message (TessEngine *self, TessConversation *conversation, gint64 row) G_GNUC_WARN_UNUSED_RESULT;

/* Changes an own text; the other side sees the new one and that it was changed. Resolves to TRUE. Rejects BAD_TEXT, STOPPED,
 * NO_SPACE, NOT_FOUND (also for what is not an own text, or was deleted). protocol.md 5. */
DexFuture *tess_engine_edit (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *text)
  G_GNUC_WARN_UNUSED_RESULT;

/* Erases a message here; @for_everyone (own texts alone) takes it back on the other side too, where it stays as a line that says
 * so, as it does here. What was read cannot be made unread. Resolves to TRUE. Rejects STOPPED (for everyone), NOT_FOUND. */
DexFuture *tess_engine_delete (TessEngine *self, TessConversation *conversation, TessMessage *message, gboolean for_everyone)
  G_GNUC_WARN_UNUSED_RESULT;

/* The person's own reaction to a text: one emoji, or "" for none any more. Resolves to TRUE. Rejects BAD_TEXT (no emoji),
 * STOPPED, NOT_FOUND. */
DexFuture *tess_engine_react (TessEngine *self, TessConversation *conversation, TessMessage *message, const char *emoji)
  G_GNUC_WARN_UNUSED_RESULT;

/* For how many seconds messages that are sent from now on stay once they were seen; 0: always. Both sides follow it, and both see
 * a line. At most TESS_TIMER_MAX. Resolves to TRUE. Rejects STOPPED. */
DexFuture *tess_engine_set_timer (TessEngine *self, TessConversation *conversation, guint seconds) G_GNUC_WARN_UNUSED_RESULT;

/* The person writes in this conversation (each change of the text is worth a call), or stopped. Nothing is promised: it is told
 * to an accepted contact with a session, now and then, unless the property typing-told is FALSE. */
void tess_engine_set_typing (TessEngine *self, TessConversation *conversation, gboolean typing);

/* Read receipts and typing, for all contacts: properties receipts-told and typing-told (boolean, notified, TRUE at first), kept
 * in the profile. Resolve to TRUE. */
DexFuture *tess_engine_set_receipts_told (TessEngine *self, gboolean told) G_GNUC_WARN_UNUSED_RESULT;
DexFuture *tess_engine_set_typing_told (TessEngine *self, gboolean told) G_GNUC_WARN_UNUSED_RESULT;
gboolean tess_engine_get_receipts_told (TessEngine *self);
gboolean tess_engine_get_typing_told (TessEngine *self);

/* What was typed and not sent ("" or NULL: nothing), at most TESS_TEXT_BYTES_MAX, and the row of the message that it answers, or
 * 0. Resolves to TRUE. */
DexFuture *tess_engine_set_draft (TessEngine *self, TessConversation *conversation, const char *text, gint64 reply)
  G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  TESS_CHAT_PINNED,         /* before all others in the list */
  TESS_CHAT_MUTED,          /* no notification */
  TESS_CHAT_ARCHIVED,       /* in a list of its own until something is written in it; one that is muted stays there */
  TESS_CHAT_MARKED_UNREAD,  /* shown as unread until it is opened: tess_engine_mark_read() clears it */
} TessChatFlag;

/* Resolves to TRUE. */
DexFuture *tess_engine_set_flag (TessEngine *self, TessConversation *conversation, TessChatFlag flag, gboolean on)
  G_GNUC_WARN_UNUSED_RESULT;

/* The person's own name for this contact; "" or NULL: the one that they gave themselves. Resolves to TRUE. Rejects BAD_NAME. */
DexFuture *tess_engine_set_nickname (TessEngine *self, TessConversation *conversation, const char *nickname)
  G_GNUC_WARN_UNUSED_RESULT;

/* Blocks or unblocks: what they write is not shown, kept or receipted, and nothing is sent to them. They are not told. Resolves
 * to TRUE. */
DexFuture *tess_engine_set_blocked (TessEngine *self, TessConversation *conversation, gboolean blocked) G_GNUC_WARN_UNUSED_RESULT;

/* Erases the history. A contact stays one (tess_engine_get_everyone()), and the chat is listed again when something is written in
 * it; a stranger (a request) goes with all that is known of them, unless they are blocked, which they stay. Resolves to TRUE; the
 * conversation leaves the list. */
DexFuture *tess_engine_remove (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* The conversation with oneself, made at the first call. Resolves to it. */
DexFuture *tess_engine_open_notes (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* Lists the chat of a contact again whose chat was removed; one that is listed stays as it is. Resolves to @conversation. */
DexFuture *tess_engine_list (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* Finds texts with words that begin as each word of @text does, whatever case and accents, newest first: in @conversation, or in
 * all (NULL). @before: 0, or the row of the last hit, for more. At most @max. Resolves to a GListModel of TessSearchHit; an empty
 * @text finds nothing. */
DexFuture *tess_engine_search (TessEngine *self, TessConversation *conversation, const char *text, gint64 before, guint max)
  G_GNUC_WARN_UNUSED_RESULT;

/* What this profile takes on this computer. Resolves to a boxed TessUsage. */
DexFuture *tess_engine_measure (TessEngine *self) G_GNUC_WARN_UNUSED_RESULT;

/* Sends a failed message again, under its old id. Resolves to TRUE. */
DexFuture *tess_engine_retry (TessEngine *self, TessConversation *conversation, TessMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* Everything in the conversation up to and with @up_to has been seen: it counts as unread no more, and read receipts go out to an
 * accepted contact. What was committed since and nobody has looked at stays unread. Resolves to TRUE. */
DexFuture *tess_engine_mark_read (TessEngine *self, TessConversation *conversation, TessMessage *up_to)
  G_GNUC_WARN_UNUSED_RESULT;

/* Opens the conversation's history. Resolves to a TessHistory with its newest page loaded. */
DexFuture *tess_engine_open_history (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* The contact's devices, as the newest list known of them names them, by number; none before they were first written to or heard
 * of. Resolves to a boxed GPtrArray of TessContactDevice. protocol.md 1. */
DexFuture *tess_engine_load_devices (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* Compares a scanned or pasted code with the contact's key; on a match marks them verified and sends the `verify` message.
 * Resolves to a TessVerifyResult (int). Rejects BAD_ADDRESS when @code is no code at all. protocol.md 8. */
DexFuture *tess_engine_verify_code (TessEngine *self, TessConversation *conversation, const char *code) G_GNUC_WARN_UNUSED_RESULT;

/* Sets VERIFIED after the numbers were compared by voice, or UNVERIFIED (takes back either; also resolves an alarm by a person's
 * decision). Resolves to TRUE. */
DexFuture *tess_engine_set_trust (TessEngine *self, TessConversation *conversation, TessTrust trust) G_GNUC_WARN_UNUSED_RESULT;

/* The safety number with this contact: 60 digits without spaces. Resolves to a string. protocol.md 8. */
DexFuture *tess_engine_safety_number (TessEngine *self, TessConversation *conversation) G_GNUC_WARN_UNUSED_RESULT;

/* The conversation with the contact whose name (unique, case as given), address, link, code or start of the base32 key (8
 * characters at least) is @text, or NULL and NOT_FOUND (nobody, or several: the message says which). Borrowed. */
TessConversation *tess_engine_find (TessEngine *self, const char *text, GError **error);

G_END_DECLS
