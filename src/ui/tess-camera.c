/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-camera.h"

#include "base/tess-limits.h"
#include "qr/tess-qr.h"
#include "ui/tess-await.h"
#include "ui/tess-capture.h"
#include "ui/tess-portal.h"

#include <gio/gunixfdlist.h>

#define PREVIEW "gtk4paintablesink"
#define CODE_PREFIX "TESSERA:"

struct _TessCamera {
  GObject parent_instance;

  TessCameraState state;
  char *detail;
  GCancellable *opening; /* of the start that is under way or was the last */

  GObject *connection;         /* holds both of the next, which the source shares: they end with the last of the two */
  int fd;                      /* the portal's; -1: direct */
  GstDeviceProvider *provider;
  GListStore *devices;
  GtkStringList *names;        /* of @devices */
  guint chosen;
  gboolean changing;           /* the lists are: nobody chooses */
  char *favourite;             /* the name of the one that was chosen last */
  TessCapture *capture;
  guint timer;
  guint again;                 /* the wait until it is tried once more */
  gboolean refused;            /* it was, for that */
};

enum { PROP_STATE = 1, PROP_PAINTABLE, PROP_CHOSEN, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { CODE, SIGHT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TessCamera, tess_camera, G_TYPE_OBJECT)

static void
set_state (TessCamera *self, TessCameraState state, const char *detail)
{
  g_set_str (&self->detail, detail);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
drop_capture (TessCamera *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->again, g_source_remove);
  if (self->capture == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->capture, self);
  tess_capture_stop (self->capture);
  g_clear_object (&self->capture);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAINTABLE]);
}

static void
stop_provider (gpointer provider)
{
  gst_device_provider_stop (provider);
  gst_object_unref (provider);
}

/* The provider is the process's only one of its kind: what it had to say before is not for this start. */
static void
flush_words (GstBus *bus)
{
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
}

/* PipeWire's plugin wants the source to let go of the connection before the provider does: it takes the rest with it. */
static void
close_all (TessCamera *self)
{
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  drop_capture (self);
  if (self->provider != NULL)
    {
      g_autoptr (GstBus) bus = gst_device_provider_get_bus (self->provider);

      gst_bus_remove_watch (bus);
      self->provider = NULL;
    }
  self->chosen = 0;
  g_list_store_remove_all (self->devices);
  gtk_string_list_splice (self->names, 0, g_list_model_get_n_items (G_LIST_MODEL (self->names)), NULL);
  g_clear_object (&self->connection);
  self->fd = -1;
}

/* It stays as it is until it is started again. */
static void
give_up (TessCamera *self, TessCameraState state, const char *detail)
{
  close_all (self);
  set_state (self, state, detail);
}

static gboolean
is_missing (const GError *error)
{
  return g_error_matches (error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT)
         || g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN);
}

static void
give_up_for (TessCamera *self, const GError *error)
{
  give_up (self, is_missing (error) ? TESS_CAMERA_UNSUPPORTED : TESS_CAMERA_FAILED, error->message);
}

static void
on_ready (TessCamera *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  set_state (self, TESS_CAMERA_READY, NULL);
}

static void
on_codes (TessCamera *self, const char *const *texts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *code = tess_qr_pick (texts, CODE_PREFIX, &error);

  g_signal_emit (self, signals[SIGHT], 0, texts[0] != NULL ? error : NULL);
  if (code != NULL)
    g_signal_emit (self, signals[CODE], 0, code);
}

static gboolean
on_late (gpointer data)
{
  TessCamera *self = data;

  self->timer = 0;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->devices)) == 0)
    set_state (self, TESS_CAMERA_ABSENT, NULL);
  else
    give_up (self, TESS_CAMERA_FAILED, NULL);
  return G_SOURCE_REMOVE;
}

static void
set_timer (TessCamera *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (TESS_CAMERA_START_SECONDS, on_late, self);
}

static void on_capture_failed (TessCamera *self, const GError *error);

