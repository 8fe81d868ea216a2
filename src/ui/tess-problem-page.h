/* A profile that cannot be opened: what happened and what to do. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal ::try-again (). */
#define TESS_TYPE_PROBLEM_PAGE (tess_problem_page_get_type ())
G_DECLARE_FINAL_TYPE (TessProblemPage, tess_problem_page, TESS, PROBLEM_PAGE, AdwBin)

/* @error: of tess_engine_open() on the profile at @profile. */
GtkWidget *tess_problem_page_new (const GError *error, const char *profile);

G_END_DECLS
