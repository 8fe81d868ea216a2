/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The relay's store: accounts, mailboxes, mail, prekeys (protocol.md 7). One object, used by one thread (the writer's).
 *
 * What is asked often is keyed, so that another store, one of several machines too, can stand behind the same functions: mail,
 * deposits, acks and prekeys by one mailbox (a device), lists, capabilities and uploads by one account, names, tickets and
 * invitations by themselves. A mailbox lies with its account: whoever shards does it by account, with a table that leads from
 * a device to it, and each statement about both stays on one machine: a deposit reads the capabilities of the mailbox's account,
 * a bundle the mailboxes and prekeys of one account in one query (a join), a new list drops mailboxes of its account.
 *
 * What goes beyond one key, and what that costs where keys are apart:
 * - register, publish, devices, delete: a device, then its account. That a device is under one account alone (TAKEN) needs the
 *   table of devices to decide, first.
 * - register by invitation: the invitation's key, then the account. In this order a failure between them leaves an invitation
 *   that the same account can use again.
 * - name, remove_name, and delete of an account's last device: the name's key and the account. The name is claimed before the
 *   account points to it, and given up after; a failure between leaves at worst a name that nobody uses and its account can claim
 *   again. delete also touches the invitation that the account came by, over an index: it is not keyed.
 * - spend, and ticket: the ticket's key leads to the account's sum. A failure between loses a ticket and counts nothing.
 * - list_names, invitations, configure_invitations, statistics, sweep, unspent: over all keys, a range or a sum of each
 *   machine's. None serves a message; list_names serves a closed organisation's search.
 * - foreign_writes, and the clock: one number of the whole store; elsewhere one of each machine's. backup: a copy of one file.
 * SQLite runs many calls in one transaction (begin, commit) for one sync of the disk. No function relies on its calls sharing
 * one with those of another key, except as said here.
 *
 * Functions return what came of it; TESS_RELAY_BUSY means that the database failed and that the transaction around the call must
 * be rolled back. */
#pragma once

#include "relay/tess-relay-clock.h"
#include "relay/tess-relay-error.h"
#include "wire/tess-directory-json.h"
#include "wire/tess-frames.h"
#include "wire/tess-records.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The unissued one-time prekeys a device may keep here. */
#define TESS_RELAY_ONE_TIME_MAX 300
/* Earlier contact capabilities that still work, an account. The one nearest its end goes first. */
#define TESS_RELAY_OLD_CAPABILITIES_MAX 16

/* Deposit ids remembered for a mailbox: ten times what it holds. The oldest go first. */
#define TESS_RELAY_REMEMBERED_MAX 100000

/* What is kept of an invitation's code: its SHA-256. */
#define TESS_RELAY_INVITATION_SIZE 32

typedef struct _TessRelayStore TessRelayStore;

/* Opens or makes the database at @path (SQLite: WAL, synced commits) and brings its schema up to date. NULL and
 * TESS_RELAY_ERROR_DATA when it cannot be opened, is damaged, was made by a newer relay or by another program; the file is then
 * left as it was. */
TessRelayStore *tess_relay_store_open (const char *path, GError **error);
/* The same for a database that is there and up to date, and that a relay may be using: nothing is made or changed by opening. */
TessRelayStore *tess_relay_store_open_beside (const char *path, GError **error);
void tess_relay_store_close (TessRelayStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessRelayStore, tess_relay_store_close)

/* Copies the database at @path, in use or not, as it stands now to the new file @to (mode 0600), synced. TESS_RELAY_ERROR_DATA
 * when that cannot be, or something is there already; nothing is left then. A connection of its own: any thread or process. */
bool tess_relay_store_backup (const char *path, const char *to, GError **error);

/* One transaction around any number of the calls below, which only read or also write. Commit returns FALSE, and has rolled
 * back, when not all of it is on the disk; rollback is fine at any time. */
bool tess_relay_store_begin (TessRelayStore *self, bool writes);
bool tess_relay_store_commit (TessRelayStore *self);
void tess_relay_store_rollback (TessRelayStore *self);

/* -- Mailboxes ---------------------------------------------------------------------------------------------------------- */

typedef struct {
  bool registered;
  uint8_t account[32];
  uint64_t last;     /* the highest sequence ever given */
  uint64_t acked;    /* the highest sequence ever acknowledged */
  uint32_t waiting;  /* envelopes */
  uint64_t bytes;
  uint32_t one_time; /* unissued one-time prekeys */
} TessRelayMailboxState;

/* What is known of the mailbox of @device; @out is zero, and the result TESS_RELAY_UNREGISTERED, when it has none. */
TessRelayResult tess_relay_store_mailbox (TessRelayStore *self, const uint8_t device[static 32], TessRelayMailboxState *out);

typedef struct {
  uint8_t device[32];
  uint8_t capability[TESS_CAPABILITY_HASH_SIZE]; /* the hash of the one presented */
  uint8_t id[16];
  GBytes *envelope; /* borrowed */
  int64_t now;
} TessRelayDepositEntry;

