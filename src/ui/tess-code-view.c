/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-code-view.h"

#include "base/tess-clock.h"
#include "base/tess-limits.h"
#include "qr/tess-qr.h"
#include "ui/tess-await.h"
#include "ui/tess-lock.h"
#include "ui/tess-qr-view.h"
#include "ui/tess-toast.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

#define SAVED_MODULE_PIXELS 10
/* A code is over when its time is: one that stays on the screen gives way to the next in time for whoever scans slowly. */
#define RENEWED_AFTER (TESS_CODE_SHOWN_MAX - 15 * 60)
#define LOOK_SECONDS 60 /* between two looks at the clock, which runs on while the machine sleeps */

struct _TessCodeView {
  AdwBin parent_instance;

  TessQrView *qr;
  GtkWidget *spinner;
  GtkLabel *spent; /* who has used the last one */
  GtkLabel *problem;
  GtkLabel *address;
  GtkWidget *buttons;
  GtkWidget *save;

  TessEngine *engine;
  TessConversation *conversation;
  char *code; /* on the screen now */
  gint64 made;
  guint timer;
  gboolean compact;
};

enum { PROP_COMPACT = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TessCodeView, tess_code_view, ADW_TYPE_BIN)

static void
show_problem (TessCodeView *self, const char *text)
{
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_label_set_label (self->problem, text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
}

/* Holds the view until the code is here: a code that nobody sees any more has to be ended. */
static void
on_code (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessEngine *engine = owner;
  TessCodeView *self = data;
  g_autoptr (GError) drawing = NULL;

  if (error != NULL)
    {
      show_problem (self, error->message);
      return;
    }
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->code != NULL)
    {
      tess_engine_hide_code (engine, g_value_get_string (value));
      return;
    }
  self->code = g_value_dup_string (value);
  self->made = tess_clock_now ();
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_widget_set_sensitive (self->save, TRUE);
  if (!tess_qr_view_set_text (self->qr, self->code, &drawing))
    show_problem (self, drawing->message);
}

static void
show_address (TessCodeView *self)
{
  g_autofree char *address = tess_engine_dup_address (self->engine);
  g_autofree char *link = address != NULL ? tess_text_as_link (address) : NULL;

  gtk_label_set_label (self->address, link != NULL ? link : "");
  gtk_widget_set_visible (GTK_WIDGET (self->address), !self->compact);
}

static void
ask_for_code (TessCodeView *self)
{
  if (self->engine == NULL || self->code != NULL)
    return;
  gtk_widget_set_visible (self->spinner, TRUE);
  show_address (self);
  tess_await (tess_engine_show_code (self->engine, self->conversation), self->engine, on_code, g_object_ref (self),
              g_object_unref);
}

static void
end_code (TessCodeView *self)
{
  if (self->code == NULL)
    return;
  tess_engine_hide_code (self->engine, self->code);
  g_clear_pointer (&self->code, g_free);
  if (self->qr != NULL)
    tess_qr_view_set_text (self->qr, NULL, NULL);
}

void
tess_code_view_renew (TessCodeView *self)
{
  end_code (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ask_for_code (self);
}

static void
renew_when_old (TessCodeView *self)
{
  if (self->code != NULL && tess_clock_now () >= self->made + RENEWED_AFTER)
    tess_code_view_renew (self);
}

static gboolean
on_look (gpointer data)
{
  renew_when_old (data);
  return G_SOURCE_CONTINUE;
}

static void
tess_code_view_map (GtkWidget *widget)
{
  TessCodeView *self = TESS_CODE_VIEW (widget);

  GTK_WIDGET_CLASS (tess_code_view_parent_class)->map (widget);
  ask_for_code (self);
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, on_look, self);
}

