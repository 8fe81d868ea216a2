/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-history-private.h"

#include "core/tess-intents.h"

struct _TessHistory {
  GObject parent_instance;
  TessCore *core;         /* NULL once detached */
  TessMessages *messages;
  gint64 conversation;
  GPtrArray *items;       /* TessMessage, growing rows */
  gboolean has_older;
  gboolean is_loaded;     /* the newest page came */
  DexFuture *loading;     /* of older messages, or NULL */
};

enum { PROP_HAS_OLDER = 1, N_PROPS };
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
  G_OBJECT_CLASS (tess_history_parent_class)->finalize (object);
}

static void
tess_history_class_init (TessHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tess_history_get_property;
  object_class->finalize = tess_history_finalize;
  properties[PROP_HAS_OLDER] = g_param_spec_boolean ("has-older", NULL, NULL, FALSE,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
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

static gint64
row_at (TessHistory *self, guint position)
{
  return tess_message_get_row (g_ptr_array_index (self->items, position));
}

void
tess_history_apply (TessHistory *self, TessMessage *message)
{
  gint64 row = tess_message_get_row (message);
  guint position = self->items->len;

  /* Before the first page is here it would not be known what lies between; the page brings it. */
  if (!self->is_loaded)
    return;
  while (position > 0 && row_at (self, position - 1) > row)
    position--;
  if (position > 0 && row_at (self, position - 1) == row)
    return;
  if (position == 0 && self->has_older)
    return;
  g_ptr_array_insert (self->items, (gint) position, g_object_ref (message));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

static void
prepend (TessHistory *self, GPtrArray *rows, gboolean more)
{
  guint added = 0;
  gint64 first = self->items->len > 0 ? row_at (self, 0) : G_MAXINT64;

  for (guint i = 0; i < rows->len; i++)
    {
      const TessMessageData *data = g_ptr_array_index (rows, i);

      if (data->row < first)
        g_ptr_array_insert (self->items, (gint) added++, tess_messages_take (self->messages, data));
    }
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
  self->is_loaded = TRUE;
  if (self->has_older == more)
    return;
  self->has_older = more;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_OLDER]);
}

static DexFuture *
load (gpointer data)
{
  TessHistory *self = data;
  g_autoptr (TessCore) core = tess_core_ref (self->core);
  g_autoptr (TessIntent) intent = tess_intent_new (self->conversation);
  GError *error = NULL;

  intent->message = self->items->len > 0 ? row_at (self, 0) : 0;
  intent->count = TESS_HISTORY_PAGE;
  if (!tess_core_run (core, tess_intent_load_page, intent, &error))
    return dex_future_new_for_error (error);
  if (self->messages != NULL)
    prepend (self, intent->rows, intent->more);
  return dex_future_new_for_boolean (self->has_older);
}

DexFuture *
tess_history_load_older (TessHistory *self)
{
  g_return_val_if_fail (TESS_IS_HISTORY (self), NULL);
  if (self->core == NULL || (self->is_loaded && !self->has_older))
    return dex_future_new_for_boolean (FALSE);
  if (self->loading == NULL || !dex_future_is_pending (self->loading))
    {
      dex_clear (&self->loading);
      self->loading = tess_core_call (load, g_object_ref (self), g_object_unref);
    }
  return dex_ref (self->loading);
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