static void
begin (TessCamera *self)
{
  g_autoptr (GstDevice) device = g_list_model_get_item (G_LIST_MODEL (self->devices), self->chosen);
  g_autoptr (GError) error = NULL;
  GstElement *source;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOSEN]);
  drop_capture (self);
  set_timer (self);
  set_state (self, TESS_CAMERA_LOADING, NULL);
  source = gst_device_create_element (device, NULL);
  if (source == NULL)
    {
      give_up (self, TESS_CAMERA_UNSUPPORTED, NULL);
      return;
    }
  self->capture = tess_capture_new (source, self->connection, PREVIEW, &error);
  if (self->capture == NULL)
    {
      give_up_for (self, error);
      return;
    }
  g_signal_connect_swapped (self->capture, "ready", G_CALLBACK (on_ready), self);
  g_signal_connect_swapped (self->capture, "codes", G_CALLBACK (on_codes), self);
  g_signal_connect_swapped (self->capture, "failed", G_CALLBACK (on_capture_failed), self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAINTABLE]);
  tess_capture_start (self->capture);
}

/* Runs the chosen camera. */
static void
run_chosen (TessCamera *self)
{
  self->refused = FALSE;
  begin (self);
}

static gboolean
on_again (gpointer data)
{
  TessCamera *self = data;

  self->again = 0;
  begin (self);
  return G_SOURCE_REMOVE;
}

/* A camera of which another program, or a start that was given up, is just letting go refuses the next one, and takes the one
 * after that. */
static void
on_capture_failed (TessCamera *self, const GError *error)
{
  if (self->state != TESS_CAMERA_LOADING || self->refused || is_missing (error))
    {
      give_up_for (self, error);
      return;
    }
  self->refused = TRUE;
  drop_capture (self);
  self->again = g_timeout_add (TESS_CAMERA_AGAIN_MS, on_again, self);
}

/* PipeWire's other sources of pictures, such as shared screens, say that they are no camera; a bare video device says nothing. */
static gboolean
is_camera (GstDevice *device)
{
  g_autoptr (GstStructure) details = gst_device_get_properties (device);
  const char *role = details != NULL ? gst_structure_get_string (details, "media.role") : NULL;

  return gst_device_has_classes (device, "Video/Source") && (role == NULL || g_str_equal (role, "Camera"));
}

/* PipeWire's number of the device, the same when it is told of twice; NULL: it has none. */
static char *
dup_serial (GstDevice *device)
{
  g_autoptr (GstStructure) details = gst_device_get_properties (device);

  return details != NULL ? g_strdup (gst_structure_get_string (details, "object.serial")) : NULL;
}

static gboolean
is_known (TessCamera *self, GstDevice *device)
{
  g_autofree char *serial = dup_serial (device);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->devices)); i++)
    {
      g_autoptr (GstDevice) known = g_list_model_get_item (G_LIST_MODEL (self->devices), i);
      g_autofree char *its = dup_serial (known);

      if (known == device || (serial != NULL && g_strcmp0 (serial, its) == 0))
        return TRUE;
    }
  return FALSE;
}

static void
add_device (TessCamera *self, GstDevice *device)
{
  g_autofree char *name = gst_device_get_display_name (device);
  guint count = g_list_model_get_n_items (G_LIST_MODEL (self->devices));

  if (!is_camera (device) || count >= TESS_CAMERA_DEVICES_MAX || is_known (self, device))
    return;
  self->changing = TRUE;
  g_list_store_append (self->devices, device);
  gtk_string_list_append (self->names, name);
  self->changing = FALSE;
  if (self->capture != NULL && g_strcmp0 (name, self->favourite) != 0)
    return;
  if (self->capture != NULL && self->chosen < count
      && g_strcmp0 (gtk_string_list_get_string (self->names, self->chosen), self->favourite) == 0)
    return;
  self->chosen = count;
  run_chosen (self);
}

