/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-history-private.h"

#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-intents-chats.h"

struct _TessHistory {
  GObject parent_instance;
  TessCore *core;         /* NULL once detached */
  TessMessages *messages;
  gint64 conversation;
  GPtrArray *items;       /* TessMessage, growing rows */
  gboolean has_older;
  gboolean has_newer;
  gboolean is_loaded;     /* the first page came */
  gint64 newest;          /* the newest row that was told of */
  guint generation;       /* grows when other items take the place of these: what was asked for before is of no use then */
  DexFuture *loading;     /* of older messages, or NULL */
  DexFuture *loading_newer;
};

enum { PROP_HAS_OLDER = 1, PROP_HAS_NEWER, N_PROPS };
static GParamSpec *properties[N_PROPS];

static GType
tess_history_get_item_type (GListModel *model)
{
  return TESS_TYPE_MESSAGE;
}

static guint
tess_history_get_n_items (GListModel *model)
{
  return TESS_HISTORY (model)->items->len;
}

static gpointer
tess_history_get_item (GListModel *model, guint position)
{
  TessHistory *self = TESS_HISTORY (model);

  return position < self->items->len ? g_object_ref (g_ptr_array_index (self->items, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = tess_history_get_item_type;
  iface->get_n_items = tess_history_get_n_items;
  iface->get_item = tess_history_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TessHistory, tess_history, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
tess_history_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_HAS_OLDER)
    g_value_set_boolean (value, TESS_HISTORY (object)->has_older);
  else if (id == PROP_HAS_NEWER)
    g_value_set_boolean (value, TESS_HISTORY (object)->has_newer);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
tess_history_finalize (GObject *object)
{
  TessHistory *self = TESS_HISTORY (object);

  tess_history_detach (self);
  g_ptr_array_unref (self->items);
  dex_clear (&self->loading);
  dex_clear (&self->loading_newer);
  G_OBJECT_CLASS (tess_history_parent_class)->finalize (object);
}

static void
tess_history_class_init (TessHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tess_history_get_property;
  object_class->finalize = tess_history_finalize;
  properties[PROP_HAS_OLDER] = g_param_spec_boolean ("has-older", NULL, NULL, FALSE, flags);
  properties[PROP_HAS_NEWER] = g_param_spec_boolean ("has-newer", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_history_init (TessHistory *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

TessHistory *
tess_history_new (TessCore *core, TessMessages *messages, gint64 conversation)
{
  TessHistory *self = g_object_new (TESS_TYPE_HISTORY, NULL);

  self->core = tess_core_ref (core);
  self->messages = messages;
  self->conversation = conversation;
  self->has_older = TRUE;
  return self;
}

void
tess_history_detach (TessHistory *self)
{
  g_clear_pointer (&self->core, tess_core_unref);
  self->messages = NULL;
}

gint64
tess_history_get_conversation (TessHistory *self)
{
  return self->conversation;
}

gboolean
tess_history_get_has_older (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), FALSE);
  return self->has_older;
}

gboolean
tess_history_get_has_newer (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), FALSE);
  return self->has_newer;
}

static gint64
row_at (TessHistory *self, guint position)
{
  return tess_message_get_row (g_ptr_array_index (self->items, position));
}

/* The first position whose row is @row or after it. */
static guint
position_of (TessHistory *self, gint64 row)
{
  guint low = 0, high = self->items->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (row_at (self, middle) < row)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
has_row (TessHistory *self, gint64 row)
{
  guint position = position_of (self, row);

  return position < self->items->len && row_at (self, position) == row;
}

/* What lies beyond the items. A message that came while a page was read stands behind it, whatever the page says. */
static void
set_ends (TessHistory *self, gboolean has_older, gboolean has_newer)
{
  gboolean older = self->has_older, newer = self->has_newer;
  guint count = self->items->len;

  self->is_loaded = TRUE;
  self->has_older = has_older;
  self->has_newer = has_newer || (count > 0 && self->newest > row_at (self, count - 1));
  if (older != self->has_older)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_OLDER]);
  if (newer != self->has_newer)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_NEWER]);
}

void
tess_history_apply (TessHistory *self, TessMessage *message)
{
  gint64 row = tess_message_get_row (message);
  guint position;

  self->newest = MAX (self->newest, row);
  /* Before the first page is here it would not be known what lies between; the page brings it. */
  if (!self->is_loaded)
    return;
  position = position_of (self, row);
  if (position < self->items->len ? row_at (self, position) == row : self->has_newer)
    return;
  if (position == 0 && self->has_older)
    return;
  g_ptr_array_insert (self->items, (gint) position, g_object_ref (message));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

/* Puts @rows (TessMessageData, from the one at @from to the one before @end) in at @position, where @removed items go. */
static void
splice (TessHistory *self, guint position, guint removed, GPtrArray *rows, guint from, guint end)
{
  if (removed == 0 && from >= end)
    return;
  if (removed > 0)
    g_ptr_array_remove_range (self->items, position, removed);
  for (guint i = from; i < end; i++)
    g_ptr_array_insert (self->items, (gint) (position + i - from),
                        tess_messages_take (self->messages, g_ptr_array_index (rows, i)));
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, end > from ? end - from : 0);
}

