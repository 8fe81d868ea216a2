/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-notifications.h"

#include "base/tess-limits.h"
#include "tess-config.h"
#include "ui/tess-await.h"
#include "ui/tess-portal.h"

#include <glib/gi18n.h>

#define DESKTOP "org.freedesktop.Notifications"
#define DESKTOP_PATH "/org/freedesktop/Notifications"
#define PORTAL "org.freedesktop.portal.Notification"
#define REPLY_PURPOSE "im.reply-with-text"
#define CATEGORY "im.received"
#define SOUND "message-new-instant" /* of the freedesktop.org sound theme */
#define URGENCY_NORMAL 1            /* Do Not Disturb holds it back */
#define EARLY_MAX 32
#define CALL_MS (TESS_PORTAL_CALL_SECONDS * 1000)

/* What is shown, or about to be, and all that it takes to send it. */
typedef struct {
  GDBusConnection *bus;
  char *id;
  char *title;
  char *body;
  gboolean answers;
  gboolean quiet;
  guint32 replaces; /* the desktop's number of the one before, 0: none */
} Notice;

typedef struct {
  guint32 number;     /* the desktop's, 0: none */
  Notice *next;       /* to be sent when the one before has arrived, or NULL */
  gboolean sending;
  gboolean withdrawn; /* as soon as it has arrived */
} Entry;

typedef struct {
  char *signal;
  GVariant *parameters;
} Early;

struct _TessNotifications {
  GObject parent_instance;

  GDBusConnection *bus;
  gboolean portal;
  guint subscription;
  GHashTable *entries; /* id → Entry */
  char *token;         /* what the desktop gave for the act that it tells next, or NULL */
  GPtrArray *early;    /* Early: what the desktop told of numbers that may be those of what is being sent */
};

enum { ACTIVATED, DISMISSED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessNotifications, tess_notifications, G_TYPE_OBJECT)

static void
notice_free (gpointer data)
{
  Notice *self = data;

  g_object_unref (self->bus);
  g_free (self->id);
  g_free (self->title);
  g_free (self->body);
  g_free (self);
}

static void
early_free (gpointer data)
{
  Early *early = data;

  g_free (early->signal);
  g_variant_unref (early->parameters);
  g_free (early);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->next, notice_free);
  g_free (entry);
}

/* org.freedesktop.Notifications. */

static DexFuture *
call_desktop (GDBusConnection *bus, const char *method, GVariant *arguments, const char *reply)
{
  return dex_dbus_connection_call (bus, DESKTOP, DESKTOP_PATH, DESKTOP, method, arguments,
                                   reply != NULL ? G_VARIANT_TYPE (reply) : NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS);
}

static GVariant *
desktop_actions (const Notice *notice, const char *const *abilities)
{
  GVariantBuilder actions;

  g_variant_builder_init (&actions, G_VARIANT_TYPE_STRING_ARRAY);
  if (g_strv_contains (abilities, "actions"))
    {
      g_variant_builder_add (&actions, "s", "default");
      g_variant_builder_add (&actions, "s", C_("a notification", "Open"));
      if (notice->answers)
        {
          g_variant_builder_add (&actions, "s", g_strv_contains (abilities, "inline-reply") ? "inline-reply" : "reply");
          g_variant_builder_add (&actions, "s", C_("a notification", "Reply"));
          g_variant_builder_add (&actions, "s", "read");
          g_variant_builder_add (&actions, "s", C_("a notification", "Mark as Read"));
        }
    }
  return g_variant_builder_end (&actions);
}

static GVariant *
desktop_hints (const Notice *notice)
{
  GVariantDict hints;

  g_variant_dict_init (&hints, NULL);
  g_variant_dict_insert (&hints, "desktop-entry", "s", TESS_APP_ID);
  g_variant_dict_insert (&hints, "category", "s", CATEGORY);
  g_variant_dict_insert (&hints, "urgency", "y", URGENCY_NORMAL);
  if (notice->quiet)
    g_variant_dict_insert (&hints, "suppress-sound", "b", TRUE);
  else
    g_variant_dict_insert (&hints, "sound-name", "s", SOUND);
  return g_variant_dict_end (&hints);
}

