/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-config.h"

#include "base/tess-limits.h"
#include "wire/tess-address.h"

#include <string.h>

typedef enum {
  KIND_TEXT,
  KIND_ORIGIN,
  KIND_POLICY,
  KIND_DIRECTORY,
  KIND_FORWARDED,
  KIND_SWITCH,
  KIND_PROXIES,
  KIND_LIST,
  KIND_NUMBER,
} Kind;

typedef struct {
  const char *group;
  const char *key;
  Kind kind;
  size_t offset;
  unsigned min;
  unsigned max;
} Setting;

#define AT(member) G_STRUCT_OFFSET (TessRelayConfig, member)

static const Setting settings[] = {
  { "relay", "listen", KIND_TEXT, AT (listen), 0, 0 },
  { "relay", "data", KIND_TEXT, AT (data), 0, 0 },
  { "relay", "origin", KIND_ORIGIN, AT (origin), 0, 0 },
  { "relay", "name", KIND_TEXT, AT (name), 0, 0 },
  { "relay", "metrics", KIND_TEXT, AT (metrics), 0, 0 },
  { "relay", "user", KIND_TEXT, AT (user), 0, 0 },
  { "relay", "tls_certificate", KIND_TEXT, AT (tls_certificate), 0, 0 },
  { "relay", "tls_key", KIND_TEXT, AT (tls_key), 0, 0 },
  { "relay", "registration", KIND_POLICY, AT (registration), 0, 0 },
  { "relay", "invitations", KIND_LIST, AT (invitations), 0, 0 },
  { "relay", "directory", KIND_DIRECTORY, AT (directory), 0, 0 },
  { "relay", "trusted_proxies", KIND_PROXIES, AT (proxies), 0, 0 },
  { "relay", "forwarded_header", KIND_FORWARDED, AT (forwarded), 0, 0 },
  { "relay", "log_addresses", KIND_SWITCH, AT (log_addresses), 0, 0 },
  { "limits", "connections", KIND_NUMBER, AT (connections), 1, 1000000 },
  { "limits", "connections_per_address", KIND_NUMBER, AT (connections_per_address), 1, 1000000 },
  { "limits", "request_rate", KIND_NUMBER, AT (request_rate), 1, 1000000 },
  { "limits", "request_burst", KIND_NUMBER, AT (request_burst), 1, 1000000 },
  { "limits", "deposit_rate", KIND_NUMBER, AT (deposit_rate), 1, 1000000 },
  { "limits", "deposit_burst", KIND_NUMBER, AT (deposit_burst), 1, 1000000 },
  { "limits", "http_seconds", KIND_NUMBER, AT (http_seconds), 1, 30 },
  { "limits", "stall_seconds", KIND_NUMBER, AT (stall_seconds), 1, 600 },
  { "limits", "ping_seconds", KIND_NUMBER, AT (ping_seconds), 1, 3600 },
  { "limits", "link_megabytes", KIND_NUMBER, AT (link_megabytes), 1, 65536 },
  { "limits", "blob_megabytes", KIND_NUMBER, AT (blob_megabytes), 0, 65536 },
  { "limits", "account_megabytes", KIND_NUMBER, AT (account_megabytes), 0, 16777216 },
  { "limits", "reserve_megabytes", KIND_NUMBER, AT (reserve_megabytes), 0, 16777216 },
};

TessRelayConfig *
tess_relay_config_new (void)
{
  TessRelayConfig *self = g_new0 (TessRelayConfig, 1);

  *self = (TessRelayConfig) {
    .listen = g_strdup ("127.0.0.1:7700"),
    .data = g_strdup ("tessera-relay-data"),
    .name = g_strdup ("Tessera relay"),
    .invitations = g_new0 (char *, 1),
    .proxies = g_ptr_array_new_with_free_func (g_object_unref),
    .directory = TESS_RELAY_DIRECTORY_EXACT,
    .connections = 10000,
    .connections_per_address = 500,
    .request_rate = 50,
    .request_burst = 1000,
    .deposit_rate = 500,
    .deposit_burst = 5000,
    .http_seconds = TESS_CHALLENGE_KEEP,
    .stall_seconds = 30,
    .ping_seconds = 60,
    .link_megabytes = 256,
    .blob_megabytes = 100,
    .account_megabytes = 1024,
    .reserve_megabytes = 512,
  };
  return self;
}

