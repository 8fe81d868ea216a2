/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-admin.h"

#include "base/tess-clock.h"
#include "base/tess-random.h"
#include "base/tess-text.h"
#include "relay/tess-relay-server.h"
#include "wire/tess-address.h"

#include <string.h>

#define DAY 86400
#define INVITE_DAYS 30
#define CODE_BYTES 16
/* Of the hash of a code, in hexadecimal digits: enough to tell a handful of invitations apart. */
#define ID_CHARS 12
#define NAMES_A_PAGE 1000

/* In one transaction, for @writes or not. */
typedef struct {
  TessRelayStore *store;
  const char *path;
} Session;

static bool
begin (Session *self, const char *path, bool writes, GError **error)
{
  self->path = path;
  self->store = tess_relay_store_open_beside (path, error);
  if (self->store == NULL)
    return false;
  if (tess_relay_store_begin (self->store, writes))
    return true;
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: is in use; try again", path);
  return false;
}

/* Commits what came to OK. @nothing: what to say for NOT_FOUND. */
static bool
end (Session *self, TessRelayResult result, const char *nothing, GError **error)
{
  if (result == TESS_RELAY_OK && tess_relay_store_commit (self->store))
    return true;
  if (result == TESS_RELAY_NOT_FOUND)
    g_set_error_literal (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, nothing);
  else
    g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_DATA, "%s: cannot be read or written; nothing was changed",
                 self->path);
  tess_relay_store_rollback (self->store);
  return false;
}

static void
session_clear (Session *self)
{
  g_clear_pointer (&self->store, tess_relay_store_close);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

static bool
wrong (GError **error, const char *what, const char *argument)
{
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "“%s” is no %s", argument, what);
  return false;
}

/* -- Invitations --------------------------------------------------------------------------------------------------------- */

static bool
read_number (const char *argument, unsigned max, const char *what, unsigned *out, GError **error)
{
  guint64 number;

  if (argument == NULL)
    return true;
  if (!g_ascii_string_to_unsigned (argument, 10, 1, max, &number, NULL))
    return wrong (error, what, argument);
  *out = (unsigned) number;
  return true;
}

bool
tess_relay_admin_invite (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GString) codes = g_string_new (NULL);
  unsigned count = 1, days = INVITE_DAYS;
  TessRelayResult result = TESS_RELAY_OK;
  int64_t now = tess_clock_now ();

  if (!read_number (arguments[0], 1000, "number of invitations (1 to 1000)", &count, error)
      || (arguments[0] != NULL && !read_number (arguments[1], 3650, "number of days (1 to 3650)", &days, error))
      || !begin (&session, path, true, error))
    return false;
  for (unsigned i = 0; result == TESS_RELAY_OK && i < count; i++)
    {
      TessRelayInvitation invitation = { .made = now, .until = now + (int64_t) days * DAY };
      g_autofree char *code = NULL;
      uint8_t bytes[CODE_BYTES];

      if (!tess_random (bytes, sizeof bytes))
        return end (&session, TESS_RELAY_BUSY, NULL, error);
      code = tess_base32_encode (bytes, sizeof bytes);
      tess_relay_invitation_hash (code, invitation.hash);
      result = tess_relay_store_invite (session.store, &invitation);
      g_string_append_printf (codes, "%s\n", code);
    }
  if (!end (&session, result, NULL, error))
    return false;
  g_string_append (out, codes->str);
  return true;
}

static char *
day_of (int64_t time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);

  return date != NULL ? g_date_time_format (date, "%F") : g_strdup ("?");
}

static void
tell_invitation (const TessRelayInvitation *invitation, int64_t now, GString *out)
{
  g_autofree char *hash = tess_hex_encode (invitation->hash, sizeof invitation->hash);
  g_autofree char *made = invitation->made != 0 ? day_of (invitation->made) : g_strdup ("configured");
  g_autofree char *until = invitation->until != 0 ? day_of (invitation->until) : g_strdup ("never");
  bool ended = invitation->until != 0 && invitation->until <= now;

  g_string_append_printf (out, "%.*s\t%s\t%s\t%s\n", ID_CHARS, hash,
                          invitation->used ? "used" : ended ? "ended" : "unused", made, until);
}

bool
tess_relay_admin_invitations (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (TessRelayInvitation));

  if (!begin (&session, path, false, error)
      || !end (&session, tess_relay_store_invitations (session.store, found), NULL, error))
    return false;
  for (unsigned i = 0; i < found->len; i++)
    tell_invitation (&g_array_index (found, TessRelayInvitation, i), tess_clock_now (), out);
  return true;
}