/* Resolves to its number (uint). The desktop is asked what it can each time: another may have taken over. */
static DexFuture *
send_to_desktop (gpointer data)
{
  const Notice *notice = data;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) number = NULL;
  g_autofree const char **abilities = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  guint32 id;

  answer = dex_await_variant (call_desktop (notice->bus, "GetCapabilities", NULL, "(as)"), &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_variant_get (answer, "(^a&s)", &abilities);
  body = g_strv_contains (abilities, "body-markup") ? g_markup_escape_text (notice->body, -1) : g_strdup (notice->body);
  number = dex_await_variant (call_desktop (notice->bus, "Notify",
                                            g_variant_new ("(susss@as@a{sv}i)", g_get_application_name (), notice->replaces,
                                                           TESS_APP_ID, notice->title, body,
                                                           desktop_actions (notice, abilities), desktop_hints (notice), -1),
                                            "(u)"),
                              &error);
  if (number == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_variant_get (number, "(u)", &id);
  return dex_future_new_for_uint (id);
}

/* The portal. */

static DexFuture *
call_portal (GDBusConnection *bus, const char *interface, const char *method, GVariant *arguments, const char *reply)
{
  return dex_dbus_connection_call (bus, TESS_PORTAL_NAME, TESS_PORTAL_PATH, interface, method, arguments,
                                   reply != NULL ? G_VARIANT_TYPE (reply) : NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS);
}

/* Whether the portal's @options list @word under @key. */
static gboolean
is_offered (GVariant *options, const char *key, const char *word)
{
  g_autofree const char **words = NULL;

  return options != NULL && g_variant_lookup (options, key, "^a&s", &words) && g_strv_contains (words, word);
}

static void
add_button (GVariantBuilder *buttons, const char *label, const char *action, const char *purpose)
{
  GVariantDict button;

  g_variant_dict_init (&button, NULL);
  g_variant_dict_insert (&button, "label", "s", label);
  g_variant_dict_insert (&button, "action", "s", action);
  if (purpose != NULL)
    g_variant_dict_insert (&button, "purpose", "s", purpose);
  g_variant_builder_add_value (buttons, g_variant_dict_end (&button));
}

/* What came with version 2 of the interface, and what of it is offered, @options say (NULL: none). */
static GVariant *
portal_words (const Notice *notice, guint version, GVariant *options)
{
  GVariantDict words;

  g_variant_dict_init (&words, NULL);
  g_variant_dict_insert (&words, "title", "s", notice->title);
  g_variant_dict_insert (&words, "body", "s", notice->body);
  g_variant_dict_insert (&words, "priority", "s", "normal");
  g_variant_dict_insert (&words, "default-action", "s", "default");
  if (notice->answers)
    {
      gboolean inline_reply = version >= 2 && is_offered (options, "button-purpose", REPLY_PURPOSE);
      GVariantBuilder buttons;

      g_variant_builder_init (&buttons, G_VARIANT_TYPE ("aa{sv}"));
      add_button (&buttons, C_("a notification", "Reply"), "reply", inline_reply ? REPLY_PURPOSE : NULL);
      add_button (&buttons, C_("a notification", "Mark as Read"), "read", NULL);
      g_variant_dict_insert_value (&words, "buttons", g_variant_builder_end (&buttons));
    }
  if (version >= 2)
    {
      const char *hints[] = { "hide-content-on-lockscreen", notice->quiet ? NULL : "show-as-new", NULL };

      g_variant_dict_insert (&words, "sound", "s", notice->quiet ? "silent" : "default");
      g_variant_dict_insert (&words, "display-hint", "^as", hints);
      if (is_offered (options, "category", CATEGORY))
        g_variant_dict_insert (&words, "category", "s", CATEGORY);
    }
  return g_variant_dict_end (&words);
}

/* Resolves to a number that says nothing. */
static DexFuture *
send_to_portal (gpointer data)
{
  const Notice *notice = data;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  guint version = 1;

  answer = dex_await_variant (call_portal (notice->bus, "org.freedesktop.DBus.Properties", "GetAll",
                                           g_variant_new ("(s)", PORTAL), "(a{sv})"),
                              &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_variant_get (answer, "(@a{sv})", &properties);
  g_variant_lookup (properties, "version", "u", &version);
  options = g_variant_lookup_value (properties, "SupportedOptions", G_VARIANT_TYPE_VARDICT);
  if (!dex_await (call_portal (notice->bus, PORTAL, "AddNotification",
                               g_variant_new ("(s@a{sv})", notice->id, portal_words (notice, version, options)), NULL),
                  &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_uint (1);
}

/* Either. */

static void
forget (TessNotifications *self, const char *id, const Entry *entry)
{
  if (self->portal)
    dex_future_disown (call_portal (self->bus, PORTAL, "RemoveNotification", g_variant_new ("(s)", id), NULL));
  else if (entry->number != 0)
    dex_future_disown (call_desktop (self->bus, "CloseNotification", g_variant_new ("(u)", entry->number), NULL));
  g_hash_table_remove (self->entries, id);
}

static void send_next (TessNotifications *self, const char *id, Entry *entry);
static void take_signal (TessNotifications *self, const char *signal, GVariant *parameters);

/* Whoever was quick enough to choose before the number was known here has chosen all the same. */
static void
take_early (TessNotifications *self)
{
  g_autoptr (GPtrArray) early = g_steal_pointer (&self->early);

  self->early = g_ptr_array_new_with_free_func (early_free);
  for (guint i = 0; i < early->len; i++)
    {
      const Early *one = g_ptr_array_index (early, i);

      take_signal (self, one->signal, one->parameters);
    }
}

static void
on_sent (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessNotifications *self = owner;
  const char *id = data;
  Entry *entry = g_hash_table_lookup (self->entries, id);

  if (entry == NULL)
    return;
  entry->sending = FALSE;
  entry->number = error == NULL ? g_value_get_uint (value) : 0;
  if (error != NULL)
    g_info ("the desktop shows no notification: %s", error->message);
  if (entry->next != NULL)
    send_next (self, id, entry);
  else if (entry->withdrawn || entry->number == 0)
    forget (self, id, entry);
  take_early (self);
}

static void
send_next (TessNotifications *self, const char *id, Entry *entry)
{
  Notice *notice = g_steal_pointer (&entry->next);

  notice->replaces = entry->number;
  entry->sending = TRUE;
  tess_await (dex_scheduler_spawn (NULL, 0, self->portal ? send_to_portal : send_to_desktop, notice, notice_free), self, on_sent,
              g_strdup (id), g_free);
}

void
tess_notifications_show (TessNotifications *self, const char *id, const TessNotification *notification)
{
  Entry *entry = g_hash_table_lookup (self->entries, id);
  Notice *notice;

  if (self->bus == NULL)
    return;
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (self->entries, g_strdup (id), entry);
    }
  notice = g_new0 (Notice, 1);
  notice->bus = g_object_ref (self->bus);
  notice->id = g_strdup (id);
  notice->title = g_strdup (notification->title);
  notice->body = g_strdup (notification->body);
  notice->answers = notification->answers;
  notice->quiet = notification->quiet && (entry->next == NULL || entry->next->quiet);
  g_clear_pointer (&entry->next, notice_free);
  entry->next = notice;
  entry->withdrawn = FALSE;
  if (!entry->sending)
    send_next (self, id, entry);
}

void
tess_notifications_withdraw (TessNotifications *self, const char *id)
{
  Entry *entry = g_hash_table_lookup (self->entries, id);

  if (entry == NULL)
    return;
  g_clear_pointer (&entry->next, notice_free);
  entry->withdrawn = TRUE;
  if (!entry->sending)
    forget (self, id, entry);
}

/* What people choose. */

static void
activate (TessNotifications *self, const char *id, const char *action, const char *text, const char *token)
{
  TessNotificationAct act = g_str_equal (action, "read")                                               ? TESS_NOTIFICATION_READ
                            : g_str_equal (action, "reply") || g_str_equal (action, "inline-reply") ? TESS_NOTIFICATION_REPLY
                                                                                                     : TESS_NOTIFICATION_OPEN;

  g_signal_emit (self, signals[ACTIVATED], 0, id, (guint) act, text, token);
}

static void
on_portal_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
                  GVariant *parameters, gpointer data)
{
  const char *id, *action, *text = NULL, *token = NULL;
  g_autoptr (GVariantIter) arguments = NULL;
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  GVariant *value;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssav)")))
    return;
  g_variant_get (parameters, "(&s&sav)", &id, &action, &arguments);
  /* Our actions have no target: the platform's data, and what was typed, stand wherever a version puts them. */
  while (g_variant_iter_next (arguments, "v", &value))
    {
      g_ptr_array_add (values, value);
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        g_variant_lookup (value, "activation-token", "&s", &token);
      else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        text = g_variant_get_string (value, NULL);
    }
  activate (data, id, action, g_str_equal (action, "reply") ? text : NULL, token);
}

static const char *
find_number (TessNotifications *self, guint32 number, Entry **entry_out)
{
  GHashTableIter iter;
  gpointer id, entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (number != 0 && g_hash_table_iter_next (&iter, &id, &entry))
    if (((Entry *) entry)->number == number)
      {
        *entry_out = entry;
        return id;
      }
  return NULL;
}

static void
keep_early (TessNotifications *self, const char *signal, GVariant *parameters)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (self->early->len < EARLY_MAX && g_hash_table_iter_next (&iter, NULL, &entry))
    if (((Entry *) entry)->sending)
      {
        Early *early = g_new0 (Early, 1);

        early->signal = g_strdup (signal);
        early->parameters = g_variant_ref (parameters);
        g_ptr_array_add (self->early, early);
        return;
      }
}

