/* Conversations, messages, receipts that wait to be sent. For jobs, as tess-queries-keys.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

typedef struct {
  int64_t id;            /* set by insert */
  int64_t contact;       /* unique */
  int64_t last_message;  /* id of the newest message; 0: none. Kept by insert */
  int64_t last_activity; /* ms, for sorting: the newest message's time, else the creation */
  unsigned unread;       /* received messages not marked read. Kept by insert and mark_read */
  char *draft;           /* NULL: none */
  bool pinned;
  bool muted;
  bool archived;
  bool marked_unread;
  bool hidden;           /* its history was erased and nothing was written since */
  unsigned timer;        /* seconds */
  int64_t draft_reply;   /* the message that the draft answers, which may be gone; 0: none */
} TessConversationRow;

void tess_conversation_row_free (TessConversationRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessConversationRow, tess_conversation_row_free)

/* The conversation with @contact, made when there is none. */
bool tess_db_conversation_ensure (TessDb *db, int64_t contact, int64_t now_ms, int64_t *id_out, GError **error);
bool tess_db_conversation_find (TessDb *db, int64_t id, TessConversationRow **row_out, GError **error);
bool tess_db_conversation_find_contact (TessDb *db, int64_t contact, TessConversationRow **row_out, GError **error);
/* All (TessConversationRow), the latest activity first. */
bool tess_db_conversation_list (TessDb *db, GPtrArray **rows_out, GError **error);
/* @draft: NULL for none; @reply: the message that it answers, or 0. */
bool tess_db_conversation_set_draft (TessDb *db, int64_t id, const char *draft, int64_t reply, GError **error);
/* Writes pinned, muted, archived, marked_unread and hidden of the row of @row's id. */
bool tess_db_conversation_set_flags (TessDb *db, const TessConversationRow *row, GError **error);
/* Erases all messages, with what of them was not deposited yet, and the draft; the row is hidden, and neither pinned nor archived
 * nor marked. */
bool tess_db_conversation_clear (TessDb *db, int64_t id, GError **error);

typedef enum {
  TESS_MESSAGE_TEXT = 0,
  TESS_MESSAGE_UNKNOWN = 1, /* a kind that this version does not know: shown as "needs a newer version" */
  TESS_MESSAGE_NOTICE = 2,  /* a line of our own: keys changed, verified…; body is a word of core's */
  TESS_MESSAGE_ACTION = 3,  /* never shown: own, until it is receipted; theirs, until what it acts on is here */
} TessMessageKind;

/* What a TESS_MESSAGE_ACTION does to its target; body is the new text, nothing, an emoji or "", a number of seconds. */
typedef enum {
  TESS_ACTION_NONE = 0,
  TESS_ACTION_EDIT = 1,
  TESS_ACTION_DELETE = 2,
  TESS_ACTION_REACTION = 3,
  TESS_ACTION_TIMER = 4, /* its target is the notice of it, on this side alone */
} TessAction;

typedef enum {
  TESS_MESSAGE_RECEIVED = 0,
  TESS_MESSAGE_WAITING = 1, /* own: in the outbox, or waits for a session */
  TESS_MESSAGE_ON_RELAY = 2,
  TESS_MESSAGE_DELIVERED = 3,
  TESS_MESSAGE_READ = 4,
  TESS_MESSAGE_FAILED = 5,  /* own: see failure */
} TessMessageState;

typedef struct {
  int64_t id;            /* set by insert; grows: the order in the conversation */
  int64_t conversation;
  int64_t sender;        /* contact id; 0: own */
  uint8_t message_id[16]; /* unique per sender */
  int64_t time_ms;       /* by the sender's clock */
  int64_t stored_ms;     /* by ours */
  TessMessageKind kind;
  TessMessageState state;
  bool is_read;          /* received: shown to the user */
  char *body;            /* UTF-8; of an unknown kind the kind's name */
  char *failure;         /* own, failed: a word of core's; else NULL */
  bool has_reply_to;
  uint8_t reply_to[16];
  TessAction action;
  bool has_target;
  uint8_t target[16];
  int64_t edited_ms;     /* the time of the newest edit, by its sender's clock; 0: none */
  bool deleted;          /* for everyone: the body is gone */
  unsigned expires_after; /* seconds; 0: it stays */
  int64_t expires_ms;    /* when it is erased; 0: its time has not begun */
} TessMessageRow;

