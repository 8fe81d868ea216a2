/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-portal.h"

#include "base/tess-limits.h"
#include "base/tess-random.h"

#include <gio/gunixfdlist.h>

#define NAME TESS_PORTAL_NAME
#define PATH TESS_PORTAL_PATH
#define REQUEST "org.freedesktop.portal.Request"
#define CAMERA "org.freedesktop.portal.Camera"
#define BACKGROUND "org.freedesktop.portal.Background"
#define INHIBIT "org.freedesktop.portal.Inhibit"
#define SESSION_QUERY_END 2
#define NOT_ALLOWED "org.freedesktop.portal.Error.NotAllowed"
#define CALL_MS (TESS_PORTAL_CALL_SECONDS * 1000)

G_DEFINE_QUARK (tess-portal-error-quark, tess_portal_error)

gboolean
tess_portal_is_needed (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_strcmp0 (g_getenv ("GTK_USE_PORTAL"), "1") == 0;
}

void
tess_portal_introduce (GDBusConnection *bus)
{
  g_autoptr (GVariant) answer = NULL;

  /* any method does, and this one changes nothing */
  if (bus != NULL)
    answer = g_dbus_connection_call_sync (bus, NAME, PATH, "org.freedesktop.portal.Settings", "ReadOne",
                                          g_variant_new ("(ss)", "org.freedesktop.appearance", "color-scheme"), NULL,
                                          G_DBUS_CALL_FLAGS_NONE, TESS_PORTAL_HELLO_MS, NULL, NULL);
}

static DexFuture *
reject (TessPortalError code, const GError *cause)
{
  g_autoptr (GError) error = g_error_new (TESS_PORTAL_ERROR, code, "%s", cause->message);

  g_dbus_error_strip_remote_error (error);
  return dex_future_new_for_error (g_steal_pointer (&error));
}

/* What a method's refusal means. */
static DexFuture *
reject_call (const GError *cause)
{
  g_autofree char *name = g_dbus_error_get_remote_error (cause);

  return reject (g_strcmp0 (name, NOT_ALLOWED) == 0 ? TESS_PORTAL_ERROR_DENIED : TESS_PORTAL_ERROR_FAILED, cause);
}

static void
on_response (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
             GVariant *parameters, gpointer data)
{
  if (!dex_future_is_pending (DEX_FUTURE (data)))
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    dex_promise_resolve_variant (data, g_variant_ref (parameters));
  else
    dex_promise_reject (data, g_error_new_literal (TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_FAILED, "The portal's answer is none"));
}

static char *
make_token (void)
{
  return g_strdup_printf ("tessera%u", tess_random_below (G_MAXUINT32));
}

/* Where the answer to a request of @token will come from: the portal's documentation, "org.freedesktop.portal.Request". */
static char *
request_path (GDBusConnection *bus, const char *token)
{
  g_autofree char *sender = g_strdelimit (g_strdup (g_dbus_connection_get_unique_name (bus) + 1), ".", '_');

  return g_strdup_printf (PATH "/request/%s/%s", sender, token);
}

typedef struct {
  GDBusConnection *bus;
  const char *interface, *method;
  gboolean with_window; /* the method takes the window's handle first */
  GVariantDict options;
} Request;

static Request *
request_new (GDBusConnection *bus, const char *interface, const char *method, gboolean with_window)
{
  Request *request = g_new0 (Request, 1);

  g_set_object (&request->bus, bus);
  request->interface = interface;
  request->method = method;
  request->with_window = with_window;
  g_variant_dict_init (&request->options, NULL);
  return request;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_object (&request->bus);
  g_variant_dict_clear (&request->options);
  g_free (request);
}

/* Puts a question, and waits for the person's answer: resolves to what the portal says beside a yes. */
static DexFuture *
ask (gpointer data)
{
  Request *request = data;
  GDBusConnection *bus = request->bus;
  g_autofree char *token = make_token ();
  g_autofree char *path = request_path (bus, token);
  g_autoptr (DexPromise) promise = dex_promise_new ();
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) results = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *options;
  guint subscription, response;

  g_variant_dict_insert (&request->options, "handle_token", "s", token);
  options = g_variant_dict_end (&request->options);
  subscription = g_dbus_connection_signal_subscribe (bus, NAME, REQUEST, "Response", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                     on_response, dex_ref (promise), dex_unref);
  handle = dex_await_variant (dex_dbus_connection_call (bus, NAME, PATH, request->interface, request->method,
                                                        request->with_window ? g_variant_new ("(s@a{sv})", "", options)
                                                                             : g_variant_new ("(@a{sv})", options),
                                                        G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, CALL_MS), &error);
  if (handle != NULL)
    answer = dex_await_variant (dex_ref (promise), &error);
  g_dbus_connection_signal_unsubscribe (bus, subscription);
  if (answer == NULL)
    return reject_call (error);
  g_variant_get (answer, "(u@a{sv})", &response, &results);
  if (response != 0)
    return dex_future_new_reject (TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_DENIED, "This was not allowed");
  return dex_future_new_take_variant (g_steal_pointer (&results));
}

/* The question is not taken back when its answer is of no interest any more: portals take that for a no, and remember it. Whoever
 * wants to know again waits for the answer to the one that is on the screen. */