/* Everybody's signals come: the number tells whose they are. */
static void
take_signal (TessNotifications *self, const char *signal, GVariant *parameters)
{
  const char *word = NULL;
  g_autofree char *id = NULL;
  Entry *entry = NULL;
  guint32 number;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    g_variant_get (parameters, "(u&s)", &number, &word);
  else if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    g_variant_get (parameters, "(uu)", &number, NULL);
  else
    return;
  id = g_strdup (find_number (self, number, &entry));
  if (id == NULL)
    keep_early (self, signal, parameters);
  else if (g_str_equal (signal, "ActivationToken") && word != NULL)
    g_set_str (&self->token, word);
  else if (g_str_equal (signal, "ActionInvoked") && word != NULL)
    {
      g_autofree char *token = g_steal_pointer (&self->token);

      activate (self, id, word, NULL, token);
    }
  else if (g_str_equal (signal, "NotificationReplied") && word != NULL)
    activate (self, id, "reply", word, NULL);
  else if (g_str_equal (signal, "NotificationClosed"))
    {
      entry->number = 0;
      if (!entry->sending)
        g_hash_table_remove (self->entries, id);
      g_signal_emit (self, signals[DISMISSED], 0, id);
    }
}

static void
on_desktop_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
                   GVariant *parameters, gpointer data)
{
  take_signal (data, signal, parameters);
}

