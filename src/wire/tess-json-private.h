/* Inside src/wire: the check that comes before json-glib. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

/* NULL when the @size bytes at @text are JSON as tess_json_parse() wants it, else a static text that names the fault. */
const char *tess_json_scan (const char *text, size_t size);

G_END_DECLS
