/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tess-keyring.h"

#include "base/tess-limits.h"
#include "base/tess-secret.h"
#include "tess-config.h"

#include <libsecret/secret.h>
#include <string.h>

#define SECRET_SIZE 32
/* libsecret's file: a word and a version of two bytes, then salt size, salt, iterations, time, uses, items. */
#define FILE_WORD "GnomeKeyring\n\r\0\n"
#define FILE_HEAD (sizeof FILE_WORD - 1 + 2)
#define FILE_BODY "(uayutua(a{say}ay))"
/* What fits in base64 with padding, and the terminator. */
TESS_SECRET_TYPE (EncodedSecret, encoded_secret, (TESS_KEYRING_WRAPPED_MAX + 2) / 3 * 4 + 1)

static const SecretSchema schema = {
  .name = TESS_APP_ID,
  .attributes = { { "profile", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "role", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

static const char *const role_names[TESS_KEYRING_ROLES] = { "account", "device", "database" };
static const char *const labels[TESS_KEYRING_ROLES] = { "Tessera: account key", "Tessera: device key", "Tessera: database key" };

/* A loaded secret on its way through a future. */
typedef struct {
  gatomicrefcount count;
  uint8_t *bytes;  /* tess_secret_alloc(); or */
  GBytes *wrapped;
} Loaded;

static Loaded *
loaded_ref (Loaded *self)
{
  g_atomic_ref_count_inc (&self->count);
  return self;
}

static void
loaded_unref (Loaded *self)
{
  if (!g_atomic_ref_count_dec (&self->count))
    return;
  tess_secret_free (self->bytes);
  g_clear_pointer (&self->wrapped, g_bytes_unref);
  g_free (self);
}

#define TESS_TYPE_KEYRING_LOADED (tess_keyring_loaded_get_type ())
static GType tess_keyring_loaded_get_type (void);
G_DEFINE_BOXED_TYPE_WITH_CODE (Loaded, tess_keyring_loaded, loaded_ref, loaded_unref, )

/* One request, for its fiber. */
typedef struct {
  GHashTable *attributes;
  unsigned timeout;
  TessKeyringRole role;
  bool ask;             /* to load */
  EncodedSecret secret; /* to store */
} Request;

static void
request_free (Request *self)
{
  g_hash_table_unref (self->attributes);
  encoded_secret_clear (&self->secret);
  g_free (self);
}

static Request *
request_new (const char *profile_id, unsigned timeout)
{
  Request *self = g_new0 (Request, 1);

  self->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_hash_table_insert (self->attributes, (gpointer) "profile", g_strdup (profile_id));
  self->timeout = timeout > 0 ? timeout : TESS_KEYRING_TIMEOUT;
  return self;
}

static void
request_set_role (Request *self, TessKeyringRole role)
{
  g_assert (role >= 0 && role < TESS_KEYRING_ROLES);
  self->role = role;
  g_hash_table_insert (self->attributes, (gpointer) "role", g_strdup (role_names[role]));
}

static DexFuture *
start (DexFiberFunc fiber, Request *request)
{
  return dex_scheduler_spawn (NULL, 0, fiber, request, (GDestroyNotify) request_free);
}

/* Every libsecret call ends here: its promise resolves with the result, for the fiber to finish the call. */
static void
call_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;

  dex_promise_resolve_object (promise, g_object_ref (result));
}

/* Waits for a call. NULL and NO_SERVICE when its time is up; the call is cancelled then, and may end whenever it likes. */
static GAsyncResult *
await_call (DexPromise *promise, unsigned timeout, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gpointer result =
    dex_await_object (dex_future_first (DEX_FUTURE (promise), dex_timeout_new_seconds ((int) timeout), NULL), &cause);

  if (result == NULL)
    g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "The keyring gave no answer within %u seconds", timeout);
  return result;
}

/* Without a bus, a service or an unlocked collection there are many errors and one way out, which is also that of a service that
 * talks nonsense and of a keyring file (a sandbox has one of its own) that is damaged. What is left is FAILED. */
static void
set_foreign_error (GError **error, const GError *cause)
{
  bool no_service = g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
                    g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
                    g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_PROTOCOL) ||
                    g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_INVALID_FILE_FORMAT) || cause->domain == G_DBUS_ERROR ||
                    cause->domain == G_IO_ERROR || cause->domain == G_SPAWN_ERROR || g_dbus_error_is_remote_error (cause);
  g_autoptr (GError) copy = g_error_copy (cause);

  g_dbus_error_strip_remote_error (copy);
  g_set_error (error, TESS_STORE_ERROR, no_service ? TESS_STORE_ERROR_NO_SERVICE : TESS_STORE_ERROR_FAILED,
               no_service ? "No usable keyring (Secret Service) in this session: %s" : "Keyring: %s", copy->message);
}

static void
set_locked_error (GError **error)
{
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "The keyring is locked and was not unlocked");
}

