/* The engine's account: checking a relay, registering, own address and codes. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-clock.h"
#include "base/tess-i18n.h"
#include "base/tess-limits.h"
#include "base/tess-text.h"
#include "core/tess-account.h"
#include "core/tess-engine-private.h"
#include "core/tess-intents.h"
#include "core/tess-supervisor.h"
#include "crypto/tess-safety.h"
#include "net/tess-directory.h"
#include "store/tess-queries-keys.h"
#include "wire/tess-address.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (TessRelayInfo, tess_relay_info, tess_relay_info_copy, tess_relay_info_free)

TessRelayInfo *
tess_relay_info_copy (const TessRelayInfo *self)
{
  TessRelayInfo *copy = g_memdup2 (self, sizeof *self);

  copy->origin = g_strdup (self->origin);
  copy->name = g_strdup (self->name);
  copy->version = g_strdup (self->version);
  return copy;
}

void
tess_relay_info_free (TessRelayInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->origin);
  g_free (self->name);
  g_free (self->version);
  g_free (self);
}

/* The origin a person means, or BAD_RELAY with what is wrong with it. */
static char *
origin_of (const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *origin = tess_origin_from_typed (text, &local);

  if (origin == NULL)
    g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_RELAY, _(local->message));
  return origin;
}

static DexFuture *
run_check (gpointer data)
{
  const char *origin = data;
  GError *error = NULL;
  g_autoptr (TessInfo) info = dex_await_boxed (tess_directory_get_info (origin), &error);
  TessRelayInfo *relay;

  if (info == NULL)
    return dex_future_new_for_error (tess_core_error_take (error));
  relay = g_new0 (TessRelayInfo, 1);
  relay->origin = g_strdup (origin);
  relay->name = g_strdup (info->name);
  relay->version = g_strdup (info->version);
  relay->open = TRUE;
  relay->needs_invitation = !info->registration_open;
  return dex_future_new_take_boxed (TESS_TYPE_RELAY_INFO, relay);
}

DexFuture *
tess_engine_check_relay (TessEngine *self, const char *text)
{
  GError *error = NULL;
  char *origin;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  origin = origin_of (text, &error);
  if (origin == NULL)
    return dex_future_new_for_error (error);
  return tess_core_call (run_check, origin, g_free);
}

/* Registering. */

typedef struct {
  TessEngine *engine;
  char *name;
  char *relay;
  char *invitation;
} Register;

static void
register_free (gpointer data)
{
  Register *self = data;

  g_object_unref (self->engine);
  g_free (self->name);
  g_free (self->relay);
  g_free (self->invitation);
  g_free (self);
}

static gboolean
register_at (TessCore *core, const Register *request, GError **error)
{
  g_autoptr (TessMailboxLink) link = tess_supervisor_make_link (core->supervisor, request->relay);
  g_autoptr (TessMailboxReady) ready = NULL;
  gboolean done;

  ready = dex_await_boxed (tess_mailbox_link_connect (link), error);
  if (ready == NULL)
    {
      tess_core_error_turn (error);
      return FALSE;
    }
  done = tess_account_register (core, link, ready->registered, request->invitation, error);
  tess_mailbox_link_close (link);
  return done;
}

static DexFuture *
run_register (gpointer data)
{
  Register *request = data;
  TessEngine *self = request->engine;
  g_autoptr (TessCore) core = tess_core_ref (self->core);
  GError *error = NULL;
  bool done;

  if (core->backup != NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "%s", _("A backup is under way already."));
  core->is_registering = true;
  done = tess_account_prepare (core, request->name, request->relay, &error) && register_at (core, request, &error)
         && tess_core_load_account (core, &error) && tess_engine_load_address (self, &error);
  core->is_registering = false;
  return done ? dex_future_new_for_boolean (TRUE) : dex_future_new_for_error (error);
}

DexFuture *
tess_engine_register (TessEngine *self, const char *name, const char *relay, const char *invitation)
{
  Register *request;
  g_autofree char *checked = NULL;
  g_autofree char *origin = NULL;
  const char *reason = NULL;
  GError *error = NULL;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (self->core->registered)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_REGISTERED, "%s",
                                  _("There is an account in this profile already."));
  checked = tess_name_check (name, &reason);
  if (checked == NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME, "%s", _(reason));
  origin = origin_of (relay, &error);
  if (origin == NULL)
    return dex_future_new_for_error (error);
  request = g_new0 (Register, 1);
  request->engine = g_object_ref (self);
  request->name = g_steal_pointer (&checked);
  request->relay = g_steal_pointer (&origin);
  request->invitation = invitation != NULL && *invitation != '\0' ? g_strdup (invitation) : NULL;
  return tess_core_call (run_register, request, register_free);
}

