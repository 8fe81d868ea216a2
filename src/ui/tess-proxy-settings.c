/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-proxy-settings.h"

#include "core/tess-connection.h"

#include <glib/gi18n.h>

/* The order of the template's list; what cannot be read stands behind it, while it is so. */
enum { WAY_SYSTEM, WAY_TOR, WAY_SOCKS5, WAY_UNKNOWN };

#define DIALOG_WIDTH 460
#define DIALOG_HEIGHT 400

struct _TessProxySettings {
  AdwPreferencesGroup parent_instance;

  AdwComboRow *way;
  GtkStringList *ways;
  GtkWidget *host;
  GtkEditable *port;
  GtkWidget *use;

  char *profile; /* NULL: nothing is kept yet */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (TessProxySettings, tess_proxy_settings, ADW_TYPE_PREFERENCES_GROUP)

/* Above the rows, where it can be seen while something is typed. */
static void
say (TessProxySettings *self, const char *text)
{
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), text);
}

static void
mark (GtkWidget *row, gboolean bad)
{
  if (bad)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
}

/* Of what is in force. */
static const char *
words_of (TessProxyKind kind)
{
  switch (kind)
    {
    case TESS_PROXY_SYSTEM:
      return _("As the network settings of your desktop say. Relays see your network address.");
    case TESS_PROXY_TOR:
      return _("Relays do not see your network address. Tor has to run on this computer (127.0.0.1, port 9050); without it "
               "nothing connects.");
    case TESS_PROXY_SOCKS5:
      return _("Relays see the address of the proxy. Without it nothing connects.");
    case TESS_PROXY_UNKNOWN:
    default:
      return _("The setting of the proxy cannot be read. Nothing connects until you choose one again.");
    }
}

static guint
way_of (TessProxyKind kind)
{
  switch (kind)
    {
    case TESS_PROXY_SYSTEM:
      return WAY_SYSTEM;
    case TESS_PROXY_TOR:
      return WAY_TOR;
    case TESS_PROXY_SOCKS5:
      return WAY_SOCKS5;
    case TESS_PROXY_UNKNOWN:
    default:
      return WAY_UNKNOWN;
    }
}

/* What is typed, where another proxy is typed than is in force. */
static void
show_typed (TessProxySettings *self)
{
  const char *host = gtk_editable_get_text (GTK_EDITABLE (self->host)), *reason = NULL;
  TessProxy typed;
  gboolean has_host = tess_proxy_from_typed (host, "1", &typed, NULL);
  gboolean good = tess_proxy_from_typed (host, gtk_editable_get_text (self->port), &typed, &reason);

  mark (self->host, !has_host && *host != '\0');
  mark (GTK_WIDGET (self->port), has_host && !good);
  gtk_widget_set_sensitive (self->use, good && !tess_proxy_equal (&typed, tess_connection_get ()));
  if (!good)
    say (self, _(reason));
  else if (tess_proxy_equal (&typed, tess_connection_get ()))
    say (self, words_of (TESS_PROXY_SOCKS5));
  else
    say (self, _("This proxy is not used yet."));
}

/* All as it is in force. */
static void
show (TessProxySettings *self)
{
  const TessProxy *now = tess_connection_get ();
  gboolean is_unknown = now->kind == TESS_PROXY_UNKNOWN;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->ways));
  g_autofree char *port = g_strdup_printf ("%u", now->port);

  if (now->kind == TESS_PROXY_SOCKS5)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->host), now->host);
      gtk_editable_set_text (self->port, port);
    }
  if (is_unknown && n == WAY_UNKNOWN)
    gtk_string_list_append (self->ways, C_("proxy", "Cannot be read"));
  adw_combo_row_set_selected (self->way, way_of (now->kind));
  if (!is_unknown && n > WAY_UNKNOWN)
    gtk_string_list_remove (self->ways, WAY_UNKNOWN);
  gtk_widget_set_visible (self->host, now->kind == TESS_PROXY_SOCKS5);
  gtk_widget_set_sensitive (self->use, FALSE);
  mark (self->host, FALSE);
  mark (GTK_WIDGET (self->port), FALSE);
  say (self, words_of (now->kind));
}

