/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/tess-crypto-error.h"

G_DEFINE_QUARK (tess-crypto-error-quark, tess_crypto_error)
