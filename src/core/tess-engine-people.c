/* The engine's contacts and messages: each call checks what it was given, runs one intent, and resolves with what came of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "core/tess-engine-private.h"
#include "core/tess-intents.h"
#include "crypto/tess-safety.h"
#include "wire/tess-address.h"

#include <string.h>

#define KEY_CHARS_MIN 8

/* An intent on its way. */
typedef struct {
  TessEngine *engine;
  TessIntent *intent;
  TessCoreJob job;
  TessEngineTell tell;
} Act;

static void
act_free (gpointer data)
{
  Act *self = data;

  g_object_unref (self->engine);
  tess_intent_unref (self->intent);
  g_free (self);
}

static DexFuture *
run_act (gpointer data)
{
  Act *act = data;
  GError *error = NULL;

  if (!tess_core_run (act->engine->core, act->job, act->intent, &error))
    return dex_future_new_for_error (error);
  return act->tell (act->engine, act->intent);
}

DexFuture *
tess_engine_perform (TessEngine *self, TessCoreJob job, TessIntent *intent, TessEngineTell tell)
{
  Act *act;

  if (!self->core->registered)
    {
      tess_intent_unref (intent);
      return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_REGISTERED, "%s",
                                    _("There is no account in this profile yet."));
    }
  act = g_new0 (Act, 1);
  act->engine = g_object_ref (self);
  act->intent = intent;
  act->job = job;
  act->tell = tell;
  return tess_core_call (run_act, act, act_free);
}

DexFuture *
tess_engine_tell_done (TessEngine *self, TessIntent *intent)
{
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
tess_engine_tell_conversation (TessEngine *self, TessIntent *intent)
{
  TessConversation *conversation = g_hash_table_lookup (self->by_id, &intent->conversation);

  if (conversation == NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND, "%s", _("That is not here any more."));
  return dex_future_new_for_object (conversation);
}

DexFuture *
tess_engine_tell_message (TessEngine *self, TessIntent *intent)
{
  const TessMessageData *data = intent->rows != NULL ? g_ptr_array_index (intent->rows, 0) : NULL;

  if (data == NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "%s", _("Something went wrong inside Tessera."));
  return dex_future_new_take_object (tess_messages_take (self->messages, data));
}

static DexFuture *
tell_result (TessEngine *self, TessIntent *intent)
{
  return dex_future_new_for_int (intent->result);
}

/* What was typed, pasted or scanned, or BAD_ADDRESS with what is wrong with it. */
static TessAddress *
address_of (const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  TessAddress *address = tess_address_parse (text, &local);

  if (address == NULL)
    g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_ADDRESS, _(local->message));
  return address;
}

DexFuture *
tess_engine_add_contact (TessEngine *self, const char *text)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  GError *error = NULL;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent->address = address_of (text, &error);
  if (intent->address == NULL)
    return dex_future_new_for_error (error);
  return tess_engine_perform (self, tess_intent_add, g_steal_pointer (&intent), tess_engine_tell_conversation);
}

DexFuture *
tess_engine_accept (TessEngine *self, TessConversation *conversation)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_accept, tess_intent_new (tess_conversation_get_id (conversation)),
                              tess_engine_tell_done);
}

const char *
tess_engine_fault_of_text (const char *text)
{
  gsize size = strlen (text);
  g_autofree char *stripped = NULL;

  if (size > TESS_TEXT_BYTES_MAX)
    return _("The message is too long.");
  if (!g_utf8_validate_len (text, size, NULL))
    return _("The message is not valid text.");
  stripped = g_strstrip (g_strdup (text));
  return *stripped == '\0' ? _("The message is empty.") : NULL;
}

DexFuture *
tess_engine_retry (TessEngine *self, TessConversation *conversation, TessMessage *message)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (tess_conversation_get_id (conversation));
  intent->message = tess_message_get_row (message);
  return tess_engine_perform (self, tess_intent_retry, intent, tess_engine_tell_done);
}

DexFuture *
tess_engine_mark_read (TessEngine *self, TessConversation *conversation, TessMessage *up_to)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (tess_conversation_get_id (conversation));
  intent->message = tess_message_get_row (up_to);
  return tess_engine_perform (self, tess_intent_mark_read, intent, tess_engine_tell_done);
}