/* Stores an envelope. OK: @sequence_out and @class_out (1 contact, 2 request) are set. STORED_BEFORE, NO_MAILBOX, REFUSED, FULL
 * as protocol.md's statuses 1 to 4. */
TessRelayResult tess_relay_store_deposit (TessRelayStore *self, const TessRelayDepositEntry *entry, uint64_t *sequence_out,
                                          TessMailClass *class_out);

typedef struct {
  uint64_t sequence;
  TessMailClass mail_class;
  GBytes *envelope;
} TessRelayMail;

void tess_relay_mail_free (TessRelayMail *self);

/* Appends to @mail (of TessRelayMail, owned) what waits above sequence @after, oldest first: at most @count envelopes and, after
 * the first, at most @bytes. @more_out tells whether some was left out. */
TessRelayResult tess_relay_store_mail (TessRelayStore *self, const uint8_t device[static 32], uint64_t after, unsigned count,
                                       size_t bytes, GPtrArray *mail, bool *more_out);

/* Deletes mail up to @sequence and remembers it as acknowledged. Older ones than before change nothing. */
TessRelayResult tess_relay_store_ack (TessRelayStore *self, const uint8_t device[static 32], uint64_t sequence);

/* -- Accounts ------------------------------------------------------------------------------------------------------------ */

/* A one-time prekey: its id and the signed record. */
typedef struct {
  uint32_t id;
  GBytes *record;
} TessRelayOneTime;

void tess_relay_one_time_free (TessRelayOneTime *self);

/* A device list whose signatures the caller has checked, and the signed record it was read from. */
typedef struct {
  TessDeviceList list;
  GBytes *record;
} TessRelayList;

typedef struct {
  GBytes *prekey; /* signed; NULL leaves the stored one */
  int64_t prekey_expires;
  GPtrArray *one_time; /* of TessRelayOneTime; may be NULL */
  bool replace;        /* drop unissued one-time prekeys first */
  int64_t now;
} TessRelayKeys;

typedef enum { TESS_RELAY_OPEN, TESS_RELAY_BY_INVITATION, TESS_RELAY_CLOSED } TessRelayPolicy;

/* Registers @device under the account of @list, which names it. @invitation is the hash of a code, or NULL; it counts only for a
 * new account, and each that the operator gave out is good for one. Registering again is fine. @one_time_out: unissued keys;
 * @removed as below. STALE, TAKEN, INVITATION, TOO_MANY, NO_NUMBER. */
TessRelayResult tess_relay_store_register (TessRelayStore *self, const uint8_t device[static 32], const TessRelayList *list,
                                           const TessRelayKeys *keys, TessRelayPolicy policy, const uint8_t *invitation,
                                           uint32_t *one_time_out, GByteArray *removed);
/* UNREGISTERED, TOO_MANY. An id that was ever handed out stays handed out; one that is there stays as it is and takes no room. */
TessRelayResult tess_relay_store_publish (TessRelayStore *self, const uint8_t device[static 32], const TessRelayKeys *keys,
                                          uint32_t *one_time_out);
/* Replaces the list of the account of @device. Devices that the new one omits lose their mailbox here and are appended to
 * @removed (32 bytes each). One without any device gives up the account's name as well. UNREGISTERED, STALE; TAKEN when @list is
 * another account's. */
TessRelayResult tess_relay_store_devices (TessRelayStore *self, const uint8_t device[static 32], const TessRelayList *list,
                                          GByteArray *removed);
/* Sets both capability hashes of the account of @device; a contact capability that this replaces works 48 hours more. */
TessRelayResult tess_relay_store_capabilities (TessRelayStore *self, const uint8_t device[static 32],
                                               const uint8_t contact[static TESS_CAPABILITY_HASH_SIZE],
                                               const uint8_t request[static TESS_CAPABILITY_HASH_SIZE], int64_t now);
/* Deletes the mailbox of @device with its keys and mail, and with the account's last one the account. */
TessRelayResult tess_relay_store_delete (TessRelayStore *self, const uint8_t device[static 32]);

typedef struct {
  GBytes *list;
  unsigned count;
  TessBundleEntry entries[TESS_DEVICES_MAX]; /* one_time NULL: none asked for, or none left; records are owned */
  uint32_t left[TESS_DEVICES_MAX];           /* unissued one-time keys that remain with each */
} TessRelayBundle;

void tess_relay_bundle_clear (TessRelayBundle *self);

/* What a sender needs to write to @account: its list and, of each listed device that registered under it and whose prekey record
 * has not expired, that record and with @one_time a one-time key, never given again. REFUSED for a capability (its hash) that
 * does not fit and for an unknown account. */
TessRelayResult tess_relay_store_bundle (TessRelayStore *self, const uint8_t account[static 32],
                                         const uint8_t capability[static TESS_CAPABILITY_HASH_SIZE], bool one_time, int64_t now,
                                         TessRelayBundle *out);

/* -- Names ---------------------------------------------------------------------------------------------------------------- */

