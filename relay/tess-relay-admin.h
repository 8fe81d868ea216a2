/* tessera-relay admin: what an operator asks of the store, beside a running relay or without one. Each appends what it has to
 * say to @out, in lines. FALSE: TESS_RELAY_ERROR. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* @arguments: [COUNT [DAYS]]. Makes invitations and tells their codes, which nobody can find out again. */
bool tess_relay_admin_invite (const char *path, char **arguments, GString *out, GError **error);
/* Nothing: tells of all, by what is kept of their codes. */
bool tess_relay_admin_invitations (const char *path, char **arguments, GString *out, GError **error);
/* A code, or the beginning of what invitations() tells. */
bool tess_relay_admin_revoke (const char *path, char **arguments, GString *out, GError **error);
/* [PREFIX] */
bool tess_relay_admin_names (const char *path, char **arguments, GString *out, GError **error);
bool tess_relay_admin_remove_name (const char *path, char **arguments, GString *out, GError **error);
/* An account: an address, or its key in base32. */
bool tess_relay_admin_delete (const char *path, char **arguments, GString *out, GError **error);
bool tess_relay_admin_statistics (const char *path, char **arguments, GString *out, GError **error);

G_END_DECLS
