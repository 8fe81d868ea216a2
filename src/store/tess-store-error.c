/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-store-error.h"

G_DEFINE_QUARK (tess-store-error-quark, tess_store_error)
