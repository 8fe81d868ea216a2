/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-folder-row.h"

#include <glib/gi18n.h>

struct _TessFolderRow {
  AdwBin parent_instance;

  GtkImage *icon;
  GtkLabel *name;
  GtkLabel *count;

  TessChatFolder *folder;
  char *sentence;
};

enum { PROP_SENTENCE = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessFolderRow, tess_folder_row, ADW_TYPE_BIN)

static char *
sentence_of (TessFolderKind kind, guint count)
{
  if (kind == TESS_FOLDER_REQUESTS)
    return g_strdup_printf (g_dngettext (NULL, "%u request from somebody who is not a contact",
                                         "%u requests from people who are not contacts", count), count);
  return g_strdup_printf (g_dngettext (NULL, "%u archived chat", "%u archived chats", count), count);
}

static void
update (TessFolderRow *self)
{
  TessFolderKind kind = tess_chat_folder_get_kind (self->folder);
  guint n = g_list_model_get_n_items (tess_chat_folder_get_chats (self->folder));
  g_autofree char *count = g_strdup_printf ("%u", n);

  gtk_image_set_from_icon_name (self->icon, kind == TESS_FOLDER_REQUESTS ? "tess-request-symbolic" : "tess-archive-symbolic");
  gtk_label_set_label (self->name, kind == TESS_FOLDER_REQUESTS ? C_("list of chats", "Requests")
                                                                 : C_("list of chats", "Archived"));
  gtk_label_set_label (self->count, count);
  gtk_widget_set_css_classes (GTK_WIDGET (self->count), kind == TESS_FOLDER_REQUESTS
                                                            ? (const char *[]){ "badge", "numeric", NULL }
                                                            : (const char *[]){ "dimmed", "numeric", NULL });
  g_free (self->sentence);
  self->sentence = sentence_of (kind, n);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
}

void
tess_folder_row_set_folder (TessFolderRow *self, TessChatFolder *folder)
{
  if (self->folder != NULL)
    g_signal_handlers_disconnect_by_data (tess_chat_folder_get_chats (self->folder), self);
  g_set_object (&self->folder, folder);
  if (folder == NULL)
    return;
  g_signal_connect_object (tess_chat_folder_get_chats (folder), "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
tess_folder_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TESS_FOLDER_ROW (object)->sentence);
}

static void
tess_folder_row_dispose (GObject *object)
{
  tess_folder_row_set_folder (TESS_FOLDER_ROW (object), NULL);
  G_OBJECT_CLASS (tess_folder_row_parent_class)->dispose (object);
}

static void
tess_folder_row_finalize (GObject *object)
{
  g_free (TESS_FOLDER_ROW (object)->sentence);
  G_OBJECT_CLASS (tess_folder_row_parent_class)->finalize (object);
}

static void
tess_folder_row_class_init (TessFolderRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tess_folder_row_get_property;
  object_class->dispose = tess_folder_row_dispose;
  object_class->finalize = tess_folder_row_finalize;
  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, NULL,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-folder-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TessFolderRow, icon);
  gtk_widget_class_bind_template_child (widget_class, TessFolderRow, name);
  gtk_widget_class_bind_template_child (widget_class, TessFolderRow, count);
}

static void
tess_folder_row_init (TessFolderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
