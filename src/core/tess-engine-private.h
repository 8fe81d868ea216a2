/* The engine from inside. Main thread. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-core.h"
#include "core/tess-engine.h"
#include "core/tess-history-private.h"
#include "core/tess-intents.h"

G_BEGIN_DECLS

struct _TessEngine {
  GObject parent_instance;
  TessCore *core;
  GListStore *conversations;
  GListStore *everyone;   /* those that are not listed too */
  GHashTable *by_id;      /* gint64 → TessConversation */
  GPtrArray *histories;   /* TessHistory, weak */
  TessMessages *messages;
  char *address;          /* own, or NULL */
  gint64 typing_in;       /* the conversation whose other person was told that we write, or 0; and when, monotonic */
  gint64 typing_since;
};

/* The object of @data, brought up to date and into its place in the list. Borrowed. */
TessConversation *tess_engine_take_conversation (TessEngine *self, const TessConversationData *data);
/* In a fiber: the own address of the settings, and the name at the relay. */
gboolean tess_engine_load_address (TessEngine *self, GError **error);
/* A new code of 30 digits; NULL: FAILED. */
TessRecoveryText *tess_recovery_text_make (GError **error);
void tess_engine_forget_history (gpointer engine, GObject *history);

/* Runs @job with @intent (taken); then @tell says what the call resolves to. */
typedef DexFuture *(*TessEngineTell) (TessEngine *self, TessIntent *intent);
DexFuture *tess_engine_perform (TessEngine *self, TessCoreJob job, TessIntent *intent, TessEngineTell tell);
/* TRUE; the conversation with the intent's id; the message of its first row. */
DexFuture *tess_engine_tell_done (TessEngine *self, TessIntent *intent);
DexFuture *tess_engine_tell_conversation (TessEngine *self, TessIntent *intent);
DexFuture *tess_engine_tell_message (TessEngine *self, TessIntent *intent);
/* What is wrong with a text to be sent, in words, or NULL. */
const char *tess_engine_fault_of_text (const char *text);

G_END_DECLS