/* Whether libsecret keeps a keyring of its own, in a file: in a sandbox, by way of the Secret portal. */
static bool
is_in_file (void)
{
  return g_strcmp0 (g_getenv ("SECRET_BACKEND"), "file") == 0 || g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

/* libsecret aborts on such a file when it is cut off, so that nobody could open the app to repair anything, and leaks one that
 * does not begin as it has to. All else that may be wrong with the file it says itself. */
static bool
check_file (GError **error)
{
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
  const char *path = g_getenv ("SECRET_FILE_TEST_PATH");
  g_autofree char *content = NULL;
  gsize size;
  g_autoptr (GVariant) body = NULL;
  g_autoptr (GVariant) salt = NULL;
  guint32 salt_size;

  if (!is_in_file () || !g_file_get_contents (path != NULL ? path : usual, &content, &size, NULL))
    return true;
  if (size < FILE_HEAD || memcmp (content, FILE_WORD, sizeof FILE_WORD - 1) != 0)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "The keyring's file is damaged");
      return false;
    }
  body = g_variant_new_from_data (G_VARIANT_TYPE (FILE_BODY), content + FILE_HEAD, size - FILE_HEAD, FALSE, NULL, NULL);
  g_variant_ref_sink (body);
  g_variant_get_child (body, 0, "u", &salt_size);
  salt = g_variant_get_child_value (body, 1);
  if (g_variant_is_normal_form (body) && GUINT32_FROM_LE (salt_size) == g_variant_n_children (salt))
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_NO_SERVICE, "The keyring's file is damaged");
  return false;
}

static bool
store_secret (const Request *request, GError **error)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  g_autoptr (SecretValue) value =
    secret_value_new ((const char *) request->secret.bytes, (gssize) strlen ((const char *) request->secret.bytes), "text/plain");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;

  secret_password_storev_binary (&schema, request->attributes, SECRET_COLLECTION_DEFAULT, labels[request->role], value,
                                 dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, error);
  if (result == NULL)
    return false;
  if (secret_password_store_finish (result, &cause))
    return true;
  if (cause != NULL)
    set_foreign_error (error, cause);
  else
    set_locked_error (error);
  return false;
}

static DexFuture *
store_fiber (gpointer data)
{
  GError *error = NULL;

  return check_file (&error) && store_secret (data, &error) ? dex_future_new_true () : dex_future_new_for_error (error);
}

static Request *
request_to_store (const char *profile_id, TessKeyringRole role, const uint8_t *content, size_t size, unsigned timeout)
{
  Request *request = request_new (profile_id, timeout);

  g_assert (size <= TESS_KEYRING_WRAPPED_MAX);
  request_set_role (request, role);
  sodium_bin2base64 ((char *) request->secret.bytes, sizeof request->secret.bytes, content, size,
                     sodium_base64_VARIANT_ORIGINAL);
  return request;
}

DexFuture *
tess_keyring_store (const char *profile_id, TessKeyringRole role, const uint8_t secret[static 32], unsigned timeout)
{
  return start (store_fiber, request_to_store (profile_id, role, secret, SECRET_SIZE, timeout));
}

/* The item of @request, locked when the person did not unlock it: a search tells that from an item that is not there. */
static SecretRetrievable *
find_item (const Request *request, GError **error)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autolist (GObject) items = NULL;
  g_autoptr (GError) cause = NULL;

  secret_password_searchv (&schema, request->attributes,
                           SECRET_SEARCH_LOAD_SECRETS | (request->ask ? SECRET_SEARCH_UNLOCK : SECRET_SEARCH_NONE),
                           dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, error);
  if (result == NULL)
    return NULL;
  items = secret_password_search_finish (result, &cause);
  if (cause != NULL)
    set_foreign_error (error, cause);
  else if (items == NULL)
    g_set_error (error, TESS_STORE_ERROR, TESS_STORE_ERROR_MISSING, "The keyring holds no %s key of this profile",
                 role_names[request->role]);
  else
    return g_object_ref (items->data);
  return NULL;
}

static SecretValue *
retrieve (const Request *request, SecretRetrievable *item, GError **error)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;
  SecretValue *value;

  secret_retrievable_retrieve_secret (item, dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, error);
  if (result == NULL)
    return NULL;
  value = secret_retrievable_retrieve_secret_finish (item, result, &cause);
  if (cause != NULL)
    set_foreign_error (error, cause);
  else if (value == NULL)
    set_locked_error (error);
  return value;
}

/* All items of @request with their secrets; a keyring that is locked is asked to open. */
static bool
find_all (const Request *request, GList **items_out, GError **error)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;

  secret_password_searchv (&schema, request->attributes, SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS | SECRET_SEARCH_UNLOCK,
                           dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, error);
  if (result == NULL)
    return false;
  *items_out = secret_password_search_finish (result, &cause);
  if (cause == NULL)
    return true;
  set_foreign_error (error, cause);
  return false;
}

static bool
holds (const Request *request, SecretRetrievable *item)
{
  g_autoptr (SecretValue) value = retrieve (request, item, NULL);
  size_t wanted = strlen ((const char *) request->secret.bytes);
  gsize size = 0;
  const char *text = value != NULL ? secret_value_get (value, &size) : NULL;

  return text != NULL && size == wanted && sodium_memcmp (text, request->secret.bytes, wanted) == 0;
}