static void
remove_device (TessCamera *self, GstDevice *device)
{
  guint place;

  if (!g_list_store_find (self->devices, device, &place))
    return;
  self->changing = TRUE;
  g_list_store_remove (self->devices, place);
  gtk_string_list_remove (self->names, place);
  self->changing = FALSE;
  if (place > self->chosen)
    return;
  if (place < self->chosen)
    {
      self->chosen--;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOSEN]);
      return;
    }
  self->chosen = 0;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->devices)) > 0)
    {
      run_chosen (self);
      return;
    }
  drop_capture (self);
  set_state (self, TESS_CAMERA_ABSENT, NULL);
}

static gboolean
on_device_message (GstBus *bus, GstMessage *message, gpointer data)
{
  g_autoptr (TessCamera) self = g_object_ref (TESS_CAMERA (data));
  g_autoptr (GstDevice) device = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_DEVICE_ADDED)
    {
      gst_message_parse_device_added (message, &device);
      add_device (self, device);
    }
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_DEVICE_REMOVED)
    {
      gst_message_parse_device_removed (message, &device);
      remove_device (self, device);
    }
  return G_SOURCE_CONTINUE;
}

/* Through the portal's connection; without a portal, PipeWire itself, or the kernel's devices where it does not run. */
static GstDeviceProvider *
start_provider (int fd)
{
  static const char *const names[] = { "pipewiredeviceprovider", "v4l2deviceprovider" };

  for (size_t i = 0; i < (fd >= 0 ? 1 : G_N_ELEMENTS (names)); i++)
    {
      g_autoptr (GstDeviceProvider) provider = gst_device_provider_factory_get_by_name (names[i]);
      g_autoptr (GstBus) bus = NULL;

      if (provider == NULL)
        continue;
      bus = gst_device_provider_get_bus (provider);
      flush_words (bus);
      if (i == 0)
        g_object_set (provider, "fd", fd, NULL);
      if (gst_device_provider_start (provider))
        return g_steal_pointer (&provider);
    }
  return NULL;
}

static void
open_provider (TessCamera *self)
{
  g_autoptr (GstBus) bus = NULL;
  GList *devices;

  self->provider = start_provider (self->fd);
  if (self->provider == NULL)
    {
      give_up (self, self->fd >= 0 ? TESS_CAMERA_UNSUPPORTED : TESS_CAMERA_ABSENT, NULL);
      return;
    }
  g_object_set_data_full (self->connection, "provider", self->provider, stop_provider);
  bus = gst_device_provider_get_bus (self->provider);
  gst_bus_add_watch (bus, on_device_message, self);
  /* The cameras of the portal's connection appear one by one, as they are allowed. */
  if (self->fd >= 0)
    set_timer (self);
  devices = gst_device_provider_get_devices (self->provider);
  for (GList *next = devices; next != NULL && self->provider != NULL; next = next->next)
    add_device (self, next->data);
  g_list_free_full (devices, gst_object_unref);
  if (self->fd < 0 && self->provider != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->devices)) == 0)
    set_state (self, TESS_CAMERA_ABSENT, NULL);
}

static void
on_portal (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessCamera *self = owner;

  if (self->opening != data)
    return;
  self->connection = g_object_new (G_TYPE_OBJECT, NULL);
  if (error == NULL)
    {
      GUnixFDList *list = g_value_dup_object (value);

      self->fd = g_unix_fd_list_peek_fds (list, NULL)[0];
      g_object_set_data_full (self->connection, "descriptors", list, g_object_unref);
    }
  else if (!g_error_matches (error, TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_NONE))
    {
      gboolean absent = g_error_matches (error, TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_ABSENT);
      gboolean denied = g_error_matches (error, TESS_PORTAL_ERROR, TESS_PORTAL_ERROR_DENIED);

      give_up (self, absent ? TESS_CAMERA_ABSENT : denied ? TESS_CAMERA_DENIED : TESS_CAMERA_FAILED, error->message);
      return;
    }
  set_state (self, TESS_CAMERA_LOADING, NULL);
  open_provider (self);
}