/* What cannot be kept is not done; the choice stands as it is in force. */
static void
go (TessProxySettings *self, const TessProxy *proxy)
{
  g_autoptr (GError) error = NULL;
  gboolean done = tess_connection_set (self->profile, proxy, &error);

  show (self);
  if (!done)
    say (self, error->message);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), adw_preferences_group_get_description (ADW_PREFERENCES_GROUP (self)),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (done)
    g_signal_emit (self, changed_signal, 0);
}

static void
on_way (TessProxySettings *self)
{
  static const char *const ways[] = { [WAY_SYSTEM] = "system", [WAY_TOR] = "tor" };
  guint way = adw_combo_row_get_selected (self->way);
  TessProxy proxy;

  if (self->profile == NULL || way == way_of (tess_connection_get ()->kind))
    {
      gtk_widget_set_visible (self->host, way == WAY_SOCKS5);
      if (self->profile != NULL)
        show (self);
    }
  else if (way == WAY_SOCKS5)
    {
      /* Where it is has to be said first. */
      gtk_widget_set_visible (self->host, TRUE);
      show_typed (self);
    }
  else if (way < G_N_ELEMENTS (ways) && tess_proxy_parse (ways[way], &proxy))
    go (self, &proxy);
}

static void
on_typed (TessProxySettings *self)
{
  if (self->profile != NULL && gtk_widget_get_visible (self->host))
    show_typed (self);
}

static void
on_use (TessProxySettings *self)
{
  TessProxy typed;

  if (!gtk_widget_get_sensitive (self->use)
      || !tess_proxy_from_typed (gtk_editable_get_text (GTK_EDITABLE (self->host)), gtk_editable_get_text (self->port), &typed,
                                 NULL))
    return;
  /* What turns insensitive loses the keyboard, without which Escape closes nothing. */
  gtk_widget_grab_focus (self->host);
  go (self, &typed);
}

void
tess_proxy_settings_set_profile (TessProxySettings *self, const char *profile)
{
  g_set_str (&self->profile, profile);
  show (self);
}

TessProxySettings *
tess_proxy_settings_present (GtkWidget *parent, const char *profile)
{
  TessProxySettings *self = g_object_new (TESS_TYPE_PROXY_SETTINGS, NULL);
  AdwDialog *dialog = adw_preferences_dialog_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  tess_proxy_settings_set_profile (self, profile);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), "");
  adw_preferences_page_add (page, ADW_PREFERENCES_GROUP (self));
  adw_preferences_dialog_add (ADW_PREFERENCES_DIALOG (dialog), page);
  adw_preferences_dialog_set_search_enabled (ADW_PREFERENCES_DIALOG (dialog), FALSE);
  adw_dialog_set_title (dialog, C_("preferences", "Network"));
  adw_dialog_set_content_width (dialog, DIALOG_WIDTH);
  adw_dialog_set_content_height (dialog, DIALOG_HEIGHT);
  adw_dialog_present (dialog, parent);
  return self;
}

static void
tess_proxy_settings_finalize (GObject *object)
{
  g_free (TESS_PROXY_SETTINGS (object)->profile);
  G_OBJECT_CLASS (tess_proxy_settings_parent_class)->finalize (object);
}

static void
tess_proxy_settings_class_init (TessProxySettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tess_proxy_settings_finalize;
  changed_signal = g_signal_new ("changed", TESS_TYPE_PROXY_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/im/tessera/Tessera/ui/tess-proxy-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, TessProxySettings, way);
  gtk_widget_class_bind_template_child (widget_class, TessProxySettings, ways);
  gtk_widget_class_bind_template_child (widget_class, TessProxySettings, host);
  gtk_widget_class_bind_template_child (widget_class, TessProxySettings, port);
  gtk_widget_class_bind_template_child (widget_class, TessProxySettings, use);
  gtk_widget_class_bind_template_callback (widget_class, on_way);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_use);
}

static void
tess_proxy_settings_init (TessProxySettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
