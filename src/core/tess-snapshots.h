/* What the database thread says to the main thread: rows as plain structs, and the set of rows that a job changed, read again at
 * the end of the job inside its transaction. Owned by one thread at a time. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-types.h"

#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A conversation with its contact. Strings are never NULL. */
typedef struct {
  int64_t id;
  int64_t contact;
  char *name;
  char *address;
  char *key_text;
  TessTrust trust;
  bool accepted;
  char *given_name;
  char *nickname;
  bool blocked;
  bool is_self;
  char *preview;
  int64_t time;
  unsigned unread;
  TessDelivery last_delivery;
  bool pinned;
  bool muted;
  bool archived;
  bool hidden;
  bool marked_unread;
  char *draft;
  int64_t draft_reply;
  unsigned timer;
} TessConversationData;

TessConversationData *tess_conversation_data_copy (const TessConversationData *self);

void tess_conversation_data_free (TessConversationData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessConversationData, tess_conversation_data_free)

typedef struct {
  int64_t row;
  int64_t conversation;
  char *id; /* 32 hex digits */
  char *body;
  char *kind;
  int64_t time;
  bool outgoing;
  TessDelivery delivery;
  char *failure;
  bool edited;
  bool deleted;
  char *reply_to; /* 32 hex digits, or "" */
  char *reply_text;
  bool reply_outgoing;
  char *own_reaction;
  char *their_reaction;
  unsigned expires_after;
} TessMessageData;

TessMessageData *tess_message_data_copy (const TessMessageData *self);

void tess_message_data_free (TessMessageData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessMessageData, tess_message_data_free)

/* A code of ours that somebody has used. */
typedef struct {
  int64_t conversation; /* with whom */
  uint8_t secret[16];
} TessSpentCode;

/* What a job changed. Marked by id while it works; tess_changes_load() (tess-queries.h) fills the rows in at its end. */
typedef struct {
  GArray *conversation_ids; /* int64_t, unique */
  GArray *message_ids;      /* int64_t rows, unique, in the order of marking */
  GArray *arrived_ids;      /* messages from somebody else that are new */
  GArray *trust_ids;        /* conversations whose trust changed from outside */
  GArray *removed_ids;      /* rows of messages that are here no more */
  GArray *gone_ids;         /* conversations whose history is here no more */
  GArray *typing_ids;       /* conversations whose other person began to write, and (negative) stopped */
  GArray *spent_codes;      /* TessSpentCode */
  GPtrArray *conversations; /* TessConversationData */
  GPtrArray *messages;      /* TessMessageData */
  GArray *bundle_ids;       /* contacts whose keys have to be fetched before mail for them can be sealed */
  bool outbox;              /* there is something new to deposit */
  bool receipts;            /* receipts were gathered: due in a moment */
  bool expiry;              /* the time of a message may have begun that is erased in time */
} TessChanges;

TessChanges *tess_changes_new (void);
void tess_changes_free (TessChanges *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessChanges, tess_changes_free)

/* Marking: a conversation; a message of it; a new one from somebody else; one that was removed; a change of trust that came from
 * outside; a contact whose keys are needed; a conversation that was removed; one whose other person writes. */
void tess_changes_conversation (TessChanges *self, int64_t id);
void tess_changes_message (TessChanges *self, int64_t conversation, int64_t row);
void tess_changes_arrived (TessChanges *self, int64_t conversation, int64_t row);
void tess_changes_removed (TessChanges *self, int64_t conversation, int64_t row);
void tess_changes_gone (TessChanges *self, int64_t conversation);
void tess_changes_typing (TessChanges *self, int64_t conversation, bool typing);
void tess_changes_trust (TessChanges *self, int64_t conversation);
/* A code that was used up by the contact of the conversation. */
void tess_changes_spent (TessChanges *self, int64_t conversation, const uint8_t code[static 16]);
void tess_changes_bundle (TessChanges *self, int64_t contact);

G_END_DECLS
