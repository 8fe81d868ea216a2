/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-search-hit-private.h"

struct _TessSearchHit {
  GObject parent_instance;
  TessConversation *conversation;
  gint64 row;
  gint64 time;
  gboolean outgoing;
  char *excerpt;
};

G_DEFINE_FINAL_TYPE (TessSearchHit, tess_search_hit, G_TYPE_OBJECT)

enum { PROP_CONVERSATION = 1, PROP_ROW, PROP_TIME, PROP_OUTGOING, PROP_EXCERPT, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
tess_search_hit_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TessSearchHit *self = TESS_SEARCH_HIT (object);

  switch (id)
    {
    case PROP_CONVERSATION:
      g_value_set_object (value, self->conversation);
      break;
    case PROP_ROW:
      g_value_set_int64 (value, self->row);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_OUTGOING:
      g_value_set_boolean (value, self->outgoing);
      break;
    case PROP_EXCERPT:
      g_value_set_string (value, self->excerpt);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tess_search_hit_finalize (GObject *object)
{
  TessSearchHit *self = TESS_SEARCH_HIT (object);

  g_clear_object (&self->conversation);
  g_free (self->excerpt);
  G_OBJECT_CLASS (tess_search_hit_parent_class)->finalize (object);
}

static void
tess_search_hit_class_init (TessSearchHitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tess_search_hit_get_property;
  object_class->finalize = tess_search_hit_finalize;
  properties[PROP_CONVERSATION] = g_param_spec_object ("conversation", NULL, NULL, TESS_TYPE_CONVERSATION, flags);
  properties[PROP_ROW] = g_param_spec_int64 ("row", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_OUTGOING] = g_param_spec_boolean ("outgoing", NULL, NULL, FALSE, flags);
  properties[PROP_EXCERPT] = g_param_spec_string ("excerpt", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tess_search_hit_init (TessSearchHit *self)
{
}

TessSearchHit *
tess_search_hit_new (TessConversation *conversation, gint64 row, gint64 time, gboolean outgoing, const char *excerpt)
{
  TessSearchHit *self = g_object_new (TESS_TYPE_SEARCH_HIT, NULL);

  self->conversation = g_object_ref (conversation);
  self->row = row;
  self->time = time;
  self->outgoing = outgoing;
  self->excerpt = g_strdup (excerpt);
  return self;
}

TessConversation *
tess_search_hit_get_conversation (TessSearchHit *self)
{
  g_return_val_if_fail (TESS_IS_SEARCH_HIT (self), NULL);
  return self->conversation;
}

gint64
tess_search_hit_get_row (TessSearchHit *self)
{
  g_return_val_if_fail (TESS_IS_SEARCH_HIT (self), 0);
  return self->row;
}

gint64
tess_search_hit_get_time (TessSearchHit *self)
{
  g_return_val_if_fail (TESS_IS_SEARCH_HIT (self), 0);
  return self->time;
}

gboolean
tess_search_hit_get_outgoing (TessSearchHit *self)
{
  g_return_val_if_fail (TESS_IS_SEARCH_HIT (self), FALSE);
  return self->outgoing;
}

const char *
tess_search_hit_get_excerpt (TessSearchHit *self)
{
  g_return_val_if_fail (TESS_IS_SEARCH_HIT (self), NULL);
  return self->excerpt;
}
