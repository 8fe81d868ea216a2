/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-account-name.h"

#include "base/tess-i18n.h"
#include "core/tess-intents.h"
#include "store/tess-queries-keys.h"
#include "wire/tess-requests.h"

#include <string.h>

/* Jobs on a TessIntent: @text is what the relay is asked for ("": none any more), @secret the request capability of the address
 * that it is to stand for, @other the name that it is known to have. */

static bool
load_names (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  bool found;

  return tess_db_setting_get_text (job->db, TESS_SETTING_DIRECTORY_WISH, &intent->text, error)
         && tess_db_setting_get_text (job->db, TESS_SETTING_DIRECTORY_NAME, &intent->other, error)
         && tess_db_setting_copy (job->db, TESS_SETTING_REQUEST_CAPABILITY, intent->secret, sizeof intent->secret, &found, error);
}

static bool
note_wish (TessJob *job, gpointer data, GError **error)
{
  TessIntent *intent = data;
  bool found;

  return tess_db_setting_set_text (job->db, TESS_SETTING_DIRECTORY_WISH, intent->text, error)
         && tess_db_setting_copy (job->db, TESS_SETTING_REQUEST_CAPABILITY, intent->secret, sizeof intent->secret, &found, error);
}

/* Unless another was noted meanwhile. */
static bool
drop_wish (TessJob *job, gpointer data, GError **error)
{
  const TessIntent *intent = data;
  g_autofree char *wish = NULL;

  if (!tess_db_setting_get_text (job->db, TESS_SETTING_DIRECTORY_WISH, &wish, error))
    return false;
  return g_strcmp0 (wish, intent->text) != 0 || tess_db_setting_remove (job->db, TESS_SETTING_DIRECTORY_WISH, error);
}

static bool
keep_name (TessJob *job, gpointer data, GError **error)
{
  const TessIntent *intent = data;

  return (*intent->text != '\0' ? tess_db_setting_set_text (job->db, TESS_SETTING_DIRECTORY_NAME, intent->text, error)
                                : tess_db_setting_remove (job->db, TESS_SETTING_DIRECTORY_NAME, error))
         && drop_wish (job, data, error);
}

/* What the relay refused; takes @error. */
static GError *
refusal (GError *error)
{
  TessRelayCode code = tess_net_error_relay_code (error);

  if (code != TESS_CODE_TAKEN && code != TESS_CODE_NOT_FOUND)
    return tess_core_error_take (error);
  g_error_free (error);
  if (code == TESS_CODE_TAKEN)
    return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME, _("Somebody has this name already."));
  return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_REFUSED, _("Your relay keeps no names."));
}

/* Asks the relay, and keeps what it says. *@refused_out: it was a no, which stands in the error. */
static bool
ask (TessCore *core, TessMailboxLink *link, TessIntent *intent, bool *refused_out, GError **error)
{
  const char *name = *intent->text != '\0' ? intent->text : NULL;
  g_autofree char *text = NULL;
  GError *local = NULL;

  if (name != NULL)
    {
      g_autoptr (TessAddress) address = tess_address_new (core->relay, core->identity->us.account.bytes, intent->secret);

      text = tess_address_to_string (address);
    }
  *refused_out = false;
  dex_await_boolean (tess_mailbox_link_name (link, name, text), &local);
  if (local == NULL)
    {
      if (!tess_core_run (core, keep_name, intent, error))
        return false;
      if (g_set_str (&core->directory_name, intent->text) && core->sink != NULL)
        core->sink->account (core->sink_data);
      return true;
    }
  if (g_error_matches (local, TESS_NET_ERROR, TESS_NET_ERROR_REJECTED))
    {
      local = refusal (local);
      *refused_out = tess_core_run (core, drop_wish, intent, NULL);
    }
  g_propagate_error (error, tess_core_error_take (local));
  return false;
}

bool
tess_account_claim_name (TessCore *core, TessMailboxLink *link, const char *name, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  bool refused, done;

  intent->text = g_strdup (name);
  core->claims_name = true;
  done = tess_core_run (core, note_wish, intent, error) && ask (core, link, intent, &refused, error);
  core->claims_name = false;
  return done;
}

/* TRUE when the relay answered; *@kept_out: with yes. */
static bool
settle (TessCore *core, TessMailboxLink *link, const char *name, const TessIntent *names, bool *kept_out, GError **error)
{
  g_autoptr (TessIntent) intent = tess_intent_new (0);
  g_autoptr (GError) local = NULL;
  bool refused;

  intent->text = g_strdup (name);
  memcpy (intent->secret, names->secret, sizeof intent->secret);
  *kept_out = ask (core, link, intent, &refused, &local);
  if (*kept_out)
    return true;
  if (refused)
    {
      g_info ("The relay does not keep the name: %s", local->message);
      return true;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

bool
tess_account_settle_name (TessCore *core, TessMailboxLink *link, bool again, GError **error)
{
  g_autoptr (TessIntent) names = tess_intent_new (0);
  bool kept = false;

  if (!tess_core_run (core, load_names, names, error))
    return false;
  if (names->text != NULL && !core->claims_name && !settle (core, link, names->text, names, &kept, error))
    return false;
  return kept || !again || names->other == NULL || settle (core, link, names->other, names, &kept, error);
}