static gint64
row_of (GPtrArray *rows, guint index)
{
  return ((const TessMessageData *) g_ptr_array_index (rows, index))->row;
}

static guint
count_below (GPtrArray *rows, gint64 row)
{
  guint count = 0;

  while (count < rows->len && row_of (rows, count) < row)
    count++;
  return count;
}

/* Makes @rows, which follow one another in the history, the items. What is shown already stays in its place. */
static void
replace (TessHistory *self, GPtrArray *rows)
{
  guint first = rows->len > 0 ? position_of (self, row_of (rows, 0)) : 0;
  guint end = rows->len > 0 ? position_of (self, row_of (rows, rows->len - 1) + 1) : 0;

  self->generation++;
  if (first >= end)
    {
      splice (self, 0, self->items->len, rows, 0, rows->len);
      return;
    }
  splice (self, end, self->items->len - end, rows, count_below (rows, row_at (self, end - 1) + 1), rows->len);
  splice (self, 0, first, rows, 0, count_below (rows, row_at (self, first)));
}

/* A page on its way, for the history as it was when it was asked for. */
typedef struct {
  TessHistory *history;
  TessCoreJob job;
  TessIntent *intent;
  guint generation;
} Page;

static Page *
page_new (TessHistory *history, TessCoreJob job, gint64 message)
{
  Page *self = g_new0 (Page, 1);

  self->history = g_object_ref (history);
  self->job = job;
  self->intent = tess_intent_new (history->conversation);
  self->intent->message = message;
  self->intent->count = TESS_HISTORY_PAGE;
  self->generation = history->generation;
  return self;
}

static void
page_free (gpointer data)
{
  Page *self = data;

  g_object_unref (self->history);
  tess_intent_unref (self->intent);
  g_free (self);
}

/* In a fiber: reads the page. FALSE also when there is nobody left to show it to; then without an error. */
static bool
page_read (Page *self, GError **error)
{
  g_autoptr (TessCore) core = self->history->core != NULL ? tess_core_ref (self->history->core) : NULL;

  return core != NULL && tess_core_run (core, self->job, self->intent, error) && self->history->messages != NULL;
}

static DexFuture *
run_newest (gpointer data)
{
  Page *page = data;
  GError *error = NULL;

  if (page_read (page, &error))
    {
      replace (page->history, page->intent->rows);
      set_ends (page->history, page->intent->more, FALSE);
    }
  return error != NULL ? dex_future_new_for_error (error) : dex_future_new_for_boolean (TRUE);
}

/* What is loaded is gone, and not all there is. */
static void
refill (TessHistory *self)
{
  self->is_loaded = FALSE;
  self->generation++;
  if (self->core != NULL)
    dex_future_disown (tess_core_call (run_newest, page_new (self, tess_intent_load_page, 0), page_free));
}

static bool
is_among (GArray *rows, gint64 row)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, int64_t, i) == row)
      return true;
  return false;
}

void
tess_history_remove (TessHistory *self, GArray *rows)
{
  guint end = self->items->len;

  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, int64_t, i) == self->newest)
      self->newest = 0;
  /* Run by run, from the end. */
  while (end > 0)
    {
      guint start;

      while (end > 0 && !is_among (rows, row_at (self, end - 1)))
        end--;
      for (start = end; start > 0 && is_among (rows, row_at (self, start - 1)); start--)
        ;
      if (start < end)
        splice (self, start, end - start, NULL, 0, 0);
      end = start;
    }
  if (self->is_loaded && self->items->len == 0 && (self->has_older || self->has_newer))
    refill (self);
}

void
tess_history_clear (TessHistory *self)
{
  self->generation++;
  self->newest = 0;
  splice (self, 0, self->items->len, NULL, 0, 0);
  set_ends (self, FALSE, FALSE);
}

static DexFuture *
run_older (gpointer data)
{
  Page *page = data;
  TessHistory *self = page->history;
  GError *error = NULL;

  if (page_read (page, &error) && page->generation == self->generation)
    {
      GPtrArray *rows = page->intent->rows;

      splice (self, 0, 0, rows, 0, self->items->len > 0 ? count_below (rows, row_at (self, 0)) : rows->len);
      set_ends (self, page->intent->more, self->has_newer);
    }
  return error != NULL ? dex_future_new_for_error (error) : dex_future_new_for_boolean (self->has_older);
}

