/* Giving up root. SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-user.h"

#include "relay/tess-relay-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <unistd.h>

/* A process of invented rights: what it did, in order. */
static GString *done;
static uid_t effective;
static const char *failing = "";
static bool keeps_root;

static int
note (const char *what)
{
  g_string_append_printf (done, "%s ", what);
  errno = EPERM;
  return g_str_equal (what, failing) ? -1 : 0;
}

static uid_t
fake_effective (void)
{
  return effective;
}

static int
fake_groups (const char *name, gid_t group)
{
  return note ("groups");
}

static int
fake_group (gid_t group)
{
  return note ("group");
}

static int
fake_user (uid_t user)
{
  if (user == 0)
    return keeps_root ? 0 : -1;
  if (note ("user") != 0)
    return -1;
  effective = user;
  return 0;
}

static const TessRelayUserCalls calls = {
  .effective = fake_effective,
  .set_groups = fake_groups,
  .set_group = fake_group,
  .set_user = fake_user,
};

static bool
become (uid_t from, const char *user, const char *data, const char *expected)
{
  g_autoptr (GError) error = NULL;
  bool root = true, good;

  done = g_string_new (NULL);
  effective = from;
  good = tess_relay_user_become (&calls, user, data, &root, &error);
  g_assert_cmpstr (done->str, ==, expected);
  g_string_free (done, TRUE);
  if (!good)
    g_assert_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG);
  return good && !root;
}

/* Somebody who is there and is not root. */
static const struct passwd *
somebody (void)
{
  const struct passwd *entry = getpwnam ("nobody");

  g_assert_nonnull (entry);
  return entry;
}

static void
test_named (void)
{
  g_assert_true (become (0, "nobody", "/nowhere", "groups group user "));
  g_assert_cmpuint (effective, ==, somebody ()->pw_uid);
  g_assert_false (become (0, "no-such-user", "/nowhere", ""));
  /* By name, root stays root; that is the operator's own word. */
  g_assert_false (become (0, "root", "/nowhere", ""));
}

static void
test_as_somebody (void)
{
  g_assert_true (become (somebody ()->pw_uid, NULL, "/", ""));
  g_assert_true (become (somebody ()->pw_uid, "nobody", "/", ""));
  g_assert_false (become (4242, "nobody", "/", ""));
}

/* The owner of the data folder, where there is one that is not root. */
static void
test_owner (void)
{
  g_autofree char *folder = g_dir_make_tmp ("relay-XXXXXX", NULL);

  if (geteuid () == 0)
    g_assert_cmpint (chown (folder, 4242, 4242), ==, 0);
  g_assert_true (become (0, NULL, folder, "groups group user "));
  g_assert_cmpuint (effective, ==, geteuid () == 0 ? 4242 : geteuid ());
  g_rmdir (folder);
  g_assert_false (become (0, NULL, folder, ""));
}

static void
test_failures (void)
{
  static const struct {
    const char *call;
    const char *expected;
  } cases[] = { { "groups", "groups " }, { "group", "groups group " }, { "user", "groups group user " } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      failing = cases[i].call;
      g_assert_false (become (0, "nobody", "/", cases[i].expected));
    }
  failing = "";
  keeps_root = true;
  g_assert_false (become (0, "nobody", "/", "groups group user "));
  keeps_root = false;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/user/named", test_named);
  g_test_add_func ("/relay/user/as-somebody", test_as_somebody);
  g_test_add_func ("/relay/user/owner", test_owner);
  g_test_add_func ("/relay/user/failures", test_failures);
  return g_test_run ();
}