TessNotifications *
tess_notifications_new (GDBusConnection *bus)
{
  TessNotifications *self = g_object_new (TESS_TYPE_NOTIFICATIONS, NULL);

  self->portal = tess_portal_is_needed ();
  if (!g_set_object (&self->bus, bus) || bus == NULL)
    return self;
  self->subscription
    = self->portal ? g_dbus_connection_signal_subscribe (bus, TESS_PORTAL_NAME, PORTAL, "ActionInvoked", TESS_PORTAL_PATH, NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NONE, on_portal_signal, self, NULL)
                   : g_dbus_connection_signal_subscribe (bus, DESKTOP, DESKTOP, NULL, DESKTOP_PATH, NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NONE, on_desktop_signal, self, NULL);
  return self;
}

static void
tess_notifications_dispose (GObject *object)
{
  TessNotifications *self = TESS_NOTIFICATIONS (object);
  g_autoptr (GList) ids = g_hash_table_get_keys (self->entries);

  for (GList *at = ids; at != NULL; at = at->next)
    {
      g_autofree char *id = g_strdup (at->data);

      forget (self, id, g_hash_table_lookup (self->entries, id));
    }
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->bus);
  g_clear_pointer (&self->token, g_free);
  G_OBJECT_CLASS (tess_notifications_parent_class)->dispose (object);
}

static void
tess_notifications_finalize (GObject *object)
{
  g_hash_table_unref (TESS_NOTIFICATIONS (object)->entries);
  g_ptr_array_unref (TESS_NOTIFICATIONS (object)->early);
  G_OBJECT_CLASS (tess_notifications_parent_class)->finalize (object);
}

static void
tess_notifications_class_init (TessNotificationsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tess_notifications_dispose;
  G_OBJECT_CLASS (klass)->finalize = tess_notifications_finalize;
  signals[ACTIVATED] = g_signal_new ("activated", TESS_TYPE_NOTIFICATIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                                     G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING);
  signals[DISMISSED] = g_signal_new ("dismissed", TESS_TYPE_NOTIFICATIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                     G_TYPE_STRING);
}

static void
tess_notifications_init (TessNotifications *self)
{
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->early = g_ptr_array_new_with_free_func (early_free);
}