DexFuture *
tess_history_load_older (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (self->core == NULL || (self->is_loaded && !self->has_older))
    return dex_future_new_for_boolean (FALSE);
  if (self->loading == NULL || !dex_future_is_pending (self->loading))
    {
      gint64 before = self->items->len > 0 ? row_at (self, 0) : 0;

      dex_clear (&self->loading);
      self->loading = tess_core_call (run_older, page_new (self, tess_intent_load_page, before), page_free);
    }
  return dex_ref (self->loading);
}

static DexFuture *
run_newer (gpointer data)
{
  Page *page = data;
  TessHistory *self = page->history;
  GError *error = NULL;

  if (page_read (page, &error) && page->generation == self->generation)
    {
      GPtrArray *rows = page->intent->rows;
      guint count = self->items->len;

      splice (self, count, 0, rows, count > 0 ? count_below (rows, row_at (self, count - 1) + 1) : 0, rows->len);
      set_ends (self, self->has_older, page->intent->newer);
    }
  return error != NULL ? dex_future_new_for_error (error) : dex_future_new_for_boolean (self->has_newer);
}

DexFuture *
tess_history_load_newer (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (self->core == NULL || !self->has_newer)
    return dex_future_new_for_boolean (FALSE);
  if (self->loading_newer == NULL || !dex_future_is_pending (self->loading_newer))
    {
      gint64 after = self->items->len > 0 ? row_at (self, self->items->len - 1) : 0;

      dex_clear (&self->loading_newer);
      self->loading_newer = tess_core_call (run_newer, page_new (self, tess_intent_load_newer, after), page_free);
    }
  return dex_ref (self->loading_newer);
}

DexFuture *
tess_history_load_newest (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (self->core == NULL || !self->has_newer)
    return dex_future_new_for_boolean (TRUE);
  return tess_core_call (run_newest, page_new (self, tess_intent_load_page, 0), page_free);
}

static DexFuture *
not_here (void)
{
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND, "%s", _("That is not here any more."));
}

static DexFuture *
run_around (gpointer data)
{
  Page *page = data;
  TessHistory *self = page->history;
  GError *error = NULL;

  if (!page_read (page, &error))
    return error != NULL ? dex_future_new_for_error (error) : not_here ();
  if (!has_row (self, page->intent->message))
    {
      replace (self, page->intent->rows);
      set_ends (self, page->intent->more, page->intent->newer);
    }
  return dex_future_new_for_uint (position_of (self, page->intent->message));
}

DexFuture *
tess_history_load_around (TessHistory *self, gint64 row)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (has_row (self, row))
    return dex_future_new_for_uint (position_of (self, row));
  if (self->core == NULL || row <= 0)
    return not_here ();
  return tess_core_call (run_around, page_new (self, tess_intent_load_around, row), page_free);
}

static DexFuture *
run_find (gpointer data)
{
  Page *page = data;
  GError *error = NULL;

  page_read (page, &error);
  return error != NULL ? dex_future_new_for_error (error) : dex_future_new_for_int64 (page->intent->message);
}

DexFuture *
tess_history_find (TessHistory *self, const char *id)
{
  Page *page;

  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (self->core == NULL)
    return dex_future_new_for_int64 (0);
  page = page_new (self, tess_intent_find_message, 0);
  if (tess_hex_decode (id, page->intent->secret, sizeof page->intent->secret))
    return tess_core_call (run_find, page, page_free);
  page_free (page);
  return dex_future_new_for_int64 (0);
}

/* Messages. */

struct _TessMessages {
  GHashTable *objects; /* int64_t row → TessMessage, weak */
};

TessMessages *
tess_messages_new (void)
{
  TessMessages *self = g_new0 (TessMessages, 1);

  self->objects = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return self;
}

/* Called while the message is disposed of: its row can still be read. */
static void
forget (gpointer data, GObject *object)
{
  TessMessages *self = data;
  gint64 row = tess_message_get_row (TESS_MESSAGE (object));

  g_hash_table_remove (self->objects, &row);
}

void
tess_messages_free (TessMessages *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_object_weak_unref (value, forget, self);
  g_hash_table_unref (self->objects);
  g_free (self);
}

TessMessage *
tess_messages_take (TessMessages *self, const TessMessageData *data)
{
  TessMessage *message = g_hash_table_lookup (self->objects, &data->row);
  gint64 *key;

  if (message != NULL)
    {
      g_object_ref (message);
      tess_message_update (message, data);
      return message;
    }
  message = tess_message_new (data);
  key = g_new (gint64, 1);
  *key = data->row;
  g_hash_table_insert (self->objects, key, message);
  g_object_weak_ref (G_OBJECT (message), forget, self);
  return message;
}

void
tess_messages_gone (TessMessages *self, gint64 row)
{
  TessMessage *message = g_hash_table_lookup (self->objects, &row);

  if (message != NULL)
    tess_message_set_gone (message);
}