void tess_message_row_free (TessMessageRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessMessageRow, tess_message_row_free)

/* Stores a message, sets its id, moves its conversation up and counts it as unread when it is received and not is_read. EXISTS
 * when the sender used this message id: a repeat, ignore it. */
bool tess_db_message_insert (TessDb *db, TessMessageRow *row, GError **error);
bool tess_db_message_find (TessDb *db, int64_t id, TessMessageRow **row_out, GError **error);
/* By the id in its content; @sender 0: own ones. */
bool tess_db_message_find_id (TessDb *db, int64_t sender, const uint8_t message_id[static 16], TessMessageRow **row_out,
                              GError **error);
/* A page (TessMessageRow, oldest first): the newest @max with an id below @before (0: the newest of all), or the oldest @max
 * above @after. */
bool tess_db_message_page_before (TessDb *db, int64_t conversation, int64_t before, unsigned max, GPtrArray **rows_out,
                                  GError **error);
bool tess_db_message_page_after (TessDb *db, int64_t conversation, int64_t after, unsigned max, GPtrArray **rows_out,
                                 GError **error);
bool tess_db_message_count (TessDb *db, int64_t conversation, uint64_t *count_out, GError **error);
/* Moves the state of an own message forward: waiting < on the relay < delivered < read; never back, and FAILED only from
 * WAITING or ON_RELAY (with @failure). From FAILED any other state is allowed. @changed_out (may be NULL) tells whether it
 * moved. */
bool tess_db_message_set_state (TessDb *db, int64_t id, TessMessageState state, const char *failure, bool *changed_out,
                                GError **error);
/* Marks received messages up to @up_to as read; the time of those that are erased in time begins at @now_ms. @ids_out (may be
 * NULL): the 16-byte message ids (GBytes) newly read, oldest first. */
bool tess_db_message_mark_read (TessDb *db, int64_t conversation, int64_t up_to, int64_t now_ms, GPtrArray **ids_out,
                                GError **error);
/* Own texts and actions to @contact that no receipt came for (waiting, on the relay), oldest first, at most @max: to be sent
 * again in a new session (TessMessageRow). */
bool tess_db_message_unreceipted (TessDb *db, int64_t contact, unsigned max, GPtrArray **rows_out, GError **error);

/* The rows (int64_t) of messages that answer the one with this id in the conversation, the newest @max. */
bool tess_db_message_answers (TessDb *db, int64_t conversation, const uint8_t message_id[static 16], unsigned max,
                              GArray **rows_out, GError **error);

/* Receipts gathered for a contact (protocol.md 5). A read receipt stands for a delivered one too. */
bool tess_db_receipt_put (TessDb *db, int64_t contact, const uint8_t message_id[static 16], bool is_read, GError **error);

/* Owes a receipt for the newest @max messages and actions that are stored of the contact: when what told of them was lost, or
 * nothing was told yet. With @read also that they were read, of those that were. */
bool tess_db_receipt_put_latest (TessDb *db, int64_t contact, unsigned max, bool read, GError **error);

typedef struct {
  uint8_t message_id[16];
  bool is_read;
} TessReceiptRow;

/* Takes at most @max of the contact's pending receipts out (TessReceiptRow, oldest first): in the transaction that seals the
 * receipt. */
bool tess_db_receipt_take (TessDb *db, int64_t contact, unsigned max, GPtrArray **rows_out, GError **error);
/* Ids of contacts that wait for receipts (gint64). */
bool tess_db_receipt_contacts (TessDb *db, GArray **contacts_out, GError **error);

G_END_DECLS