void
tess_relay_config_free (TessRelayConfig *self)
{
  g_free (self->listen);
  g_free (self->data);
  g_free (self->origin);
  g_free (self->name);
  g_free (self->metrics);
  g_free (self->user);
  g_free (self->tls_certificate);
  g_free (self->tls_key);
  g_strfreev (self->invitations);
  g_ptr_array_unref (self->proxies);
  g_free (self);
}

/* The number of the line that sets @key (NULL: opens @group) in @text, from 1; 0 when it is not found. */
static unsigned
find_line (const char *text, const char *group, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *current = NULL;

  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      char *end = line[0] == '[' ? strchr (line, ']') : strchr (line, '=');

      if (end == NULL)
        continue;
      *end = '\0';
      if (line[0] == '[')
        {
          g_set_str (&current, line + 1);
          if (key == NULL && g_strcmp0 (current, group) == 0)
            return i + 1;
        }
      else if (key != NULL && g_strcmp0 (current, group) == 0 && g_strcmp0 (g_strchomp (line), key) == 0)
        return i + 1;
    }
  return 0;
}

static bool
refuse (const char *path, const char *text, const char *group, const char *key, const char *why, GError **error)
{
  unsigned line = find_line (text, group, key);

  if (key == NULL)
    g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "%s, line %u: [%s] %s", path, line, group, why);
  else
    g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "%s, line %u: %s %s", path, line, key, why);
  return false;
}

static const Setting *
find_setting (const char *group, const char *key)
{
  for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].group, group) && (key == NULL || g_str_equal (settings[i].key, key)))
      return &settings[i];
  return NULL;
}

static const char *const policies[] = { [TESS_RELAY_OPEN] = "open", [TESS_RELAY_BY_INVITATION] = "invitation",
                                        [TESS_RELAY_CLOSED] = "closed", NULL };
static const char *const directories[] = { [TESS_RELAY_DIRECTORY_NONE] = "none", [TESS_RELAY_DIRECTORY_EXACT] = "exact",
                                           [TESS_RELAY_DIRECTORY_LIST] = "list", NULL };

static const char *const forwarded[] = { [TESS_RELAY_X_FORWARDED_FOR] = "x-forwarded-for", [TESS_RELAY_FORWARDED] = "forwarded",
                                         NULL };
static const char *const switches[] = { "false", "true", NULL };

/* The place of @value in @words; -1. */
static int
find_word (const char *const *words, const char *value)
{
  for (int i = 0; words[i] != NULL; i++)
    if (g_str_equal (value, words[i]))
      return i;
  return -1;
}

static const char *
apply_word (Kind kind, gpointer at, const char *value)
{
  int word;

  switch (kind)
    {
    case KIND_POLICY:
      word = find_word (policies, value);
      *(TessRelayPolicy *) at = (TessRelayPolicy) MAX (word, 0);
      return word >= 0 ? NULL : "has to be open, invitation or closed";
    case KIND_DIRECTORY:
      word = find_word (directories, value);
      *(TessRelayDirectory *) at = (TessRelayDirectory) MAX (word, 0);
      return word >= 0 ? NULL : "has to be none, exact or list";
    case KIND_FORWARDED:
      word = find_word (forwarded, value);
      *(TessRelayForwarded *) at = (TessRelayForwarded) MAX (word, 0);
      return word >= 0 ? NULL : "has to be x-forwarded-for or forwarded";
    default:
      word = find_word (switches, value);
      *(bool *) at = word == 1;
      return word >= 0 ? NULL : "has to be true or false";
    }
}

