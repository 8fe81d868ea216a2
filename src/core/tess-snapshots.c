/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-snapshots.h"

#include <string.h>

void
tess_conversation_data_free (TessConversationData *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->address);
  g_free (self->key_text);
  g_free (self->given_name);
  g_free (self->nickname);
  g_free (self->preview);
  g_free (self->draft);
  g_free (self);
}

TessConversationData *
tess_conversation_data_copy (const TessConversationData *self)
{
  TessConversationData *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->address = g_strdup (self->address);
  copy->key_text = g_strdup (self->key_text);
  copy->given_name = g_strdup (self->given_name);
  copy->nickname = g_strdup (self->nickname);
  copy->preview = g_strdup (self->preview);
  copy->draft = g_strdup (self->draft);
  return copy;
}

void
tess_message_data_free (TessMessageData *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->body);
  g_free (self->kind);
  g_free (self->failure);
  g_free (self->reply_to);
  g_free (self->reply_text);
  g_free (self->own_reaction);
  g_free (self->their_reaction);
  g_free (self);
}

TessMessageData *
tess_message_data_copy (const TessMessageData *self)
{
  TessMessageData *copy = g_memdup2 (self, sizeof *self);

  copy->id = g_strdup (self->id);
  copy->body = g_strdup (self->body);
  copy->kind = g_strdup (self->kind);
  copy->failure = g_strdup (self->failure);
  copy->reply_to = g_strdup (self->reply_to);
  copy->reply_text = g_strdup (self->reply_text);
  copy->own_reaction = g_strdup (self->own_reaction);
  copy->their_reaction = g_strdup (self->their_reaction);
  return copy;
}

TessChanges *
tess_changes_new (void)
{
  TessChanges *self = g_new0 (TessChanges, 1);

  self->conversation_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->message_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->arrived_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->trust_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->bundle_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->removed_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->gone_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->typing_ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->spent_codes = g_array_new (FALSE, FALSE, sizeof (TessSpentCode));
  self->conversations = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_conversation_data_free);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_message_data_free);
  return self;
}

void
tess_changes_free (TessChanges *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->conversation_ids);
  g_array_unref (self->message_ids);
  g_array_unref (self->arrived_ids);
  g_array_unref (self->trust_ids);
  g_array_unref (self->bundle_ids);
  g_array_unref (self->removed_ids);
  g_array_unref (self->gone_ids);
  g_array_unref (self->typing_ids);
  g_array_unref (self->spent_codes);
  g_ptr_array_unref (self->conversations);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

static void
add_once (GArray *ids, int64_t id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) == id)
      return;
  g_array_append_val (ids, id);
}

void
tess_changes_conversation (TessChanges *self, int64_t id)
{
  add_once (self->conversation_ids, id);
}

void
tess_changes_message (TessChanges *self, int64_t conversation, int64_t row)
{
  add_once (self->conversation_ids, conversation);
  add_once (self->message_ids, row);
}

void
tess_changes_arrived (TessChanges *self, int64_t conversation, int64_t row)
{
  tess_changes_message (self, conversation, row);
  add_once (self->arrived_ids, row);
}

void
tess_changes_removed (TessChanges *self, int64_t conversation, int64_t row)
{
  add_once (self->conversation_ids, conversation);
  add_once (self->removed_ids, row);
}

void
tess_changes_gone (TessChanges *self, int64_t conversation)
{
  add_once (self->gone_ids, conversation);
}

void
tess_changes_spent (TessChanges *self, int64_t conversation, const uint8_t code[static 16])
{
  TessSpentCode spent = { .conversation = conversation };

  memcpy (spent.secret, code, sizeof spent.secret);
  g_array_append_val (self->spent_codes, spent);
}

void
tess_changes_typing (TessChanges *self, int64_t conversation, bool typing)
{
  add_once (self->typing_ids, typing ? conversation : -conversation);
}

void
tess_changes_trust (TessChanges *self, int64_t conversation)
{
  add_once (self->conversation_ids, conversation);
  add_once (self->trust_ids, conversation);
}

void
tess_changes_bundle (TessChanges *self, int64_t contact)
{
  add_once (self->bundle_ids, contact);
}
