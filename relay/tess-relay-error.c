/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-error.h"

G_DEFINE_QUARK (tess-relay-error-quark, tess_relay_error)
