/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-rows.h"

bool
tess_rows_run_counted (TessDb *db, TessQuery *query, unsigned *count_out, GError **error)
{
  bool done = tess_query_run (query, error);

  if (count_out != NULL)
    *count_out = done ? (unsigned) tess_db_changes (db) : 0;
  return done;
}
