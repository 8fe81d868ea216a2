/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-user.h"

#include "relay/tess-relay-error.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

static int
set_group (gid_t group)
{
  return setresgid (group, group, group);
}

static int
set_user (uid_t user)
{
  return setresuid (user, user, user);
}

static int
set_groups (const char *name, gid_t group)
{
  return name != NULL ? initgroups (name, group) : setgroups (1, &group);
}

const TessRelayUserCalls tess_relay_user_calls = {
  .effective = geteuid,
  .set_groups = set_groups,
  .set_group = set_group,
  .set_user = set_user,
};

static bool
fail (GError **error, const char *what, const char *user)
{
  g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "%s “%s”", what, user);
  return false;
}

/* Groups first: without root's rights they could not be given up. That root does not come back is tried, not believed. */
static bool
give_up (const TessRelayUserCalls *calls, const char *name, uid_t user, gid_t group, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%u", user);

  if (calls->set_groups (name, group) != 0 || calls->set_group (group) != 0 || calls->set_user (user) != 0
      || calls->effective () != user || calls->set_user (0) == 0)
    return fail (error, "root's rights cannot be given up for those of", name != NULL ? name : number);
  return true;
}

bool
tess_relay_user_become (const TessRelayUserCalls *calls, const char *user, const char *data, bool *root_out, GError **error)
{
  struct passwd *entry = user != NULL ? getpwnam (user) : NULL;
  struct stat info;

  *root_out = false;
  if (user != NULL && entry == NULL)
    return fail (error, "there is no user", user);
  if (calls->effective () != 0)
    return user == NULL || entry->pw_uid == calls->effective () || fail (error, "only root can become", user);
  if (entry != NULL && entry->pw_uid != 0)
    return give_up (calls, user, entry->pw_uid, entry->pw_gid, error);
  if (entry == NULL && stat (data, &info) == 0 && info.st_uid != 0)
    {
      entry = getpwuid (info.st_uid);
      return give_up (calls, entry != NULL ? entry->pw_name : NULL, info.st_uid, entry != NULL ? entry->pw_gid : info.st_gid,
                      error);
    }
  *root_out = true;
  return true;
}
