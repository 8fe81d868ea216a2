/* The errors of the store layer: database, keyring, profile directory. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TESS_STORE_ERROR (tess_store_error_quark ())
GQuark tess_store_error_quark (void);

/* What a caller can do stands behind each code. Messages are English sentences for logs and the command line. */
typedef enum {
  TESS_STORE_ERROR_FAILED,     /* a fault of ours or of a library: report it */
  TESS_STORE_ERROR_WRONG_KEY,  /* the key does not open this database (or its first page is damaged): offer recovery */
  TESS_STORE_ERROR_DAMAGED,    /* the database or a file beside it is damaged: offer a backup */
  TESS_STORE_ERROR_NEWER,      /* written by a newer Tessera: update */
  TESS_STORE_ERROR_FULL,       /* the disk (or a quota) is full: free space, then try again; nothing was changed */
  TESS_STORE_ERROR_READ_ONLY,  /* no permission to write there, or a read-only file system */
  TESS_STORE_ERROR_BUSY,       /* too many jobs wait, or another program holds the database: try again later */
  TESS_STORE_ERROR_IO,         /* the disk gave an error */
  TESS_STORE_ERROR_EXISTS,     /* a row with this key is there already */
  TESS_STORE_ERROR_MISSING,    /* what was asked for is not there: a row, a secret in the keyring, a file, a profile */
  TESS_STORE_ERROR_CLOSED,     /* the store was closed */
  TESS_STORE_ERROR_IN_USE,     /* another process has this profile open */
  TESS_STORE_ERROR_UNSAFE,     /* the profile directory is not ours or open to others: choose another, or mend its mode */
  TESS_STORE_ERROR_NO_SERVICE, /* no usable Secret Service (no bus, none running, locked and the prompt dismissed,
                                * damaged, or no answer in time): offer a passphrase */
} TessStoreError;

/* Sets the code that fits @saved_errno (FULL, READ_ONLY, MISSING, else IO) with @what and the system's words. For the store
 * layer. */
void tess_store_set_errno (GError **error, int saved_errno, const char *what);
/* That code. */
TessStoreError tess_store_code_of_errno (int saved_errno);

G_END_DECLS