/* The one invitation that @text means. NOT_FOUND: none, or several. */
static TessRelayResult
find_invitation (TessRelayStore *store, const char *text, uint8_t hash[static TESS_RELAY_INVITATION_SIZE])
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (TessRelayInvitation));
  TessRelayResult result = tess_relay_store_invitations (store, found);
  unsigned count = 0;
  uint8_t wanted[TESS_RELAY_INVITATION_SIZE];

  tess_relay_invitation_hash (text, wanted);
  for (unsigned i = 0; i < found->len; i++)
    {
      const TessRelayInvitation *one = &g_array_index (found, TessRelayInvitation, i);
      g_autofree char *hex = tess_hex_encode (one->hash, sizeof one->hash);

      if (memcmp (one->hash, wanted, sizeof wanted) != 0 && (strlen (text) < ID_CHARS || !g_str_has_prefix (hex, text)))
        continue;
      memcpy (hash, one->hash, sizeof one->hash);
      count++;
    }
  return result != TESS_RELAY_OK || count == 1 ? result : TESS_RELAY_NOT_FOUND;
}

bool
tess_relay_admin_revoke (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  uint8_t hash[TESS_RELAY_INVITATION_SIZE];
  TessRelayResult result;

  if (!begin (&session, path, true, error))
    return false;
  result = find_invitation (session.store, arguments[0], hash);
  if (result == TESS_RELAY_OK)
    result = tess_relay_store_revoke (session.store, hash);
  return end (&session, result, "there is no such unused invitation", error);
}

/* -- Names ----------------------------------------------------------------------------------------------------------------- */

bool
tess_relay_admin_names (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);
  const char *prefix = arguments[0] != NULL ? arguments[0] : "";
  TessRelayResult result;
  bool more;

  if (prefix[0] != '\0' && !tess_directory_prefix_check (prefix))
    return wrong (error, "beginning of a name", prefix);
  if (!begin (&session, path, false, error))
    return false;
  result = tess_relay_store_list_names (session.store, prefix, NAMES_A_PAGE, names, &more);
  if (!end (&session, result, NULL, error))
    return false;
  for (unsigned i = 0; i < names->len; i++)
    {
      const TessDirectoryName *name = g_ptr_array_index (names, i);

      g_string_append_printf (out, "%s\t%s\n", name->name, name->address);
    }
  if (more)
    g_string_append (out, "…\n");
  return true;
}

bool
tess_relay_admin_remove_name (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };

  if (!begin (&session, path, true, error))
    return false;
  return end (&session, tess_relay_store_remove_name (session.store, arguments[0]), "nobody here is called so", error);
}

/* -- Accounts -------------------------------------------------------------------------------------------------------------- */

bool
tess_relay_admin_delete (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  g_autoptr (TessAddress) address = tess_address_parse (arguments[0], NULL);
  uint8_t account[32];

  if (address != NULL)
    memcpy (account, address->account, sizeof account);
  else if (!tess_base32_decode (arguments[0], strlen (arguments[0]), account, sizeof account))
    return wrong (error, "address or account", arguments[0]);
  if (!begin (&session, path, true, error))
    return false;
  return end (&session, tess_relay_store_delete_account (session.store, account), "there is no such account here", error);
}

bool
tess_relay_admin_statistics (const char *path, char **arguments, GString *out, GError **error)
{
  g_auto (Session) session = { 0 };
  TessRelayStatistics all;

  if (!begin (&session, path, false, error)
      || !end (&session, tess_relay_store_statistics (session.store, tess_clock_now (), &all), NULL, error))
    return false;
  g_string_append_printf (out, "accounts\t%" G_GINT64_FORMAT "\ndevices\t%" G_GINT64_FORMAT "\nnames\t%" G_GINT64_FORMAT "\n",
                          all.accounts, all.devices, all.names);
  g_string_append_printf (out, "waiting-envelopes\t%" G_GINT64_FORMAT "\nwaiting-bytes\t%" G_GINT64_FORMAT "\n", all.envelopes,
                          all.bytes);
  g_string_append_printf (out, "one-time-prekeys\t%" G_GINT64_FORMAT "\nuploaded-bytes\t%" G_GINT64_FORMAT "\n", all.one_time,
                          all.uploaded);
  g_string_append_printf (out, "invitations-used\t%" G_GINT64_FORMAT "\ninvitations-unused\t%" G_GINT64_FORMAT "\n",
                          all.invitations_used, all.invitations_unused);
  return true;
}
