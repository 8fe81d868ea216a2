/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-store-error.h"

#include <errno.h>

G_DEFINE_QUARK (tess-store-error-quark, tess_store_error)

TessStoreError
tess_store_code_of_errno (int saved_errno)
{
  switch (saved_errno)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return TESS_STORE_ERROR_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
      return TESS_STORE_ERROR_READ_ONLY;
    case ENOENT:
      return TESS_STORE_ERROR_MISSING;
    default:
      return TESS_STORE_ERROR_IO;
    }
}

void
tess_store_set_errno (GError **error, int saved_errno, const char *what)
{
  g_set_error (error, TESS_STORE_ERROR, (int) tess_store_code_of_errno (saved_errno), "%s: %s", what, g_strerror (saved_errno));
}
