/* Errors of the layers below, turned into sentences. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "core/tess-core.h"
#include "crypto/tess-crypto-error.h"
#include "net/tess-net-error.h"

typedef struct {
  int from;
  TessCoreError to;
  const char *sentence;
} Turn;

static const Turn store_turns[] = {
  { TESS_STORE_ERROR_FULL, TESS_CORE_ERROR_NO_SPACE, N_("The disk is full. Free some space and try again; nothing was lost.") },
  { TESS_STORE_ERROR_READ_ONLY, TESS_CORE_ERROR_NOT_WRITABLE, N_("The profile’s folder cannot be written.") },
  { TESS_STORE_ERROR_UNSAFE, TESS_CORE_ERROR_NOT_WRITABLE,
    N_("The profile’s folder belongs to somebody else, or others may write to it.") },
  { TESS_STORE_ERROR_IN_USE, TESS_CORE_ERROR_IN_USE, N_("This profile is open in another Tessera.") },
  { TESS_STORE_ERROR_WRONG_KEY, TESS_CORE_ERROR_DAMAGED,
    N_("The database cannot be read with this profile’s key. It was left untouched.") },
  { TESS_STORE_ERROR_DAMAGED, TESS_CORE_ERROR_DAMAGED, N_("The profile is damaged and cannot be read. It was left untouched.") },
  { TESS_STORE_ERROR_NEWER, TESS_CORE_ERROR_NEWER, N_("This profile was written by a newer Tessera. Update to open it.") },
  { TESS_STORE_ERROR_NO_SERVICE, TESS_CORE_ERROR_NO_KEYRING,
    N_("There is no usable keyring on this desktop. A passphrase can protect the profile instead.") },
  { TESS_STORE_ERROR_BUSY, TESS_CORE_ERROR_FAILED, N_("The database is busy. Try again.") },
  { TESS_STORE_ERROR_IO, TESS_CORE_ERROR_FAILED, N_("The disk reports an error.") },
  { TESS_STORE_ERROR_CLOSED, TESS_CORE_ERROR_FAILED, N_("The profile was closed.") },
};

static const Turn net_turns[] = {
  { TESS_NET_ERROR_UNREACHABLE, TESS_CORE_ERROR_UNREACHABLE, N_("The relay cannot be reached.") },
  { TESS_NET_ERROR_TLS, TESS_CORE_ERROR_UNREACHABLE, N_("The connection to the relay cannot be trusted.") },
  { TESS_NET_ERROR_NOT_A_RELAY, TESS_CORE_ERROR_BAD_RELAY, N_("No Tessera relay answers there.") },
  { TESS_NET_ERROR_PROTOCOL, TESS_CORE_ERROR_REFUSED, N_("The relay answered something that makes no sense.") },
  { TESS_NET_ERROR_BUSY, TESS_CORE_ERROR_UNREACHABLE, N_("The relay is busy. Try again later.") },
  { TESS_NET_ERROR_SLOW_DOWN, TESS_CORE_ERROR_UNREACHABLE, N_("The relay asks to wait. Try again later.") },
  { TESS_NET_ERROR_REFUSED, TESS_CORE_ERROR_REFUSED, N_("The relay refused.") },
  { TESS_NET_ERROR_NOT_FOUND, TESS_CORE_ERROR_NOT_FOUND, N_("The relay knows nothing by that name.") },
  { TESS_NET_ERROR_REJECTED, TESS_CORE_ERROR_REFUSED, N_("The relay refused.") },
  { TESS_NET_ERROR_AUTH, TESS_CORE_ERROR_REFUSED, N_("The relay does not accept this device’s key.") },
  { TESS_NET_ERROR_REPLACED, TESS_CORE_ERROR_REFUSED, N_("This profile went online somewhere else.") },
  { TESS_NET_ERROR_UNKNOWN_OUTCOME, TESS_CORE_ERROR_UNREACHABLE, N_("The connection to the relay was lost.") },
  { TESS_NET_ERROR_CLOSED, TESS_CORE_ERROR_UNREACHABLE, N_("The connection to the relay was closed.") },
  { TESS_NET_ERROR_TOO_MANY, TESS_CORE_ERROR_UNREACHABLE, N_("Too much is under way at once. Try again.") },
  { TESS_NET_ERROR_PROXY_AWAY, TESS_CORE_ERROR_PROXY, N_("The proxy does not answer.") },
  { TESS_NET_ERROR_PROXY_REFUSES, TESS_CORE_ERROR_PROXY, N_("The proxy refuses the connection.") },
  { TESS_NET_ERROR_PROXY_FAILS, TESS_CORE_ERROR_PROXY,
    N_("The proxy makes no connection: it is no SOCKS5 proxy, or cannot reach the relay.") },
  { TESS_NET_ERROR_PROXY_UNKNOWN, TESS_CORE_ERROR_PROXY,
    N_("The setting of the proxy cannot be read. Nothing connects until you choose one again.") },
};

static GError *
turn (const GError *error, const Turn *turns, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (turns[i].from == error->code)
      return g_error_new_literal (TESS_CORE_ERROR, turns[i].to, _(turns[i].sentence));
  return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("Something went wrong inside Tessera."));
}

/* What a relay refused, by its own code. */
static GError *
turn_rejected (const GError *error)
{
  switch (tess_net_error_relay_code (error))
    {
    case TESS_CODE_INVITATION:
      return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_INVITATION,
                                  _("The relay asks for an invitation, or refused this one."));
    case TESS_CODE_STALE:
      return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_REPLACED,
                                  _("This account was restored on another device, which has taken this one’s place. Nothing is "
                                    "sent or received here any more."));
    case TESS_CODE_TAKEN:
      return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_REFUSED,
                                  _("The relay knows this device under another account."));
    case TESS_CODE_BAD_REQUEST:
    case TESS_CODE_CAPABILITY:
    case TESS_CODE_NOT_FOUND:
    case TESS_CODE_TOO_LARGE:
    case TESS_CODE_SLOW_DOWN:
    case TESS_CODE_BUSY:
    case TESS_CODE_UNREGISTERED:
    case TESS_CODE_OTHER:
    default:
      return turn (error, net_turns, G_N_ELEMENTS (net_turns));
    }
}

GError *
tess_core_error_take (GError *error)
{
  g_autoptr (GError) taken = error;

  if (taken == NULL)
    return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("Something went wrong inside Tessera."));
  if (taken->domain == TESS_CORE_ERROR)
    return g_steal_pointer (&taken);
  g_info ("turned into a sentence: %s %d: %s", g_quark_to_string (taken->domain), taken->code, taken->message);
  if (taken->domain == TESS_STORE_ERROR)
    return turn (taken, store_turns, G_N_ELEMENTS (store_turns));
  if (g_error_matches (taken, TESS_NET_ERROR, TESS_NET_ERROR_REJECTED))
    return turn_rejected (taken);
  if (taken->domain == TESS_NET_ERROR)
    return turn (taken, net_turns, G_N_ELEMENTS (net_turns));
  return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("Something went wrong inside Tessera."));
}

bool
tess_core_error_no_random (GError **error)
{
  g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_FAILED, _("There are no random numbers."));
  return false;
}

void
tess_core_error_turn (GError **error)
{
  if (error != NULL && *error != NULL)
    *error = tess_core_error_take (*error);
}