/* One scan ends the code that anybody may scan: whoever comes next needs another. */
static void
on_spent (TessCodeView *self, TessConversation *conversation, const char *end)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  gboolean verified = tess_contact_get_trust (contact) == TESS_TRUST_VERIFIED;
  g_autofree char *name = tess_text_name (contact), *text = NULL;

  if (self->conversation != NULL || self->code == NULL || !g_str_has_suffix (self->code, end))
    return;
  if (verified)
    /* Translators: %s is a contact's name */
    text = g_strdup_printf (_("%s has scanned your code. This is a fresh one."), name);
  else
    /* Translators: %s is a contact's name */
    text = g_strdup_printf (_("%s has scanned your code and is a contact now. This is a fresh one."), name);
  tess_code_view_renew (self);
  gtk_label_set_label (self->spent, text);
  gtk_widget_set_visible (GTK_WIDGET (self->spent), TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
tess_code_view_unmap (GtkWidget *widget)
{
  TessCodeView *self = TESS_CODE_VIEW (widget);

  g_clear_handle_id (&self->timer, g_source_remove);
  end_code (self);
  gtk_widget_set_visible (GTK_WIDGET (self->spent), FALSE);
  GTK_WIDGET_CLASS (tess_code_view_parent_class)->unmap (widget);
}

static void
on_copy (TessCodeView *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_label (self->address));
  tess_toast (GTK_WIDGET (self), _("Link copied"));
}

/* For somebody who may not know what a link of ours is. */
static void
on_invite (TessCodeView *self)
{
  /* Translators: %s is a link. It is sent to somebody who may not know Tessera. */
  g_autofree char *text = g_strdup_printf (_("Let us write to each other with Tessera, a private messenger. Install it, then "
                                             "open this link with it, or paste it under New Chat:\n%s"),
                                           gtk_label_get_label (self->address));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  tess_toast (GTK_WIDGET (self), _("Invitation copied"));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TessCodeView) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, &error);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL)
    return;
  if (self->code == NULL)
    tess_toast (GTK_WIDGET (self), _("The code was closed before it was saved."));
  else if (tess_qr_save_png (self->code, SAVED_MODULE_PIXELS, path, &error))
    tess_toast (GTK_WIDGET (self), _("Picture saved"));
  else
    tess_toast (GTK_WIDGET (self), error->message);
}

static void
on_save (TessCodeView *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _("Save Your Code"));
  /* Translators: the name of a file */
  gtk_file_dialog_set_initial_name (dialog, _("Tessera code.png"));
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL, on_saved, g_object_ref (self));
}

void
tess_code_view_set_engine (TessCodeView *self, TessEngine *engine, TessConversation *conversation)
{
  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_func (self->engine, on_spent, self);
  g_set_object (&self->engine, engine);
  g_set_object (&self->conversation, conversation);
  if (engine != NULL)
    g_signal_connect_object (engine, "code-spent", G_CALLBACK (on_spent), self, G_CONNECT_SWAPPED);
  if (engine != NULL)
    show_address (self);
}

static void
tess_code_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TessCodeView *self = TESS_CODE_VIEW (object);

  self->compact = g_value_get_boolean (value);
  /* the entry below would take the focus else, and scroll the code out of sight */
  gtk_widget_set_focusable (GTK_WIDGET (self->qr), self->compact);
  gtk_widget_set_visible (self->buttons, !self->compact);
  gtk_widget_set_visible (GTK_WIDGET (self->address), !self->compact);
}

static void
tess_code_view_dispose (GObject *object)
{
  TessCodeView *self = TESS_CODE_VIEW (object);

  end_code (self);
  g_clear_object (&self->conversation);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (tess_code_view_parent_class)->dispose (object);
}

static void
tess_code_view_class_init (TessCodeViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tess_code_view_set_property;
  object_class->dispose = tess_code_view_dispose;
  widget_class->map = tess_code_view_map;
  widget_class->unmap = tess_code_view_unmap;
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (TESS_TYPE_QR_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-code-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, qr);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, spinner);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, spent);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, problem);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, address);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, buttons);
  gtk_widget_class_bind_template_child (widget_class, TessCodeView, save);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_invite);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
}

static void
tess_code_view_init (TessCodeView *self)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  /* an address has no hyphens of the line's making */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->address, attributes);
  g_signal_connect_object (tess_lock_get (), "woke", G_CALLBACK (renew_when_old), self, G_CONNECT_SWAPPED);
}
