/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-db-private.h"
#include "store/tess-store-error.h"

#include <string.h>

struct _TessQuery {
  TessDb *db;
  sqlite3_stmt *statement; /* NULL when it could not be prepared */
  GError *error;           /* the first one; nothing happens after it */
  int bound;               /* parameters bound since the last reset */
  int column;              /* columns read of this row */
  bool started;            /* stepped since the last reset */
  bool row;                /* stands on a row */
};

TessQuery *
tess_db_query (TessDb *self, const char *sql)
{
  TessQuery *query = g_new0 (TessQuery, 1);

  query->db = self;
  query->statement = tess_db_take_statement (self, sql, &query->error);
  return query;
}

void
tess_query_free (TessQuery *self)
{
  if (self == NULL)
    return;
  if (self->statement != NULL)
    {
      sqlite3_reset (self->statement);
      sqlite3_clear_bindings (self->statement);
      tess_db_give_statement (self->db, self->statement);
    }
  g_clear_error (&self->error);
  g_free (self);
}

static void
fail (TessQuery *self, TessStoreError code, const char *message)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (TESS_STORE_ERROR, (int) code, message);
}

static void
check (TessQuery *self, int code)
{
  if (code != SQLITE_OK && self->error == NULL)
    self->error = tess_db_error (self->db, code);
}

/* The number of the next parameter, or 0 after an error. */
static int
next_parameter (TessQuery *self)
{
  if (self->error != NULL)
    return 0;
  if (self->started)
    {
      sqlite3_reset (self->statement);
      self->started = self->row = false;
      self->bound = 0;
    }
  return ++self->bound;
}

void
tess_query_bind_int (TessQuery *self, int64_t value)
{
  int parameter = next_parameter (self);

  if (parameter > 0)
    check (self, sqlite3_bind_int64 (self->statement, parameter, value));
}

void
tess_query_bind_null (TessQuery *self)
{
  int parameter = next_parameter (self);

  if (parameter > 0)
    check (self, sqlite3_bind_null (self->statement, parameter));
}

void
tess_query_bind_text (TessQuery *self, const char *text)
{
  int parameter = next_parameter (self);

  if (parameter > 0)
    check (self, sqlite3_bind_text64 (self->statement, parameter, text, text != NULL ? strlen (text) : 0, SQLITE_TRANSIENT,
                                      SQLITE_UTF8));
}

static void
free_bound (void *bytes)
{
  tess_wiped_free ((TessWiped *) ((uint8_t *) bytes - offsetof (TessWiped, bytes)));
}

void
tess_query_bind_blob (TessQuery *self, const void *data, size_t size)
{
  TessWiped *copy;
  int parameter;

  if (data == NULL)
    {
      tess_query_bind_null (self);
      return;
    }
  parameter = next_parameter (self);
  if (parameter == 0)
    return;
  copy = tess_wiped_new (size);
  memcpy (copy->bytes, data, size);
  check (self, sqlite3_bind_blob64 (self->statement, parameter, copy->bytes, size, free_bound));
}

void
tess_query_bind_bytes (TessQuery *self, GBytes *bytes)
{
  static const uint8_t nothing[1];
  size_t size = 0;
  const void *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  tess_query_bind_blob (self, bytes != NULL && data == NULL ? nothing : data, size);
}

void
tess_query_bind_wiped (TessQuery *self, const TessWiped *secret)
{
  tess_query_bind_blob (self, secret != NULL ? secret->bytes : NULL, secret != NULL ? secret->size : 0);
}

bool
tess_query_next (TessQuery *self)
{
  int code;

  if (self->error != NULL || (self->started && !self->row))
    return false;
  if (!self->started)
    {
      if (self->bound != sqlite3_bind_parameter_count (self->statement))
        {
          fail (self, TESS_STORE_ERROR_FAILED, "A query was run with another number of values than it has");
          return false;
        }
      if (!sqlite3_stmt_readonly (self->statement) && !tess_db_may_write (self->db, &self->error))
        return false;
    }
  self->started = true;
  self->column = 0;
  code = sqlite3_step (self->statement);
  self->row = code == SQLITE_ROW;
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    check (self, code);
  return self->row;
}

/* The number of the next column, or -1 when there is none. */
static int
next_column (TessQuery *self)
{
  if (self->error != NULL || !self->row)
    return -1;
  if (self->column >= sqlite3_column_count (self->statement))
    {
      fail (self, TESS_STORE_ERROR_FAILED, "A query has fewer columns than were read");
      return -1;
    }
  return self->column++;
}

int64_t
tess_query_int (TessQuery *self)
{
  int column = next_column (self);

  return column >= 0 ? sqlite3_column_int64 (self->statement, column) : 0;
}

const char *
tess_query_text (TessQuery *self)
{
  int column = next_column (self);

  return column >= 0 ? (const char *) sqlite3_column_text (self->statement, column) : NULL;
}

char *
tess_query_dup_text (TessQuery *self)
{
  return g_strdup (tess_query_text (self));
}

const uint8_t *
tess_query_blob (TessQuery *self, size_t *size_out)
{
  static const uint8_t nothing[1];
  int column = next_column (self);
  const uint8_t *data;

  *size_out = 0;
  if (column < 0 || sqlite3_column_type (self->statement, column) == SQLITE_NULL)
    return NULL;
  data = sqlite3_column_blob (self->statement, column);
  *size_out = (size_t) sqlite3_column_bytes (self->statement, column);
  return data != NULL ? data : nothing;
}

GBytes *
tess_query_dup_bytes (TessQuery *self)
{
  size_t size;
  const uint8_t *data = tess_query_blob (self, &size);

  return data != NULL ? g_bytes_new (data, size) : NULL;
}

TessWiped *
tess_query_dup_wiped (TessQuery *self)
{
  size_t size;
  const uint8_t *data = tess_query_blob (self, &size);
  TessWiped *copy = data != NULL ? tess_wiped_new (size) : NULL;

  if (copy != NULL)
    memcpy (copy->bytes, data, size);
  return copy;
}

bool
tess_query_copy_or_zero (TessQuery *self, uint8_t *out, size_t size)
{
  size_t found;
  const uint8_t *data = tess_query_blob (self, &found);

  if (data != NULL && found == size)
    {
      memcpy (out, data, size);
      return true;
    }
  memset (out, 0, size);
  if (data != NULL)
    fail (self, TESS_STORE_ERROR_DAMAGED, "The database holds a value of a wrong size");
  return false;
}

void
tess_query_copy (TessQuery *self, uint8_t *out, size_t size)
{
  if (!tess_query_copy_or_zero (self, out, size) && self->row)
    fail (self, TESS_STORE_ERROR_DAMAGED, "The database lacks a value");
}

bool
tess_query_done (TessQuery *self, GError **error)
{
  if (self->error == NULL)
    return true;
  if (error != NULL)
    *error = g_error_copy (self->error);
  return false;
}

bool
tess_query_run (TessQuery *self, GError **error)
{
  /* Without parameters nothing was bound that would have reset it. */
  if (self->started && !self->row && self->error == NULL)
    {
      sqlite3_reset (self->statement);
      self->started = false;
    }
  while (tess_query_next (self))
    ;
  return tess_query_done (self, error);
}

bool
tess_query_run_one (TessQuery *self, GError **error)
{
  if (!tess_query_run (self, error))
    return false;
  if (tess_db_changes (self->db) == 1)
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "The database has no such row");
  return false;
}
