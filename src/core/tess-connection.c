/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-connection.h"

#include "base/tess-i18n.h"
#include "net/tess-net-proxy.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define GROUP "network"
#define KEY "proxy"
#define FOLDER_MODE 0700
#define FILE_MODE 0600

static char *
path_in (const char *dir)
{
  return g_build_filename (dir, "network.ini", NULL);
}

/* The file's one value; NULL when it is not just that. */
static char *
read_value (const char *path, const GStatBuf *info)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) groups = NULL, keys = NULL;
  gsize size = 0, n_groups = 0, n_keys = 0;

  if (!S_ISREG (info->st_mode) || info->st_size > TESS_PROXY_FILE_MAX || !g_file_get_contents (path, &text, &size, NULL)
      || strlen (text) != size || !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, NULL))
    return NULL;
  groups = g_key_file_get_groups (file, &n_groups);
  keys = g_key_file_get_keys (file, GROUP, &n_keys, NULL);
  return n_groups == 1 && n_keys == 1 ? g_key_file_get_string (file, GROUP, KEY, NULL) : NULL;
}

void
tess_connection_load (const char *dir)
{
  g_autofree char *path = path_in (dir), *text = NULL;
  TessProxy proxy = { .kind = TESS_PROXY_SYSTEM };
  GStatBuf info;

  /* Only what is not there at all was never set; a link that leads nowhere is there. */
  if (g_lstat (path, &info) != 0)
    proxy.kind = errno == ENOENT ? TESS_PROXY_SYSTEM : TESS_PROXY_UNKNOWN;
  else if ((text = read_value (path, &info)) == NULL || !tess_proxy_parse (text, &proxy))
    proxy = (TessProxy) { .kind = TESS_PROXY_UNKNOWN };
  if (proxy.kind == TESS_PROXY_UNKNOWN)
    g_info ("%s cannot be read: nothing connects", path);
  tess_net_proxy_set (&proxy);
}

const TessProxy *
tess_connection_get (void)
{
  return tess_net_proxy_get ();
}

static GError *
turn (const GError *error)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_NO_SPACE,
                                _("The disk is full. Free some space and try again; nothing was lost."));
  g_info ("the way of connections could not be kept: %s", error->message);
  return g_error_new_literal (TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_WRITABLE, _("The profile’s folder cannot be written."));
}

bool
tess_connection_set (const char *dir, const TessProxy *proxy, GError **error)
{
  g_autofree char *path = path_in (dir), *value = tess_proxy_to_string (proxy);
  g_autofree char *text = g_strdup_printf ("[" GROUP "]\n" KEY "=%s\n", value);
  g_autoptr (GError) cause = NULL;

  g_return_val_if_fail (proxy->kind != TESS_PROXY_UNKNOWN, false);
  /* Without the folder, the file cannot be written either, and says why. */
  g_mkdir_with_parents (dir, FOLDER_MODE);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, FILE_MODE, &cause))
    {
      g_propagate_error (error, turn (cause));
      return false;
    }
  tess_net_proxy_set (proxy);
  return true;
}