static DexFuture *
tell_rows (TessEngine *self, TessIntent *intent)
{
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&intent->rows));
}

DexFuture *
tess_engine_load_devices (TessEngine *self, TessConversation *conversation)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_intent_load_devices, tess_intent_new (tess_conversation_get_id (conversation)),
                              tell_rows);
}

DexFuture *
tess_engine_verify_code (TessEngine *self, TessConversation *conversation, const char *code)
{
  g_autoptr (TessIntent) intent = NULL;
  GError *error = NULL;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (tess_conversation_get_id (conversation));
  intent->address = address_of (code, &error);
  if (intent->address == NULL)
    return dex_future_new_for_error (error);
  return tess_engine_perform (self, tess_intent_verify, g_steal_pointer (&intent), tell_result);
}

DexFuture *
tess_engine_set_trust (TessEngine *self, TessConversation *conversation, TessTrust trust)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (trust == TESS_TRUST_VERIFIED || trust == TESS_TRUST_UNVERIFIED, NULL);
  intent = tess_intent_new (tess_conversation_get_id (conversation));
  intent->trust = trust;
  return tess_engine_perform (self, tess_intent_set_trust, intent, tess_engine_tell_done);
}

/* The safety number: 10,400 hashes, off the main thread. */

typedef struct {
  TessAccountPublic ours;
  TessAccountPublic theirs;
} Numbers;

static DexFuture *
run_number (gpointer data)
{
  Numbers *numbers = data;
  char *digits = g_malloc0 (TESS_SAFETY_DIGITS + 1);

  tess_safety_number (&numbers->ours, &numbers->theirs, digits);
  return dex_future_new_take_string (digits);
}

DexFuture *
tess_engine_safety_number (TessEngine *self, TessConversation *conversation)
{
  Numbers *numbers;
  const char *key;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  key = tess_contact_get_key_text (tess_conversation_get_contact (conversation));
  numbers = g_new0 (Numbers, 1);
  numbers->ours = self->core->identity->us.account;
  tess_base32_decode (key, strlen (key), numbers->theirs.bytes, sizeof numbers->theirs.bytes);
  return dex_scheduler_spawn (DEX_SCHEDULER (dex_thread_pool_scheduler_get_default ()), 0, run_number, numbers, g_free);
}

/* Histories. */

void
tess_engine_forget_history (gpointer engine, GObject *history)
{
  g_ptr_array_remove_fast (TESS_ENGINE (engine)->histories, history);
}

static DexFuture *
tell_history (DexFuture *loaded, gpointer history)
{
  return dex_future_new_for_object (history);
}

DexFuture *
tess_engine_open_history (TessEngine *self, TessConversation *conversation)
{
  g_autoptr (TessHistory) history = NULL;
  DexFuture *loaded;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  history = tess_history_new (self->core, self->messages, tess_conversation_get_id (conversation));
  g_ptr_array_add (self->histories, history);
  g_object_weak_ref (G_OBJECT (history), tess_engine_forget_history, self);
  loaded = tess_history_load_older (history);
  return dex_future_then (loaded, tell_history, g_object_ref (history), g_object_unref);
}

/* Finding. */

static gboolean
fits (TessContact *contact, const char *text, const char *key)
{
  const char *own = tess_contact_get_key_text (contact);

  if (key != NULL)
    return g_str_equal (own, key);
  return g_str_equal (tess_contact_get_name (contact), text)
         || (strlen (text) >= KEY_CHARS_MIN && g_ascii_strncasecmp (own, text, strlen (text)) == 0);
}

TessConversation *
tess_engine_find (TessEngine *self, const char *text, GError **error)
{
  g_autoptr (TessAddress) address = NULL;
  g_autofree char *key = NULL;
  TessConversation *found = NULL;
  guint count = 0;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  address = tess_address_parse (text, NULL);
  if (address != NULL)
    key = tess_base32_encode (address->account, sizeof address->account);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->everyone)); i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (G_LIST_MODEL (self->everyone), i);

      if (!fits (tess_conversation_get_contact (conversation), text, key))
        continue;
      found = conversation; /* the list holds it */
      count++;
    }
  if (count == 1)
    return found;
  if (count == 0)
    g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND, _("There is no such contact."));
  else
    g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND,
                         _("Several contacts have this name. Use the start of the key or the address."));
  return NULL;
}
