/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-search-provider.h"

#include "base/tess-limits.h"
#include "ui/tess-await.h"
#include "ui/tess-chats.h"
#include "ui/tess-lock.h"
#include "ui/tess-window.h"

#define FOLDER "/SearchProvider"
#define ICON "avatar-default-symbolic"

static const char description[] = "<node><interface name='org.gnome.Shell.SearchProvider2'>"
                                  "<method name='GetInitialResultSet'>"
                                  "<arg type='as' name='terms' direction='in'/><arg type='as' name='results' direction='out'/>"
                                  "</method><method name='GetSubsearchResultSet'>"
                                  "<arg type='as' name='previous_results' direction='in'/>"
                                  "<arg type='as' name='terms' direction='in'/><arg type='as' name='results' direction='out'/>"
                                  "</method><method name='GetResultMetas'>"
                                  "<arg type='as' name='identifiers' direction='in'/>"
                                  "<arg type='aa{sv}' name='metas' direction='out'/>"
                                  "</method><method name='ActivateResult'>"
                                  "<arg type='s' name='identifier' direction='in'/><arg type='as' name='terms' direction='in'/>"
                                  "<arg type='u' name='timestamp' direction='in'/>"
                                  "</method><method name='LaunchSearch'>"
                                  "<arg type='as' name='terms' direction='in'/><arg type='u' name='timestamp' direction='in'/>"
                                  "</method></interface></node>";

struct _TessSearchProvider {
  GObject parent_instance;

  GtkApplication *application; /* borrowed */
  char *profile;
  GDBusConnection *bus;
  guint registration;
  guint idle_source;
  guint waiting; /* questions */
};

G_DEFINE_FINAL_TYPE (TessSearchProvider, tess_search_provider, G_TYPE_OBJECT)

/* The window, seen or not; made if there is none. */
static TessWindow *
window_of (TessSearchProvider *self, gboolean quietly)
{
  TessWindow *window = tess_window_find (self->application);

  return window != NULL ? window : tess_window_new (self->application, self->profile, quietly);
}

/* NULL: more than anybody types, or nothing. */
static char *
text_of (const char *const *terms)
{
  g_autofree char *text = NULL;
  gsize bytes = 0;
  guint n = 0;

  for (; terms[n] != NULL; n++)
    {
      bytes += strlen (terms[n]) + 1;
      if (n == TESS_DESKTOP_TERMS_MAX || bytes > TESS_DESKTOP_TERMS_BYTES_MAX)
        return NULL;
    }
  text = g_strstrip (g_strjoinv (" ", (char **) terms));
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

static char *
id_of (TessConversation *conversation)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, tess_conversation_get_id (conversation));
}

/* 0: it is none of ours, which are plain numbers. */
static gint64
number_of (const char *id)
{
  guint64 number = 0;

  if (strlen (id) > 19 || *id == '0' || !g_ascii_string_to_unsigned (id, 10, 1, G_MAXINT64, &number, NULL))
    return 0;
  return (gint64) number;
}

static gboolean
is_offered (TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);

  return tess_contact_get_is_self (contact) || (tess_contact_get_accepted (contact) && !tess_contact_get_blocked (contact));
}

/* The chat of that id, if it may be offered, else NULL. */
static TessConversation *
find (GListModel *chats, const char *id)
{
  gint64 number = number_of (id);
  guint n = number != 0 ? g_list_model_get_n_items (chats) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (chats, i);

      if (tess_conversation_get_id (conversation) == number)
        return is_offered (conversation) ? g_steal_pointer (&conversation) : NULL;
    }
  return NULL;
}

/* The answers. @chats is NULL where nothing may be told. */

static GVariant *
initial_results (GListModel *chats, GVariant *question)
{
  g_autofree const char **terms = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_auto (GStrv) found = NULL;
  guint left = TESS_DESKTOP_FOUND_MAX, n;

  g_variant_get (question, "(^a&s)", &terms);
  text = text_of (terms);
  n = chats != NULL && text != NULL ? g_list_model_get_n_items (chats) : 0;
  for (guint i = 0; i < n && left > 0; i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (chats, i);

      if (!is_offered (conversation) || !tess_chats_is_named (conversation, text))
        continue;
      g_strv_builder_take (ids, id_of (conversation));
      left--;
    }
  found = g_strv_builder_end (ids);
  return g_variant_new ("(^as)", found);
}

/* Of what was found before, what is found still. */
static GVariant *
fewer_results (GListModel *chats, GVariant *question)
{
  g_autofree const char **before = NULL, **terms = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_auto (GStrv) found = NULL;

  g_variant_get (question, "(^a&s^a&s)", &before, &terms);
  text = chats != NULL ? text_of (terms) : NULL;
  for (guint i = 0; i < TESS_DESKTOP_FOUND_MAX && text != NULL && before[i] != NULL; i++)
    {
      g_autoptr (TessConversation) conversation = find (chats, before[i]);

      if (conversation != NULL && tess_chats_is_named (conversation, text))
        g_strv_builder_add (ids, before[i]);
    }
  found = g_strv_builder_end (ids);
  return g_variant_new ("(^as)", found);
}

