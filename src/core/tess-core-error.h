/* What can go wrong above the layers, said so that a person or a program can act on it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define TESS_CORE_ERROR (tess_core_error_quark ())
GQuark tess_core_error_quark (void);

/* Each code stands for one thing the caller can do; the message is a whole translated sentence that can be shown as it is. */
typedef enum {
  TESS_CORE_ERROR_FAILED,            /* report it: nothing the caller can do */
  TESS_CORE_ERROR_IN_USE,            /* another process has this profile open: raise its window */
  TESS_CORE_ERROR_NOT_WRITABLE,      /* the profile's folder cannot be made or written: choose another, mend permissions */
  TESS_CORE_ERROR_NO_SPACE,          /* the disk is full: free space and try again; nothing was lost */
  TESS_CORE_ERROR_DAMAGED,           /* the database or key file cannot be read; it was left untouched */
  TESS_CORE_ERROR_NEWER,             /* written by a newer Tessera: update */
  TESS_CORE_ERROR_NO_KEYRING,        /* no Secret Service for a fresh profile: use a passphrase */
  TESS_CORE_ERROR_KEYRING_UNREACHABLE, /* the profile's keys are in a keyring, and none answers: start or unlock it */
  TESS_CORE_ERROR_KEYRING_AWAY,      /* the same, but there is a recovery file: or tess_engine_recover() without a keyring */
  TESS_CORE_ERROR_KEYRING_LOST,      /* the profile exists but the keyring does not hold its keys; no recovery file */
  TESS_CORE_ERROR_RECOVERY_NEEDED,   /* the same, but there is one: ask for the code, and tess_engine_recover() */
  TESS_CORE_ERROR_RECOVERY_WRONG,    /* not the recovery code or passphrase: ask again; nothing was changed */
  TESS_CORE_ERROR_RECOVERY_DAMAGED,  /* the recovery file cannot be read, or is another profile's; it was left untouched */
  TESS_CORE_ERROR_RECOVERY_NONE,     /* there is no recovery file: make a code first */
  TESS_CORE_ERROR_PASSPHRASE_NEEDED, /* the profile is kept under a passphrase: ask for it */
  TESS_CORE_ERROR_PASSPHRASE_OR_CODE, /* it is under the app lock's, and there is a recovery file: or tess_engine_recover() */
  TESS_CORE_ERROR_PASSPHRASE_WRONG,  /* ask again */
  TESS_CORE_ERROR_BACKUP_WRONG,      /* not the backup's passphrase or code: ask again; nothing was changed */
  TESS_CORE_ERROR_BACKUP_DAMAGED,    /* the backup cannot be read, or is none: choose another; nothing was changed */
  TESS_CORE_ERROR_CANCELLED,         /* the person ended it: nothing was changed */
  TESS_CORE_ERROR_NOT_REGISTERED,    /* no account in this profile yet: tess_engine_register() */
  TESS_CORE_ERROR_REGISTERED,        /* there is an account already */
  TESS_CORE_ERROR_BAD_NAME,
  TESS_CORE_ERROR_BAD_RELAY,         /* not a relay's address, or no relay answers there */
  TESS_CORE_ERROR_INVITATION,        /* the relay asks for an invitation, or refused this one */
  TESS_CORE_ERROR_BAD_ADDRESS,       /* not a Tessera address or code */
  TESS_CORE_ERROR_OWN_ADDRESS,       /* one's own address or code */
  TESS_CORE_ERROR_BAD_TEXT,          /* empty, too long or not UTF-8 */
  TESS_CORE_ERROR_NOT_FOUND,         /* no such contact, message, … */
  TESS_CORE_ERROR_STOPPED,           /* sending to this contact is stopped, by an alarm or because they are blocked */
  TESS_CORE_ERROR_UNREACHABLE,       /* no connection now; what was queued goes by itself later */
  TESS_CORE_ERROR_PROXY,             /* the same for want of the proxy that is set: the message says what is wrong with it */
  TESS_CORE_ERROR_REPLACED,          /* this account lives on another device by now: nothing goes through this one */
  TESS_CORE_ERROR_REFUSED,           /* the relay or the peer's data refused for good: the message says why */
} TessCoreError;

/* Sets the error for when there are no random numbers; false, for the caller to return. */
bool tess_core_error_no_random (GError **error);

G_END_DECLS