static bool
delete_item (const Request *request, SecretItem *item, GError **error)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;

  secret_item_delete (item, dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, error);
  if (result == NULL)
    return false;
  if (secret_item_delete_finish (item, result, &cause))
    return true;
  if (cause != NULL)
    set_foreign_error (error, cause);
  else
    set_locked_error (error);
  return false;
}

/* A copy in another collection than the one that is the default by now would go on to say what was said before. */
static bool
keep_only_this (const Request *request, GError **error)
{
  g_autolist (GObject) items = NULL;
  bool found = false;

  if (!find_all (request, &items, error))
    return false;
  for (GList *at = items; at != NULL; at = at->next)
    found |= holds (request, at->data);
  if (!found)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The keyring does not hold what was stored");
      return false;
    }
  for (GList *at = items; at != NULL; at = at->next)
    if (SECRET_IS_ITEM (at->data) && !holds (request, at->data) && !delete_item (request, at->data, error))
      return false;
  return true;
}

static DexFuture *
replace_fiber (gpointer data)
{
  GError *error = NULL;

  return check_file (&error) && store_secret (data, &error) && keep_only_this (data, &error) ? dex_future_new_true ()
                                                                                             : dex_future_new_for_error (error);
}

DexFuture *
tess_keyring_replace (const char *profile_id, TessKeyringRole role, const uint8_t *content, size_t size, unsigned timeout)
{
  return start (replace_fiber, request_to_store (profile_id, role, content, size, timeout));
}

static Loaded *
decode (SecretValue *value, GError **error)
{
  gsize length, size = 0;
  const char *text = secret_value_get (value, &length);
  g_autoptr (TessWiped) bytes = tess_wiped_new (TESS_KEYRING_WRAPPED_MAX);
  Loaded *loaded;

  if (text == NULL ||
      sodium_base642bin (bytes->bytes, bytes->size, text, length, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size < SECRET_SIZE)
    {
      g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The keyring holds something else than a key");
      return NULL;
    }
  loaded = g_new0 (Loaded, 1);
  g_atomic_ref_count_init (&loaded->count);
  if (size > SECRET_SIZE)
    {
      loaded->wrapped = g_bytes_new (bytes->bytes, size);
      return loaded;
    }
  loaded->bytes = tess_secret_alloc (SECRET_SIZE);
  memcpy (loaded->bytes, bytes->bytes, SECRET_SIZE);
  return loaded;
}

static DexFuture *
load_fiber (gpointer data)
{
  const Request *request = data;
  GError *error = NULL;
  g_autoptr (SecretRetrievable) item = check_file (&error) ? find_item (request, &error) : NULL;
  g_autoptr (SecretValue) value = item != NULL ? retrieve (request, item, &error) : NULL;
  Loaded *loaded = value != NULL ? decode (value, &error) : NULL;

  return loaded != NULL ? dex_future_new_take_boxed (TESS_TYPE_KEYRING_LOADED, loaded) : dex_future_new_for_error (error);
}

DexFuture *
tess_keyring_load (const char *profile_id, TessKeyringRole role, bool ask, unsigned timeout)
{
  Request *request = request_new (profile_id, timeout);

  request_set_role (request, role);
  request->ask = ask;
  return start (load_fiber, request);
}

bool
tess_keyring_await_content (DexFuture *future, uint8_t out[static 32], GBytes **wrapped_out, GError **error)
{
  Loaded *loaded = dex_await_boxed (future, error);

  sodium_memzero (out, SECRET_SIZE);
  *wrapped_out = NULL;
  if (loaded == NULL)
    return false;
  if (loaded->wrapped != NULL)
    *wrapped_out = g_bytes_ref (loaded->wrapped);
  else
    memcpy (out, loaded->bytes, SECRET_SIZE);
  loaded_unref (loaded);
  return true;
}

bool
tess_keyring_await_secret (DexFuture *future, uint8_t out[static 32], GError **error)
{
  g_autoptr (GBytes) wrapped = NULL;

  if (!tess_keyring_await_content (future, out, &wrapped, error))
    return false;
  if (wrapped == NULL)
    return true;
  g_set_error_literal (error, TESS_STORE_ERROR, TESS_STORE_ERROR_DAMAGED, "The keyring holds something else than a key");
  return false;
}

/* Clearing tells by an error only; FALSE alone says that nothing was there. */
static DexFuture *
clear_fiber (gpointer data)
{
  const Request *request = data;
  DexPromise *promise;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;
  GError *error = NULL;

  if (!check_file (&error))
    return dex_future_new_for_error (error);
  promise = dex_promise_new_cancellable ();
  secret_password_clearv (&schema, request->attributes, dex_promise_get_cancellable (promise), call_done, dex_ref (promise));
  result = await_call (promise, request->timeout, &error);
  if (result == NULL)
    return dex_future_new_for_error (error);
  secret_password_clear_finish (result, &cause);
  if (cause == NULL)
    return dex_future_new_true ();
  set_foreign_error (&error, cause);
  return dex_future_new_for_error (error);
}

DexFuture *
tess_keyring_clear (const char *profile_id, unsigned timeout)
{
  return start (clear_fiber, request_new (profile_id, timeout));
}
