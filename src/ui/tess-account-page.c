/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-account-page.h"

#include "base/tess-text.h"
#include "tess-config.h"
#include "ui/tess-await.h"

#include <glib/gi18n.h>

#define CHECK_DELAY_MS 400

struct _TessAccountPage {
  AdwNavigationPage parent_instance;

  GtkEditable *name;
  GtkLabel *name_word;
  GtkEditable *relay;
  GtkStack *relay_state;
  GtkLabel *relay_word;
  GtkEditable *invitation;
  GtkWidget *create;

  TessEngine *engine;
  char *origin;            /* of the relay that was found good, or NULL */
  gboolean needs_invitation;
  guint check_source;
  guint check;             /* counts: only the last one's outcome is of interest */
};

static guint create_signal;

G_DEFINE_FINAL_TYPE (TessAccountPage, tess_account_page, ADW_TYPE_NAVIGATION_PAGE)

static void
set_word (GtkLabel *label, const char *text, const char *css_class)
{
  gtk_label_set_label (label, text);
  gtk_widget_set_css_classes (GTK_WIDGET (label), (const char *[]){ "caption", css_class, NULL });
}

static void
update_create (TessAccountPage *self)
{
  const char *reason = NULL;
  g_autofree char *name = tess_name_check (gtk_editable_get_text (self->name), &reason);
  gboolean invited = !self->needs_invitation || *gtk_editable_get_text (self->invitation) != '\0';

  gtk_widget_set_sensitive (self->create, name != NULL && self->origin != NULL && invited);
}

static void
on_name_changed (TessAccountPage *self)
{
  const char *typed = gtk_editable_get_text (self->name), *reason = NULL;
  g_autofree char *name = tess_name_check (typed, &reason);

  if (name == NULL && *typed != '\0' && reason != NULL)
    set_word (self->name_word, _(reason), "error");
  else
    set_word (self->name_word, _("What your contacts see. It need not be your real name."), "dimmed");
  update_create (self);
}

static void
on_invitation_changed (TessAccountPage *self)
{
  update_create (self);
}

static void
relay_is_bad (TessAccountPage *self, const char *reason)
{
  gtk_stack_set_visible_child_name (self->relay_state, "bad");
  set_word (self->relay_word, reason, "error");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), reason, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
on_checked (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessAccountPage *self = owner;
  const TessRelayInfo *info;
  g_autofree char *word = NULL;

  if (GPOINTER_TO_UINT (data) != self->check)
    return;
  if (error != NULL)
    {
      if (g_error_matches (error, TESS_CORE_ERROR, TESS_CORE_ERROR_UNREACHABLE))
        word = g_strconcat (error->message, " ", _("Check the address and your connection."), NULL);
      relay_is_bad (self, word != NULL ? word : error->message);
      return;
    }
  info = g_value_get_boxed (value);
  if (!info->open)
    {
      /* Translators: %s is the name of a relay */
      word = g_strdup_printf (_("“%s” takes nobody new at the moment. Choose another relay."), info->name);
      relay_is_bad (self, word);
      return;
    }
  self->needs_invitation = info->needs_invitation;
  gtk_widget_set_visible (GTK_WIDGET (self->invitation), info->needs_invitation);
  g_set_str (&self->origin, info->origin);
  gtk_stack_set_visible_child_name (self->relay_state, "good");
  if (info->needs_invitation)
    /* Translators: %s is the name of a relay */
    word = g_strdup_printf (_("“%s” is reachable. It asks for an invitation: whoever runs it gives you one."), info->name);
  else
    /* Translators: %s is the name of a relay */
    word = g_strdup_printf (_("“%s” is reachable and open to everybody."), info->name);
  set_word (self->relay_word, word, "success");
  update_create (self);
}

static gboolean
check_now (gpointer data)
{
  TessAccountPage *self = data;
  g_autofree char *relay = g_strstrip (g_strdup (gtk_editable_get_text (self->relay)));

  self->check_source = 0;
  if (self->engine != NULL && *relay != '\0')
    tess_await (tess_engine_check_relay (self->engine, relay), self, on_checked, GUINT_TO_POINTER (self->check), NULL);
  return G_SOURCE_REMOVE;
}

/* Not before somebody has come to this page: they may have to choose first which way connections go. */
static void
check_in (TessAccountPage *self, guint delay)
{
  gboolean empty = *gtk_editable_get_text (self->relay) == '\0' || !gtk_widget_get_mapped (GTK_WIDGET (self));

  g_clear_handle_id (&self->check_source, g_source_remove);
  g_clear_pointer (&self->origin, g_free);
  self->check++;
  update_create (self);
  gtk_stack_set_visible_child_name (self->relay_state, empty ? "none" : "checking");
  set_word (self->relay_word,
            empty ? _("The server that keeps messages for you until you fetch them. It cannot read them.")
                : _("Asking the relay…"), "dimmed");
  if (!empty)
    self->check_source = g_timeout_add (delay, check_now, self);
}

static void
on_relay_changed (TessAccountPage *self)
{
  check_in (self, CHECK_DELAY_MS);
}

void
tess_account_page_check_again (TessAccountPage *self)
{
  check_in (self, 0);
}

/* The network is back: what could not be reached may be now. */
static void
on_network_changed (TessAccountPage *self, gboolean available)
{
  if (available && self->origin == NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    check_in (self, CHECK_DELAY_MS);
}

static void
on_create (TessAccountPage *self)
{
  const char *reason = NULL;
  g_autofree char *name = tess_name_check (gtk_editable_get_text (self->name), &reason);
  g_autofree char *invitation = g_strstrip (g_strdup (gtk_editable_get_text (self->invitation)));

  if (gtk_widget_get_sensitive (self->create))
    g_signal_emit (self, create_signal, 0, name, self->origin, self->needs_invitation ? invitation : NULL);
}

void
tess_account_page_set_engine (TessAccountPage *self, TessEngine *engine)
{
  g_set_object (&self->engine, engine);
  check_in (self, 0);
}

static void
tess_account_page_shown (AdwNavigationPage *page)
{
  TessAccountPage *self = TESS_ACCOUNT_PAGE (page);

  gtk_widget_grab_focus (GTK_WIDGET (self->name));
  if (self->origin == NULL)
    check_in (self, 0);
}

static void
tess_account_page_dispose (GObject *object)
{
  TessAccountPage *self = TESS_ACCOUNT_PAGE (object);

  g_clear_handle_id (&self->check_source, g_source_remove);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->origin, g_free);
  G_OBJECT_CLASS (tess_account_page_parent_class)->dispose (object);
}

static void
tess_account_page_class_init (TessAccountPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tess_account_page_dispose;
  ADW_NAVIGATION_PAGE_CLASS (klass)->shown = tess_account_page_shown;
  create_signal = g_signal_new ("create", TESS_TYPE_ACCOUNT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                G_TYPE_STRING,
                                G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-account-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, name);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, name_word);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, relay);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, relay_state);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, relay_word);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, invitation);
  gtk_widget_class_bind_template_child (widget_class, TessAccountPage, create);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_relay_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_invitation_changed);
  gtk_widget_class_bind_template_callback (widget_class, tess_account_page_check_again);
  gtk_widget_class_bind_template_callback (widget_class, on_create);
}

static void
tess_account_page_init (TessAccountPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_editable_set_text (self->relay, TESS_DEFAULT_RELAY);
  on_name_changed (self);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed", G_CALLBACK (on_network_changed), self,
                           G_CONNECT_SWAPPED);
}
