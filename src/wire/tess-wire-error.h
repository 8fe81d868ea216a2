/* What can be wrong with bytes that came from outside. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TESS_WIRE_ERROR (tess_wire_error_quark ())

/* The codes say what the caller can do. */
typedef enum {
  TESS_WIRE_ERROR_MALFORMED,      /* not a thing of this kind: short, trailing bytes, wrong type: refuse it */
  TESS_WIRE_ERROR_VALUE,          /* well formed, with a value that protocol.md forbids: refuse it */
  TESS_WIRE_ERROR_SIGNATURE,      /* a signature does not verify: refuse it */
  TESS_WIRE_ERROR_EXPIRED,        /* a genuine prekey record past its time: leave the device out for now */
  TESS_WIRE_ERROR_TOO_LARGE,      /* above a limit of tess-limits.h: refuse it */
  TESS_WIRE_ERROR_NOT_AN_ADDRESS, /* addresses: does not begin as one: ask for another text */
  TESS_WIRE_ERROR_NEWER_VERSION,  /* addresses: an address of a later version: say that an update is needed */
  TESS_WIRE_ERROR_TRUNCATED,      /* addresses: begins well and ends too early: ask to copy all of it */
  TESS_WIRE_ERROR_HOST,           /* addresses, origins: the host is not one */
  TESS_WIRE_ERROR_PORT,           /* addresses, origins: the port is not one */
  TESS_WIRE_ERROR_KEY,            /* addresses: the account key or capability is damaged */
  TESS_WIRE_ERROR_INSECURE,       /* origins: http to a host that is not this machine */
} TessWireError;

GQuark tess_wire_error_quark (void);

G_END_DECLS
