/* Whom a relay tells of when it is asked for a name: each to be added, none of them verified.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/tess-engine.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal: ::add (gpointer, a TessFoundPerson): that person is wanted. */
#define TESS_TYPE_FOUND_LIST (tess_found_list_get_type ())
G_DECLARE_FINAL_TYPE (TessFoundList, tess_found_list, TESS, FOUND_LIST, AdwBin)

/* Shows @people (of TessFoundPerson), and what is known of them here already; hidden without any (NULL). */
void tess_found_list_show (TessFoundList *self, TessEngine *engine, GPtrArray *people);

G_END_DECLS