static GVariant *
metas (GListModel *chats, GVariant *question)
{
  g_autofree const char **ids = NULL;
  g_autoptr (GIcon) icon = g_themed_icon_new (ICON);
  g_autoptr (GVariant) serialized = g_icon_serialize (icon);
  GVariantBuilder all = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  g_variant_get (question, "(^a&s)", &ids);
  for (guint i = 0; i < TESS_DESKTOP_FOUND_MAX && chats != NULL && ids[i] != NULL; i++)
    {
      g_autoptr (TessConversation) conversation = find (chats, ids[i]);

      if (conversation == NULL)
        continue;
      g_variant_builder_open (&all, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&all, "{sv}", "id", g_variant_new_string (ids[i]));
      g_variant_builder_add (&all, "{sv}", "name",
                             g_variant_new_string (tess_contact_get_name (tess_conversation_get_contact (conversation))));
      g_variant_builder_add (&all, "{sv}", "icon", serialized);
      g_variant_builder_close (&all);
    }
  return g_variant_new ("(aa{sv})", &all);
}

/* Questions. */

/* All that is answered with something. */
static const struct {
  const char *method;
  GVariant *(*answer) (GListModel *chats, GVariant *question);
} questions[] = {
  { "GetInitialResultSet", initial_results },
  { "GetSubsearchResultSet", fewer_results },
  { "GetResultMetas", metas },
};

static void
answer (GDBusMethodInvocation *invocation, TessWindow *window)
{
  TessEngine *engine = window != NULL && !tess_lock_is_locked (tess_lock_get ()) ? tess_window_get_engine (window) : NULL;
  GListModel *chats = engine != NULL ? tess_engine_get_conversations (engine) : NULL;
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *question = g_dbus_method_invocation_get_parameters (invocation);
  size_t i = 0;

  while (!g_str_equal (method, questions[i].method))
    i++;
  g_dbus_method_invocation_return_value (invocation, questions[i].answer (chats, question));
}

/* Whoever started it by a search and then chose something else does not keep it. */
static gboolean
on_idle (gpointer data)
{
  TessSearchProvider *self = data;
  TessWindow *window = tess_window_find (self->application);

  self->idle_source = 0;
  if (window != NULL && tess_window_is_quiet (window))
    tess_window_quit (window);
  return G_SOURCE_REMOVE;
}

static void
on_tried (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessSearchProvider *self = owner;

  self->waiting--;
  answer (data, tess_window_find (self->application));
}

static void
ask (TessSearchProvider *self, GDBusMethodInvocation *invocation)
{
  TessWindow *window;

  if (tess_lock_is_locked (tess_lock_get ()) || self->waiting == TESS_DESKTOP_WAITING_MAX)
    {
      answer (invocation, NULL);
      return;
    }
  window = window_of (self, TRUE);
  g_clear_handle_id (&self->idle_source, g_source_remove);
  if (tess_window_is_quiet (window))
    self->idle_source = g_timeout_add_seconds (TESS_DESKTOP_IDLE_SECONDS, on_idle, self);
  self->waiting++;
  tess_await (tess_window_await_quiet (window), self, on_tried, invocation, NULL);
}

/* What a person chose. The desktop gives the time of the click, which GTK has no use for any more: it presents as of now. */

static void
activate_result (TessSearchProvider *self, const char *id)
{
  TessWindow *window;
  TessEngine *engine;
  g_autoptr (TessConversation) conversation = NULL;

  if (number_of (id) == 0 || tess_lock_is_locked (tess_lock_get ()))
    return;
  window = window_of (self, FALSE);
  engine = tess_window_get_engine (window);
  conversation = engine != NULL ? find (tess_engine_get_conversations (engine), id) : NULL;
  if (engine == NULL || conversation != NULL)
    tess_window_open_chat (window, number_of (id), NULL);
}

static void
launch_search (TessSearchProvider *self, const char *const *terms)
{
  g_autofree char *text = text_of (terms);

  if (!tess_lock_is_locked (tess_lock_get ()))
    tess_window_search (window_of (self, FALSE), text != NULL ? text : "");
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
         GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  TessSearchProvider *self = data;
  g_autofree const char **terms = NULL;
  const char *id = NULL;

  if (g_str_equal (method, "ActivateResult"))
    {
      g_variant_get (parameters, "(&s^a&su)", &id, &terms, NULL);
      activate_result (self, id);
    }
  else if (g_str_equal (method, "LaunchSearch"))
    {
      g_variant_get (parameters, "(^a&su)", &terms, NULL);
      launch_search (self, terms);
    }
  else
    {
      ask (self, invocation);
      return;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

gboolean
tess_search_provider_export (TessSearchProvider *self, GDBusConnection *bus, const char *path, GError **error)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (description, NULL);
  g_autofree char *own_path = g_strconcat (path, FOLDER, NULL);

  g_assert (node != NULL);
  self->bus = g_object_ref (bus);
  self->registration = g_dbus_connection_register_object (bus, own_path, node->interfaces[0], &table, self, NULL, error);
  return self->registration != 0;
}

TessSearchProvider *
tess_search_provider_new (GtkApplication *application, const char *profile)
{
  TessSearchProvider *self = g_object_new (TESS_TYPE_SEARCH_PROVIDER, NULL);

  self->application = application;
  self->profile = g_strdup (profile);
  return self;
}

static void
tess_search_provider_dispose (GObject *object)
{
  TessSearchProvider *self = TESS_SEARCH_PROVIDER (object);

  g_clear_handle_id (&self->idle_source, g_source_remove);
  if (self->registration != 0)
    g_dbus_connection_unregister_object (self->bus, self->registration);
  self->registration = 0;
  g_clear_object (&self->bus);
  g_clear_pointer (&self->profile, g_free);
  G_OBJECT_CLASS (tess_search_provider_parent_class)->dispose (object);
}

static void
tess_search_provider_class_init (TessSearchProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_search_provider_dispose;
}

static void
tess_search_provider_init (TessSearchProvider *self)
{
}
