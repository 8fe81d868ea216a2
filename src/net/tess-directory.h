/* What a relay tells anybody over HTTP (protocol.md 7). Each call makes a connection of its own, so that a relay cannot link two
 * questions by their connection. Redirects are not followed, answers are bounded while they are read, and a call takes at most
 * TESS_NET_REQUEST_SECONDS. Main thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/tess-net-error.h"
#include "wire/tess-address.h"
#include "wire/tess-directory-json.h"

#include <libdex.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define TESS_TYPE_INFO (tess_info_get_type ())
GType tess_info_get_type (void) G_GNUC_CONST;

#define TESS_TYPE_BUNDLE (tess_bundle_get_type ())
GType tess_bundle_get_type (void) G_GNUC_CONST;

/* Asks whether a relay is at @origin (tess_origin_check()) and what it is. Resolves to a boxed TessInfo: dex_await_boxed().
 * Rejects with UNREACHABLE, TLS, NOT_A_RELAY, BUSY, SLOW_DOWN. */
DexFuture *tess_directory_get_info (const char *origin) G_GNUC_WARN_UNUSED_RESULT;

/* Fetches the records of @account from its relay under @capability, with a one-time prekey of each device if @one_time (only to
 * start a session). Resolves to a boxed TessBundle, whose every signature has been verified. Rejects with UNREACHABLE, TLS,
 * NOT_A_RELAY, PROTOCOL, BUSY, SLOW_DOWN, REFUSED, NOT_FOUND. */
DexFuture *tess_directory_get_account (const char *origin, const uint8_t account[static TESS_KEY_SIZE],
                                       const uint8_t capability[static TESS_CAPABILITY_SIZE], bool one_time)
  G_GNUC_WARN_UNUSED_RESULT;

/* Asks the relay at @origin for the address that the claimed @name stands for (tess_directory_name_check()); with @prefix for all
 * names that begin so (tess_directory_prefix_check()), which few relays tell. Resolves to a boxed GPtrArray of TessDirectoryName,
 * each of which is an address at this relay: whose it is nobody vouches for. Rejects with UNREACHABLE, TLS, NOT_A_RELAY,
 * PROTOCOL, BUSY, SLOW_DOWN, NOT_FOUND (also where names are not told). */
DexFuture *tess_directory_get_names (const char *origin, const char *name, bool prefix) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