static DexFuture *
asked (GDBusConnection *bus)
{
  static DexFuture *question;

  if (question == NULL || !dex_future_is_pending (question))
    {
      dex_clear (&question);
      question = dex_scheduler_spawn (NULL, 0, ask, request_new (bus, CAMERA, "AccessCamera", FALSE), request_free);
      dex_future_disown (dex_ref (question)); /* goes on when nobody waits */
    }
  return dex_ref (question);
}

static DexFuture *
open_remote (GDBusConnection *bus)
{
  GVariant *none = g_variant_new ("(@a{sv})", g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  g_autoptr (DexFuture) call = dex_dbus_connection_call_with_unix_fd_list (bus, NAME, PATH, CAMERA, "OpenPipeWireRemote", none,
                                                                           G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NONE,
                                                                           CALL_MS, NULL);
  g_autoptr (GError) error = NULL;
  const GValue *value = NULL;
  GUnixFDList *list;

  if (!dex_await (dex_ref (call), &error))
    return reject_call (error);
  value = dex_future_set_get_value_at (DEX_FUTURE_SET (call), 1, &error);
  list = value != NULL ? g_value_get_object (value) : NULL;
  if (list == NULL || g_unix_fd_list_get_length (list) != 1)
    return dex_future_new_reject (TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_FAILED, "The portal gave no connection");
  return dex_future_new_for_object (list);
}

static DexFuture *
open_cameras (gpointer data)
{
  GCancellable *cancellable = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = dex_await_object (dex_bus_get (G_BUS_TYPE_SESSION), &error);
  g_autoptr (GVariant) present = NULL;
  g_autoptr (GVariant) value = NULL;

  if (bus == NULL)
    return reject (TESS_PORTAL_ERROR_NONE, error);
  present = dex_await_variant (dex_dbus_connection_call (bus, NAME, PATH, "org.freedesktop.DBus.Properties", "Get",
                                                         g_variant_new ("(ss)", CAMERA, "IsCameraPresent"),
                                                         G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, CALL_MS), &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return reject (TESS_PORTAL_ERROR_FAILED, error);
  if (present == NULL)
    return reject (TESS_PORTAL_ERROR_NONE, error);
  g_variant_get (present, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && !g_variant_get_boolean (value))
    return dex_future_new_reject (TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_ABSENT, "There is no camera");
  if (!dex_await (dex_future_first (asked (bus), dex_cancellable_new_from_cancellable (cancellable), NULL), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return open_remote (bus);
}

typedef struct {
  TessPortalLockFunc func;
  gpointer data;
} Watch;

static void
on_state (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
          GVariant *parameters, gpointer data)
{
  const Watch *watch = data;
  g_autoptr (GVariant) state = NULL;
  const char *session = NULL;
  gboolean locked = FALSE;
  guint phase = 0;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sv})")))
    return;
  g_variant_get (parameters, "(&o@a{sv})", &session, &state);
  /* Whoever ends the session waits for everybody who listens. */
  if (g_variant_lookup (state, "session-state", "u", &phase) && phase == SESSION_QUERY_END)
    g_dbus_connection_call (bus, NAME, PATH, INHIBIT, "QueryEndResponse", g_variant_new ("(o)", session), NULL,
                            G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, NULL, NULL);
  if (g_variant_lookup (state, "screensaver-active", "b", &locked))
    watch->func (locked, watch->data);
}

/* A portal that was started anew knows nobody, and would not tell that the session is locked. It begins with how that stands. */
static void
on_portal_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  g_autofree char *token = make_token ();
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "handle_token", "s", token);
  g_variant_dict_insert (&options, "session_handle_token", "s", token);
  g_dbus_connection_call (bus, NAME, PATH, INHIBIT, "CreateMonitor",
                          g_variant_new ("(s@a{sv})", "", g_variant_dict_end (&options)), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, NULL, NULL);
}

void
tess_portal_watch_lock (GDBusConnection *bus, TessPortalLockFunc func, gpointer data)
{
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch){ func, data };
  g_dbus_connection_signal_subscribe (bus, NAME, INHIBIT, "StateChanged", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_state, watch,
                                      g_free);
  g_bus_watch_name_on_connection (bus, NAME, G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_portal_appeared, NULL, NULL, NULL);
}

DexFuture *
tess_portal_open_cameras (GCancellable *cancellable)
{
  return dex_scheduler_spawn (NULL, 0, open_cameras, g_object_ref (cancellable), g_object_unref);
}

static DexFuture *
ask_on_bus (gpointer data)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;

  request->bus = dex_await_object (dex_bus_get (G_BUS_TYPE_SESSION), &error);
  return request->bus != NULL ? ask (request) : reject (TESS_PORTAL_ERROR_NONE, error);
}

DexFuture *
tess_portal_request_background (GVariantDict *options)
{
  Request *request = request_new (NULL, BACKGROUND, "RequestBackground", TRUE);
  g_autoptr (GVariant) own = g_variant_ref_sink (g_variant_dict_end (options));

  g_variant_dict_clear (&request->options);
  g_variant_dict_init (&request->options, own);
  return dex_scheduler_spawn (NULL, 0, ask_on_bus, request, request_free);
}

void
tess_portal_set_status (const char *words)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL); /* there since the app's start */
  GVariantDict options;

  if (bus == NULL)
    return;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "message", "s", words);
  g_dbus_connection_call (bus, NAME, PATH, BACKGROUND, "SetStatus", g_variant_new ("(@a{sv})", g_variant_dict_end (&options)),
                          NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, NULL, NULL);
}
