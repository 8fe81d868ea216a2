/* Reading rows into structs: private to the query files. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"

G_BEGIN_DECLS

/* Defines name_one(): the first row of @query, or NULL in *row_out; a row of a query that failed is freed. */
#define TESS_ROWS(name, Row, read_row, row_free)                                                                                 \
  static bool name##_one (TessQuery *query, Row **row_out, GError **error)                                                       \
  {                                                                                                                              \
    *row_out = tess_query_next (query) ? read_row (query) : NULL;                                                                \
    if (tess_query_done (query, error))                                                                                          \
      return true;                                                                                                               \
    g_clear_pointer (row_out, row_free);                                                                                         \
    return false;                                                                                                                \
  }

/* Defines name_all(): every row of @query in a GPtrArray that frees them; NULL after a failure. */
#define TESS_ROWS_LIST(name, Row, read_row, row_free)                                                                            \
  static bool name##_all (TessQuery *query, GPtrArray **rows_out, GError **error)                                                \
  {                                                                                                                              \
    *rows_out = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);                                                      \
    while (tess_query_next (query))                                                                                              \
      g_ptr_array_add (*rows_out, read_row (query));                                                                             \
    if (tess_query_done (query, error))                                                                                          \
      return true;                                                                                                               \
    g_clear_pointer (rows_out, g_ptr_array_unref);                                                                               \
    return false;                                                                                                                \
  }

/* tess_query_run(), and how many rows changed (@count_out may be NULL). */
bool tess_rows_run_counted (TessDb *db, TessQuery *query, unsigned *count_out, GError **error);

G_END_DECLS
