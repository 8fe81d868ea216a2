/* The relay's error domain, and what a piece of work on the store can come to. Any thread.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TESS_RELAY_ERROR (tess_relay_error_quark ())
GQuark tess_relay_error_quark (void);

typedef enum {
  TESS_RELAY_ERROR_CONFIG, /* the operator's configuration: say what is wrong, exit */
  TESS_RELAY_ERROR_DATA,   /* the data folder or its database cannot be used as it is: say so, exit, touch nothing */
  TESS_RELAY_ERROR_LISTEN, /* the address cannot be listened on */
} TessRelayError;

/* What a piece of work on the store came to. */
typedef enum {
  TESS_RELAY_OK,
  TESS_RELAY_BUSY,          /* the database failed (disk full, I/O) or the queue is full: nothing was changed; try again later */
  TESS_RELAY_STORED_BEFORE, /* a deposit id the mailbox remembers */
  TESS_RELAY_NO_MAILBOX,
  TESS_RELAY_REFUSED,       /* the capability fits nothing; also an unknown account */
  TESS_RELAY_FULL,          /* the mailbox's quota */
  TESS_RELAY_UNREGISTERED,
  TESS_RELAY_STALE,         /* a device list older than the stored one, or as old with other content */
  TESS_RELAY_TAKEN,         /* the device, or the name, is under another account */
  TESS_RELAY_INVITATION,    /* a new account without a good invitation */
  TESS_RELAY_NOT_FOUND,     /* a name that nobody claimed */
  TESS_RELAY_TOO_MANY,      /* more one-time prekeys than a device may keep here */
  TESS_RELAY_NO_NUMBER,     /* there are as many mailboxes as there can be */
} TessRelayResult;

G_END_DECLS