/* Gives the account of @device the name @name, which stands for @address from now on, instead of the one it had; NULL gives that
 * up. The caller has checked both. UNREGISTERED; TAKEN, with nothing changed, by another account. */
TessRelayResult tess_relay_store_name (TessRelayStore *self, const uint8_t device[static 32], const char *name,
                                       const char *address);
/* Appends to @names (of TessDirectoryName) who is called @name: one, or NOT_FOUND. */
TessRelayResult tess_relay_store_find_name (TessRelayStore *self, const char *name, GPtrArray *names);
/* The same for the first @limit names, in order, that begin with @prefix. @more_out tells whether there are others. */
TessRelayResult tess_relay_store_list_names (TessRelayStore *self, const char *prefix, unsigned limit, GPtrArray *names,
                                             bool *more_out);

/* -- Tickets for blobs ----------------------------------------------------------------------------------------------------- */

/* Keeps @count tickets for the account of @device: the ids (TESS_BLOB_ID_SIZE bytes each) of the blobs that they will upload.
 * The oldest above TESS_TICKETS_UNUSED_MAX go. UNREGISTERED; FULL when the account has uploaded @quota bytes in the days that
 * blobs are kept. */
TessRelayResult tess_relay_store_tickets (TessRelayStore *self, const uint8_t device[static 32], const uint8_t *ids,
                                          unsigned count, int64_t quota, int64_t now);
/* Whose ticket @id is, and whether @size more bytes fit in @quota. NOT_FOUND for one that was spent or has ended; FULL. */
TessRelayResult tess_relay_store_ticket (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int64_t size,
                                         int64_t quota, int64_t now, uint8_t account_out[static 32]);
/* Spends the ticket @id, with which an upload of @size bytes began at @began, and adds them to the account's sum. NOT_FOUND,
 * FULL. */
TessRelayResult tess_relay_store_spend (TessRelayStore *self, const uint8_t id[static TESS_BLOB_ID_SIZE], int64_t size,
                                        int64_t quota, int64_t began, int64_t now);
/* Appends the ids of all tickets that can still be spent to @ids, one after the other. */
TessRelayResult tess_relay_store_unspent (TessRelayStore *self, int64_t now, GByteArray *ids);

/* -- For the operator (tessera-relay admin, beside a running relay too) -------------------------------------------------- */

typedef struct {
  uint8_t hash[TESS_RELAY_INVITATION_SIZE];
  int64_t made;  /* 0: its code is in the configuration */
  int64_t until; /* 0: for ever */
  bool used;
} TessRelayInvitation;

/* The codes in the configuration are good from now on, and those that were in it and are unused no longer. @hashes:
 * TESS_RELAY_INVITATION_SIZE bytes each. */
TessRelayResult tess_relay_store_configure_invitations (TessRelayStore *self, const GByteArray *hashes);
TessRelayResult tess_relay_store_invite (TessRelayStore *self, const TessRelayInvitation *invitation);
/* Appends all of them to @invitations (of TessRelayInvitation), the oldest first. */
TessRelayResult tess_relay_store_invitations (TessRelayStore *self, GArray *invitations);
/* NOT_FOUND when there is none, or it is used. */
TessRelayResult tess_relay_store_revoke (TessRelayStore *self, const uint8_t hash[static TESS_RELAY_INVITATION_SIZE]);

/* Takes the name away from whose it is. NOT_FOUND. */
TessRelayResult tess_relay_store_remove_name (TessRelayStore *self, const char *name);
/* Deletes @account with all its mailboxes. NOT_FOUND. */
TessRelayResult tess_relay_store_delete_account (TessRelayStore *self, const uint8_t account[static 32]);

typedef struct {
  int64_t accounts;
  int64_t devices;
  int64_t names;
  int64_t envelopes; /* that wait, */
  int64_t bytes;     /* and theirs */
  int64_t one_time;  /* unissued prekeys */
  int64_t uploaded;  /* bytes, in the days that attachments are kept */
  int64_t invitations_used;
  int64_t invitations_unused;
} TessRelayStatistics;

/* Sums over all there is. */
TessRelayResult tess_relay_store_statistics (TessRelayStore *self, int64_t now, TessRelayStatistics *out);

/* A number that changes when somebody else has written to the store: time to ask after what one remembers. */
TessRelayResult tess_relay_store_foreign_writes (TessRelayStore *self, int64_t *out);

/* -- Housekeeping -------------------------------------------------------------------------------------------------------- */

/* The clock by which things expire, as it was kept last (zero: never). */
TessRelayResult tess_relay_store_read_clock (TessRelayStore *self, TessRelayClock *out);
TessRelayResult tess_relay_store_keep_clock (TessRelayStore *self, const TessRelayClock *clock);

/* Deletes at most about @limit rows of what has expired or belongs to a deleted mailbox. @more_out: call again soon. */
TessRelayResult tess_relay_store_sweep (TessRelayStore *self, int64_t now, unsigned limit, bool *more_out);

G_END_DECLS
