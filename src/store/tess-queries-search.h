/* Finding texts by their words. For jobs, as tess-queries-keys.h. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/tess-db.h"
#include "store/tess-store-error.h"

G_BEGIN_DECLS

typedef struct {
  int64_t message;      /* its row */
  int64_t conversation;
  int64_t time_ms;
  bool is_own;
  char *excerpt;        /* of the text, with the two marks that were given around what was found */
} TessSearchRow;

void tess_search_row_free (TessSearchRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TessSearchRow, tess_search_row_free)

/* Puts at most @max messages that are not there yet into the search index, oldest first. *@more_out: there may be others. */
bool tess_db_search_index (TessDb *db, unsigned max, bool *more_out, GError **error);

/* Texts (TessSearchRow, newest first, at most @max) in which each of @words (NULL-terminated, any UTF-8) begins a word, whatever
 * case and accents: of @conversation, or of all (0); with a row below @before, unless that is 0. Words without a letter or a
 * digit count for nothing; without any other, nothing is found. What a blocked stranger wrote is not found, nor
 * what is not in the index yet. @begin and @end stand around what was found. */
bool tess_db_search (TessDb *db, int64_t conversation, const char *const *words, int64_t before, unsigned max, const char *begin,
                     const char *end, GPtrArray **rows_out, GError **error);

G_END_DECLS
