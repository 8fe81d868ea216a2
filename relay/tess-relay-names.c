/* The directory over HTTP (protocol.md 7). SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tess-relay-http.h"

#include <string.h>

typedef struct {
  TessRelayJob job;
  SoupServerMessage *message;
  char *name; /* or what it begins with */
  bool list;
  GPtrArray *names;
  bool more;
} Lookup;

static TessRelayResult
work (TessRelayJob *job, TessRelayStore *store)
{
  Lookup *self = (Lookup *) job;

  g_ptr_array_set_size (self->names, 0);
  if (self->list)
    return tess_relay_store_list_names (store, self->name, TESS_DIRECTORY_LIST_MAX, self->names, &self->more);
  return tess_relay_store_find_name (store, self->name, self->names);
}

static void
done (TessRelayJob *job, TessRelayResult result)
{
  Lookup *self = (Lookup *) job;

  if (result == TESS_RELAY_NOT_FOUND)
    tess_relay_http_refuse (self->message, TESS_CODE_NOT_FOUND, "nobody here is called so", 0);
  else if (result != TESS_RELAY_OK)
    tess_relay_http_refuse (self->message, TESS_CODE_BUSY, "the relay cannot do this now", TESS_RELAY_BUSY_RETRY_MS);
  else if (self->list)
    tess_relay_http_answer (self->message, tess_directory_names_build (self->names, self->more));
  else
    tess_relay_http_answer (self->message, tess_directory_name_build (g_ptr_array_index (self->names, 0)));
  soup_server_message_unpause (self->message);
  g_ptr_array_unref (self->names);
  g_object_unref (self->message);
  g_free (self->name);
  g_free (self);
}

static void
look_up (TessRelayServer *server, SoupServerMessage *message, const char *name, bool list)
{
  uint32_t wait = tess_relay_throttle_take (server->names, tess_relay_listener_key (message), 1, g_get_monotonic_time ());
  Lookup *self;

  if (wait > 0)
    {
      tess_relay_http_refuse (message, TESS_CODE_SLOW_DOWN, "too many names asked for", wait);
      return;
    }
  self = g_new0 (Lookup, 1);
  self->job = (TessRelayJob) { .work = work, .done = done, .bytes = sizeof *self,
                               .address = tess_relay_listener_key (message) };
  self->message = g_object_ref (message);
  self->name = g_strdup (name);
  self->list = list;
  self->names = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_directory_name_free);
  soup_server_message_pause (message);
  if (server->stopping || !tess_relay_writer_submit (server->writer, &self->job))
    done (&self->job, TESS_RELAY_BUSY);
}

void
tess_relay_names_serve (TessRelayServer *server, SoupServerMessage *message, const char *rest)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  TessRelayDirectory directory = server->config->directory;

  if (directory == TESS_RELAY_DIRECTORY_NONE || (rest[0] != '/' && (rest[0] != '\0' || directory != TESS_RELAY_DIRECTORY_LIST)))
    tess_relay_http_refuse (message, TESS_CODE_NOT_FOUND, "there is nothing here", 0);
  else if (rest[0] == '/' && query == NULL && tess_directory_name_check (rest + 1))
    look_up (server, message, rest + 1, false);
  else if (rest[0] == '\0' && query != NULL && g_str_has_prefix (query, "prefix=")
           && tess_directory_prefix_check (query + strlen ("prefix=")))
    look_up (server, message, query + strlen ("prefix="), true);
  else
    tess_relay_http_refuse (message, TESS_CODE_BAD_REQUEST, "this is no name", 0);
}
