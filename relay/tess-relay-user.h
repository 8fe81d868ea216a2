/* Whom the relay runs as when root started it: nobody with root's rights has to read what the internet sends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* The calls that give rights up; tests put their own here. Each like the system's. */
typedef struct {
  uid_t (*effective) (void);
  int (*set_groups) (const char *name, gid_t group);
  int (*set_group) (gid_t group);
  int (*set_user) (uid_t user);
} TessRelayUserCalls;

extern const TessRelayUserCalls tess_relay_user_calls;

/* Started as root: becomes @user, or with NULL the owner of the folder @data, for good. Where that is root too, or the folder is
 * not there yet, nothing changes and @root_out is set. Started as anybody else: nothing to do, and an error when @user is
 * somebody else still. FALSE: TESS_RELAY_ERROR_CONFIG. Before any thread. */
bool tess_relay_user_become (const TessRelayUserCalls *calls, const char *user, const char *data, bool *root_out, GError **error);

G_END_DECLS
