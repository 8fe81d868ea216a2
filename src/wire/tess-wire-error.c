/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/tess-wire-error.h"

G_DEFINE_QUARK (tess-wire-error-quark, tess_wire_error)