/* Address and codes. */

static bool
load_request_capability (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;

  return tess_db_setting_get_text (job->db, TESS_SETTING_DIRECTORY_NAME, &intent->text, error)
         && tess_db_setting_copy (job->db, TESS_SETTING_REQUEST_CAPABILITY, intent->secret, sizeof intent->secret, &intent->more,
                                  error);
}

gboolean
tess_engine_load_address (TessEngine *self, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (TessAddress) address = NULL;

  if (!self->core->registered)
    return TRUE;
  if (!tess_core_run (self->core, load_request_capability, intent, error))
    return FALSE;
  address = tess_address_new (self->core->relay, self->core->identity->us.account.bytes, intent->secret);
  g_free (self->address);
  self->address = tess_address_to_string (address);
  if (g_set_str (&self->core->directory_name, intent->text))
    g_object_notify (G_OBJECT (self), "directory-name");
  return TRUE;
}

char *
tess_engine_dup_address (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return g_strdup (self->address);
}

static DexFuture *
tell_renewed (TessEngine *self, TessIntent *intent)
{
  g_autoptr (TessIntent) after = tess_intent_new (0);
  GError *error = NULL;

  if (!tess_engine_load_address (self, &error))
    return dex_future_new_for_error (error);
  tess_supervisor_upload (self->core->supervisor);
  if (!tess_core_run (self->core, tess_account_job_renewal_waits, after, &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_boolean (!after->more);
}

DexFuture *
tess_engine_renew_address (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return tess_engine_perform (self, tess_account_job_renew, tess_intent_new (0), tell_renewed);
}

typedef struct {
  TessEngine *engine;
  TessIntent *intent;
} Show;

static void
show_free (gpointer data)
{
  Show *self = data;

  g_object_unref (self->engine);
  tess_intent_unref (self->intent);
  g_free (self);
}

static DexFuture *
run_show (gpointer data)
{
  Show *show = data;
  g_autoptr (TessAddress) address = NULL;
  GError *error = NULL;

  if (!tess_core_run (show->engine->core, tess_intent_show_code, show->intent, &error))
    return dex_future_new_for_error (error);
  address = tess_address_parse (show->engine->address, NULL);
  address->has_code = true;
  memcpy (address->code, show->intent->secret, sizeof address->code);
  return dex_future_new_take_string (tess_address_to_string (address));
}

DexFuture *
tess_engine_show_code (TessEngine *self, TessConversation *conversation)
{
  g_auto (TessShowing) showing = { 0 };
  Show *show;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (self->address == NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_REGISTERED, "%s",
                                  _("There is no account in this profile yet."));
  if (!tess_showing_generate (&showing, NULL))
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, "%s", _("There are no random numbers."));
  show = g_new0 (Show, 1);
  show->engine = g_object_ref (self);
  show->intent = tess_intent_new (conversation != NULL ? tess_conversation_get_id (conversation) : 0);
  memcpy (show->intent->secret, showing.bytes, sizeof show->intent->secret);
  show->intent->expires = tess_clock_now () + TESS_CODE_SHOWN_MAX;
  return tess_core_call (run_show, show, show_free);
}

static void
hide (TessCore *core, gpointer data)
{
  g_autoptr (TessIntent) intent = data;
  g_autoptr (GError) error = NULL;

  if (!tess_core_run (core, tess_intent_hide_code, intent, &error))
    g_info ("a code could not be hidden: %s", error->message);
}

void
tess_engine_hide_code (TessEngine *self, const char *code)
{
  g_autoptr (TessAddress) address = NULL;
  TessIntent *intent;

  g_return_if_fail (TESS_IS_ENGINE (self));
  address = tess_address_parse (code, NULL);
  if (address == NULL || !address->has_code)
    return;
  intent = tess_intent_new (0);
  memcpy (intent->secret, address->code, sizeof intent->secret);
  intent->expires = tess_clock_now () + TESS_CODE_KEEP_AFTER;
  tess_core_spawn (self->core, hide, intent);
}
