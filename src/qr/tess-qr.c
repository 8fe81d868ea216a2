/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qr/tess-qr.h"

G_DEFINE_QUARK (tess-qr-error-quark, tess_qr_error)
