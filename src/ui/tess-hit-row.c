/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-hit-row.h"

#include "ui/tess-avatar.h"
#include "ui/tess-excerpt.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

struct _TessHitRow {
  AdwBin parent_instance;

  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *time;
  GtkLabel *excerpt;

  char *sentence;
};

enum { PROP_SENTENCE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessHitRow, tess_hit_row, ADW_TYPE_BIN)

void
tess_hit_row_set_hit (TessHitRow *self, TessSearchHit *hit)
{
  TessContact *contact = tess_conversation_get_contact (tess_search_hit_get_conversation (hit));
  const char *name = tess_contact_get_name (contact), *excerpt = tess_search_hit_get_excerpt (hit);
  gboolean own = tess_search_hit_get_outgoing (hit) && !tess_contact_get_is_self (contact);
  g_autofree char *when = tess_text_when (tess_search_hit_get_time (hit), tess_text_now ());
  g_autofree char *marked = tess_excerpt_markup (excerpt), *plain = tess_excerpt_plain (excerpt);
  /* Translators: a message of one's own that was found; %s is its text */
  g_autofree char *shown = own ? g_strdup_printf (_("You: %s"), marked) : g_steal_pointer (&marked);
  g_autofree char *said = own ? g_strdup_printf (_("You: %s"), plain) : g_steal_pointer (&plain);

  tess_avatar_show (self->avatar, name, tess_contact_get_key_text (contact));
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->time, when);
  gtk_label_set_label (self->excerpt, shown);
  g_free (self->sentence);
  /* Translators: a message that was found, as a screen reader says it: whose chat it is in, its text, its time */
  self->sentence = g_strdup_printf (C_("screen reader", "%1$s, %2$s, %3$s"), name, said, when);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
}

static void
tess_hit_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TESS_HIT_ROW (object)->sentence);
}

static void
tess_hit_row_finalize (GObject *object)
{
  g_free (TESS_HIT_ROW (object)->sentence);
  G_OBJECT_CLASS (tess_hit_row_parent_class)->finalize (object);
}

static void
tess_hit_row_class_init (TessHitRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_hit_row_get_property;
  object_class->finalize = tess_hit_row_finalize;
  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, NULL,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-hit-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TessHitRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, TessHitRow, name);
  gtk_widget_class_bind_template_child (widget_class, TessHitRow, time);
  gtk_widget_class_bind_template_child (widget_class, TessHitRow, excerpt);
}

static void
tess_hit_row_init (TessHitRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