static void
on_gstreamer (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  TessCamera *self = owner;

  if (self->opening != data)
    return;
  if (error != NULL)
    {
      give_up (self, TESS_CAMERA_UNSUPPORTED, error->message);
      return;
    }
  set_state (self, TESS_CAMERA_ASKING, NULL);
  tess_await (tess_portal_open_cameras (self->opening), self, on_portal, g_object_ref (self->opening), g_object_unref);
}

/* The first time it looks through all plugins that are installed, which takes a while. */
static DexFuture *
load_gstreamer (gpointer data)
{
  static const char *const needed[] = { PREVIEW, "pipewiresrc", "videoconvert", "appsink" };
  g_autoptr (GError) error = NULL;

  if (!gst_init_check (NULL, NULL, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  for (size_t i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (needed[i]);

      if (factory == NULL)
        return dex_future_new_reject (GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN, "%s", needed[i]);
    }
  return dex_future_new_true ();
}

void
tess_camera_start (TessCamera *self)
{
  close_all (self);
  self->opening = g_cancellable_new ();
  set_state (self, TESS_CAMERA_LOADING, NULL);
  tess_await (dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), 0, load_gstreamer, NULL, NULL), self, on_gstreamer,
              g_object_ref (self->opening), g_object_unref);
}

void
tess_camera_stop (TessCamera *self)
{
  if (self->state == TESS_CAMERA_OFF)
    return;
  close_all (self);
  set_state (self, TESS_CAMERA_OFF, NULL);
}

TessCameraState
tess_camera_get_state (TessCamera *self)
{
  return self->state;
}

const char *
tess_camera_get_detail (TessCamera *self)
{
  return self->detail;
}

GListModel *
tess_camera_get_names (TessCamera *self)
{
  return G_LIST_MODEL (self->names);
}

guint
tess_camera_get_chosen (TessCamera *self)
{
  return self->chosen;
}

gboolean
tess_camera_choose (TessCamera *self, guint place)
{
  if (self->changing || place >= g_list_model_get_n_items (G_LIST_MODEL (self->devices)) || place == self->chosen)
    return FALSE;
  self->chosen = place;
  g_set_str (&self->favourite, gtk_string_list_get_string (self->names, place));
  run_chosen (self);
  return TRUE;
}

void
tess_camera_set_favourite (TessCamera *self, const char *name)
{
  g_set_str (&self->favourite, name);
}

static void
tess_camera_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TessCamera *self = TESS_CAMERA (object);

  if (id == PROP_STATE)
    g_value_set_uint (value, self->state);
  else if (id == PROP_CHOSEN)
    g_value_set_uint (value, self->chosen);
  else
    g_value_set_object (value, self->capture != NULL ? tess_capture_get_paintable (self->capture) : NULL);
}

static void
tess_camera_dispose (GObject *object)
{
  TessCamera *self = TESS_CAMERA (object);

  if (self->devices != NULL)
    close_all (self);
  g_clear_object (&self->devices);
  g_clear_object (&self->names);
  g_clear_pointer (&self->favourite, g_free);
  g_clear_pointer (&self->detail, g_free);
  G_OBJECT_CLASS (tess_camera_parent_class)->dispose (object);
}

static void
tess_camera_class_init (TessCameraClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tess_camera_get_property;
  object_class->dispose = tess_camera_dispose;
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, TESS_CAMERA_FAILED, TESS_CAMERA_OFF,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_PAINTABLE] = g_param_spec_object ("paintable", NULL, NULL, GDK_TYPE_PAINTABLE,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_CHOSEN] = g_param_spec_uint ("chosen", NULL, NULL, 0, G_MAXUINT, 0,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CODE] = g_signal_new ("code", TESS_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGHT] = g_signal_new ("sight", TESS_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
tess_camera_init (TessCamera *self)
{
  self->fd = -1;
  self->devices = g_list_store_new (GST_TYPE_DEVICE);
  self->names = gtk_string_list_new (NULL);
}

TessCamera *
tess_camera_new (void)
{
  return g_object_new (TESS_TYPE_CAMERA, NULL);
}
