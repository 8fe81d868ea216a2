/* Translated sentences inside the layers. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tess-config.h"

#define GETTEXT_PACKAGE TESS_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