/* Sets one value; a reason when it does not fit. */
static const char *
apply (TessRelayConfig *self, const Setting *setting, const char *value)
{
  gpointer at = G_STRUCT_MEMBER_P (self, setting->offset);
  guint64 number;

  if (setting->kind == KIND_NUMBER)
    {
      if (!g_ascii_string_to_unsigned (value, 10, setting->min, setting->max, &number, NULL))
        return "is no such number";
      *(unsigned *) at = (unsigned) number;
      return NULL;
    }
  if (setting->kind == KIND_POLICY || setting->kind == KIND_DIRECTORY || setting->kind == KIND_FORWARDED
      || setting->kind == KIND_SWITCH)
    return apply_word (setting->kind, at, value);
  if (setting->kind == KIND_PROXIES)
    {
      g_auto (GStrv) list = g_strsplit (value, ";", -1);
      GPtrArray *proxies = tess_relay_proxies_parse (list);

      if (proxies == NULL)
        return "has to be IP addresses and networks, as 127.0.0.1;10.0.0.0/8";
      g_ptr_array_unref (*(GPtrArray **) at);
      *(GPtrArray **) at = proxies;
      return NULL;
    }
  if (setting->kind == KIND_LIST)
    {
      g_strfreev (*(char ***) at);
      *(char ***) at = g_strsplit (value, ";", -1);
      return NULL;
    }
  if (value[0] == '\0' || strlen (value) > 1024)
    return "is empty or too long";
  if (setting->kind == KIND_ORIGIN && !tess_origin_check (value))
    return "is no origin (https://host[:port], lower case, no final slash; http for this machine only)";
  g_set_str ((char **) at, value);
  return NULL;
}

static bool
load_group (TessRelayConfig *self, GKeyFile *file, const char *group, const char *path, const char *text, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, NULL);

  if (find_setting (group, NULL) == NULL)
    return refuse (path, text, group, NULL, "is no group of this file", error);
  for (unsigned i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      const Setting *setting = find_setting (group, keys[i]);
      g_autofree char *value = g_key_file_get_string (file, group, keys[i], NULL);
      g_autofree char *range = NULL;
      const char *why = "is not known here";

      if (setting != NULL)
        why = value != NULL ? apply (self, setting, g_strstrip (value)) : "is not text";
      if (why != NULL && setting != NULL && setting->kind == KIND_NUMBER)
        why = range = g_strdup_printf ("has to be a number from %u to %u", setting->min, setting->max);
      if (why != NULL)
        return refuse (path, text, group, keys[i], why, error);
    }
  return true;
}

bool
tess_relay_config_load (TessRelayConfig *self, const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) reason = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) groups = NULL;

  if (!g_file_get_contents (path, &text, NULL, &reason)
      || !g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, &reason))
    {
      g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG, "%s: %s", path, reason->message);
      return false;
    }
  groups = g_key_file_get_groups (file, NULL);
  for (unsigned i = 0; groups[i] != NULL; i++)
    if (!load_group (self, file, groups[i], path, text, error))
      return false;
  if ((self->tls_certificate == NULL) != (self->tls_key == NULL))
    return refuse (path, text, "relay", self->tls_key == NULL ? "tls_certificate" : "tls_key",
                   "is of no use alone: tls_certificate and tls_key belong together", error);
  return true;
}

GSocketAddress *
tess_relay_config_address (const char *listen, GError **error)
{
  const char *colon = strrchr (listen, ':');
  g_autofree char *host = colon != NULL ? g_strndup (listen, (size_t) (colon - listen)) : NULL;
  size_t length = host != NULL ? strlen (host) : 0;
  GSocketAddress *address = NULL;
  guint64 port;

  if (length > 2 && host[0] == '[' && host[length - 1] == ']')
    {
      host[length - 1] = '\0';
      memmove (host, host + 1, length - 1);
    }
  else if (host != NULL && strchr (host, ':') != NULL)
    g_clear_pointer (&host, g_free);
  if (host != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    address = g_inet_socket_address_new_from_string (g_str_equal (host, "localhost") ? "127.0.0.1" : host, (guint) port);
  if (address == NULL)
    g_set_error (error, TESS_RELAY_ERROR, TESS_RELAY_ERROR_CONFIG,
                 "\"%s\" is no address to listen on: it has to be HOST:PORT with an IP address, as 127.0.0.1:7700 or [::1]:7700",
                 listen);
  return address;
}
