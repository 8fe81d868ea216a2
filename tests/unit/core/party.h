/* One person in tests of the jobs: a database and an identity, without threads and without a network. Envelopes are handed over
 * in memory. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-intents.h"
#include "core/tess-job.h"
#include "core/tess-receive.h"
#include "wire/tess-directory-json.h"

#include <glib.h>

typedef bool (*PartyJob) (TessJob *job, gpointer data, GError **error);

typedef struct {
  char *dir;
  TessDb *db;
  TessIdentity *us;
  uint64_t sequence;
  TessChanges *changes; /* of the last job */
  GHashTable *wanted;   /* int64_t contacts whose keys some job asked for */
  GBytes *kept;         /* of party_keep() */
} Party;

Party *party_new (const char *name);
void party_free (Party *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Party, party_free)

/* Closes and opens the database again, as after a crash. */
void party_restart (Party *self);
/* The database as it is now, and such a copy put in its place. */
GBytes *party_image (Party *self);
void party_put_image (Party *self, GBytes *image);
/* Another party of the identity @us with the database @image: from a template, or a thief. */
Party *party_new_from (TessIdentity *us, GBytes *image);
/* Keeps a copy of the database as it is now, and puts that copy in its place. */
void party_keep (Party *self);
void party_roll_back (Party *self);

/* Runs a job in a transaction, rolled back when it fails. */
bool party_try (Party *self, PartyJob job, gpointer data, GError **error);
/* The same; it has to succeed. */
void party_run (Party *self, PartyJob job, gpointer data);

/* Own records as a relay would serve them, with a one-time prekey if there is one. */
TessBundle *party_bundle (Party *self, bool one_time);
/* A new prekey record, if it is time. */
void party_rotate (Party *self);
/* What goes to the relay when it has @left one-time prekeys: the newest prekey record, one-time prekeys it has not taken
 * (GBytes), and whether it has to drop those it has first. */
typedef struct {
  unsigned left;
  GBytes *prekey;
  GPtrArray *one_time;
  bool replace;
} PartyUpload;
/* A PartyJob over a PartyUpload: erases what is old, rotates and makes what is due, and notes all of it as taken. */
bool party_upload (TessJob *job, gpointer upload, GError **error);
TessAddress *party_address (Party *self);

/* Adds @other by address; the conversation. */
int64_t party_add (Party *self, Party *other);
/* Each adds the other, and both know the other's name: one session, answered. */
void party_befriend (Party *self, Party *other);
/* Stores a text to the conversation; its row. What can be sealed is sealed. */
int64_t party_say (Party *self, int64_t conversation, const char *text);
/* Fetches @other's keys, as the bundle worker does, and seals what waits. */
void party_fetch (Party *self, Party *other);
/* A PartyJob over a TessIntent: @message the contact, @object a TessBundle, taken and used as the bundle worker does; @result the
 * TessListVerdict. */
bool party_take_bundle (TessJob *job, gpointer intent, GError **error);
/* The contact row's id of @other here. */
int64_t party_contact (Party *self, Party *other);
/* The conversation with @other. */
int64_t party_chat (Party *self, Party *other);
/* Seals any JSON as content for @other, under the session there is. */
void party_seal_raw (Party *self, Party *other, const char *json);

/* Takes everything out of the outbox as stored on the relay: GBytes, in order. */
GPtrArray *party_collect (Party *self);
/* Takes one entry out as stored: its envelope in an array, and the mailbox it was for. FALSE: nothing can go. */
bool party_deposit_next (Party *self, uint8_t device_out[static 32], GPtrArray **envelope_out);
/* Receives one envelope, where a fault is expected; FALSE when there was one and nothing happened. */
bool party_try_receive (Party *self, GBytes *envelope);
/* Receives one envelope. */
TessReceiveOutcome party_receive (Party *self, GBytes *envelope, TessMailClass class);
/* party_collect() of @from, all received by @to; how many. */
guint party_deliver (Party *from, Party *to);
/* Seals the receipts that were gathered. */
void party_seal_receipts (Party *self);
/* The hourly work, and as a PartyJob. */
void party_late (Party *self);
bool party_late_job (TessJob *job, gpointer unused, GError **error);
bool party_receipts_job (TessJob *job, gpointer unused, GError **error);
/* Delivers both ways until nothing moves; receipts are sealed at once. */
void party_settle (Party *a, Party *b);

/* How many rows @sql counts, the text it finds (free with g_free()). */
int64_t party_count (Party *self, const char *sql);
char *party_text (Party *self, const char *sql);
/* Runs @sql on the database; it has to succeed. */
void party_execute (Party *self, const char *sql);
/* Every column of every row in the database as one hash. */
char *party_state (Party *self);
