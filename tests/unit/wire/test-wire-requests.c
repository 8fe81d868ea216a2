/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-requests.h"

#include <sodium.h>
#include <string.h>

static GPtrArray *
one_time_new (const FixtureKey *device, unsigned count)
{
  GPtrArray *array = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (unsigned i = 0; i < count; i++)
    g_ptr_array_add (array, fixture_one_time_bytes (device, i + 1));
  return array;
}

/* There and back. */
static TessRequest *
echo_request (const TessRequest *request)
{
  g_autofree char *text = tess_request_build (request);
  g_autoptr (GError) error = NULL;
  int64_t id = 0;
  TessRequest *read = tess_request_parse (text, strlen (text), &id, &error);

  g_assert_no_error (error);
  g_assert_cmpint (read->op, ==, request->op);
  g_assert_cmpint (id, ==, request->op == TESS_REQUEST_AUTH ? -1 : (int64_t) request->id);
  g_assert_cmpuint (read->id, ==, request->id);
  return read;
}

static void
test_register (void)
{
  FixtureKey account = fixture_key (1);
  FixtureKey device = fixture_key (100);
  g_autoptr (TessRequest) request = tess_request_new (TESS_REQUEST_REGISTER);
  g_autoptr (TessRequest) read = NULL;

  request->id = TESS_JSON_INTEGER_MAX;
  request->device_list = fixture_device_list_bytes (&account, 1);
  request->prekey = fixture_prekey_bytes (&device);
  request->one_time = one_time_new (&device, TESS_ONE_TIME_UPLOAD);
  request->invitation = g_strdup ("let me in");
  read = echo_request (request);
  g_assert_true (g_bytes_equal (read->device_list, request->device_list));
  g_assert_true (g_bytes_equal (read->prekey, request->prekey));
  g_assert_cmpuint (read->one_time->len, ==, TESS_ONE_TIME_UPLOAD);
  for (unsigned i = 0; i < TESS_ONE_TIME_UPLOAD; i++)
    g_assert_true (g_bytes_equal (g_ptr_array_index (read->one_time, i), g_ptr_array_index (request->one_time, i)));
  g_assert_cmpstr (read->invitation, ==, "let me in");
  /* One more is too many. */
  g_ptr_array_add (request->one_time, fixture_one_time_bytes (&device, 500));
  {
    g_autofree char *text = tess_request_build (request);
    g_autoptr (GError) error = NULL;
    int64_t id = 0;

    g_assert_null (tess_request_parse (text, strlen (text), &id, &error));
    g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
    g_assert_cmpint (id, ==, (int64_t) TESS_JSON_INTEGER_MAX);
  }
}

static void
test_others (void)
{
  FixtureKey account = fixture_key (1);
  g_autoptr (TessRequest) auth = tess_request_new (TESS_REQUEST_AUTH);
  g_autoptr (TessRequest) publish = tess_request_new (TESS_REQUEST_PUBLISH);
  g_autoptr (TessRequest) devices = tess_request_new (TESS_REQUEST_DEVICES);
  g_autoptr (TessRequest) capabilities = tess_request_new (TESS_REQUEST_CAPABILITIES);
  g_autoptr (TessRequest) name = tess_request_new (TESS_REQUEST_NAME);
  g_autoptr (TessRequest) tickets = tess_request_new (TESS_REQUEST_TICKETS);
  g_autoptr (TessRequest) delete = tess_request_new (TESS_REQUEST_DELETE);

  memset (auth->device, 1, sizeof auth->device);
  memset (auth->signature, 2, sizeof auth->signature);
  {
    g_autoptr (TessRequest) read = echo_request (auth);

    g_assert_cmpmem (read->device, 32, auth->device, 32);
    g_assert_cmpmem (read->signature, 64, auth->signature, 64);
  }
  {
    g_autoptr (TessRequest) read = echo_request (publish);

    g_assert_true (read->prekey == NULL && read->one_time == NULL && !read->replace);
  }
  publish->replace = true;
  publish->prekey = fixture_prekey_bytes (&account);
  publish->one_time = one_time_new (&account, 2);
  {
    g_autoptr (TessRequest) read = echo_request (publish);

    g_assert_true (read->prekey != NULL && read->one_time->len == 2 && read->replace);
  }
  devices->device_list = fixture_device_list_bytes (&account, TESS_DEVICES_MAX);
  {
    g_autoptr (TessRequest) read = echo_request (devices);

    g_assert_true (g_bytes_equal (read->device_list, devices->device_list));
  }
  memset (capabilities->contact_hash, 3, 32);
  memset (capabilities->request_hash, 4, 32);
  {
    g_autoptr (TessRequest) read = echo_request (capabilities);

    g_assert_cmpmem (read->contact_hash, 32, capabilities->contact_hash, 32);
    g_assert_cmpmem (read->request_hash, 32, capabilities->request_hash, 32);
  }
  {
    g_autoptr (TessRequest) read = echo_request (name);

    g_assert_null (read->name);
  }
  name->name = g_strdup ("alice");
  {
    g_autoptr (TessRequest) read = echo_request (name);

    g_assert_cmpstr (read->name, ==, "alice");
    g_assert_null (read->address);
  }
  name->address = g_strdup ("TESSERA:1/RELAY.EXAMPLE/A/B");
  {
    g_autoptr (TessRequest) read = echo_request (name);

    g_assert_cmpstr (read->address, ==, "TESSERA:1/RELAY.EXAMPLE/A/B");
  }
  tickets->count = TESS_TICKETS_MAX;
  {
    g_autoptr (TessRequest) read = echo_request (tickets);

    g_assert_cmpuint (read->count, ==, TESS_TICKETS_MAX);
  }
  {
    g_autoptr (TessRequest) read = echo_request (delete);

    g_assert_cmpint (read->op, ==, TESS_REQUEST_DELETE);
  }
}

static void
test_request_faults (void)
{
  static const char *const bad[] = {
    "{}", "{\"op\":1,\"id\":1}", "{\"op\":\"\",\"id\":1}", "{\"op\":\"nonsense\",\"id\":1}", "{\"op\":\"delete\"}",
    "{\"op\":\"delete\",\"id\":-1}", "{\"op\":\"delete\",\"id\":1.5}", "{\"op\":\"delete\",\"id\":\"1\"}",
    "{\"op\":\"delete\",\"id\":9007199254740992}", "{\"op\":\"auth\"}",
    "{\"op\":\"auth\",\"device\":\"AQID\",\"signature\":\"AQID\"}",
    "{\"op\":\"register\",\"id\":1}", "{\"op\":\"devices\",\"id\":1,\"device_list\":\"AQID\"}",
    "{\"op\":\"publish\",\"id\":1,\"prekey\":\"AQID\"}", "{\"op\":\"publish\",\"id\":1,\"one_time\":[\"AQID\"]}",
    "{\"op\":\"publish\",\"id\":1,\"one_time\":{}}", "{\"op\":\"publish\",\"id\":1,\"replace\":1}",
    "{\"op\":\"capabilities\",\"id\":1,\"contact\":\"AQID\"}", "{\"op\":\"name\",\"id\":1}",
    "{\"op\":\"name\",\"id\":1,\"name\":7}",
    "{\"op\":\"tickets\",\"id\":1}", "{\"op\":\"tickets\",\"id\":1,\"count\":0}", "{\"op\":\"tickets\",\"id\":1,\"count\":17}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      int64_t id = 0;

      g_test_message ("%s", bad[i]);
      g_assert_null (tess_request_parse (bad[i], strlen (bad[i]), &id, &error));
      g_assert_true (error->domain == TESS_WIRE_ERROR);
      g_assert_cmpint (id, ==, strstr (bad[i], "\"id\":1,") != NULL || strstr (bad[i], "\"id\":1}") != NULL ? 1 : -1);
    }
}

static TessNotice *
echo_notice (const TessNotice *notice)
{
  g_autofree char *text = tess_notice_build (notice);
  g_autoptr (GError) error = NULL;
  TessNotice *read = tess_notice_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_cmpint (read->op, ==, notice->op);
  g_assert_cmpint (read->id, ==, notice->id);
  g_assert_cmpint (read->one_time, ==, notice->one_time);
  g_assert_cmpint (read->code, ==, notice->code);
  g_assert_cmpstr (read->relay, ==, notice->relay);
  g_assert_cmpstr (read->message, ==, notice->message);
  g_assert_true (read->registered == notice->registered);
  g_assert_cmpuint (read->waiting, ==, notice->waiting);
  g_assert_cmpuint (read->acked, ==, notice->acked);
  g_assert_cmpmem (read->nonce, 32, notice->nonce, 32);
  return read;
}

static void
test_notices (void)
{
  g_autoptr (TessNotice) challenge = tess_notice_new (TESS_NOTICE_CHALLENGE);
  g_autoptr (TessNotice) ready = tess_notice_new (TESS_NOTICE_READY);
  g_autoptr (TessNotice) ok = tess_notice_new (TESS_NOTICE_OK);
  g_autoptr (TessNotice) one_time = tess_notice_new (TESS_NOTICE_ONE_TIME);

  challenge->relay = g_strdup ("https://relay.example.org");
  memset (challenge->nonce, 7, sizeof challenge->nonce);
  tess_notice_free (echo_notice (challenge));
  ready->registered = true;
  ready->waiting = 3;
  ready->acked = TESS_JSON_INTEGER_MAX;
  ready->one_time = 100;
  tess_notice_free (echo_notice (ready));
  ok->id = 5;
  tess_notice_free (echo_notice (ok));
  ok->one_time = 25;
  ok->tickets = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (ok->tickets, g_strdup ("ticket"));
  {
    g_autoptr (TessNotice) read = echo_notice (ok);

    g_assert_cmpstr (g_ptr_array_index (read->tickets, 0), ==, "ticket");
  }
  one_time->one_time = 24;
  tess_notice_free (echo_notice (one_time));
  for (TessRelayCode code = 0; code < TESS_CODE_OTHER; code++)
    {
      g_autoptr (TessNotice) error = tess_notice_new (TESS_NOTICE_ERROR);

      error->id = code % 2 ? (int64_t) code : -1;
      error->code = code;
      error->message = g_strdup ("words");
      tess_notice_free (echo_notice (error));
      g_assert_cmpint (tess_relay_code_from_name (tess_relay_code_name (code)), ==, code);
      g_assert_cmpuint (tess_relay_code_status (code), >=, 400);
    }
  g_assert_cmpint (tess_relay_code_from_name ("from the future"), ==, TESS_CODE_OTHER);
  g_assert_cmpint (tess_relay_code_from_name (NULL), ==, TESS_CODE_OTHER);
}

static void
test_notice_faults (void)
{
  static const char *const bad[] = {
    "{}", "{\"op\":\"nonsense\"}", "{\"op\":\"challenge\",\"relay\":\"https://a\"}",
    "{\"op\":\"challenge\",\"nonce\":\"AQID\",\"relay\":\"\"}",
    "{\"op\":\"ready\"}", "{\"op\":\"ready\",\"registered\":1,\"waiting\":0,\"one_time\":0,\"acked\":0}",
    "{\"op\":\"ready\",\"registered\":true,\"waiting\":-1,\"one_time\":0,\"acked\":0}",
    "{\"op\":\"ready\",\"registered\":true,\"waiting\":0,\"one_time\":4294967296,\"acked\":0}", "{\"op\":\"ok\"}",
    "{\"op\":\"ok\",\"id\":\"1\"}", "{\"op\":\"ok\",\"id\":1,\"tickets\":[1]}", "{\"op\":\"error\"}",
    "{\"op\":\"error\",\"code\":\"busy\"}", "{\"op\":\"one_time\"}", "{\"op\":\"one_time\",\"left\":-1}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (tess_notice_parse (bad[i], strlen (bad[i]), &error));
      g_assert_true (error->domain == TESS_WIRE_ERROR);
    }
}

static bool
parse_request (const uint8_t *data, size_t size, void *user)
{
  int64_t id = 0;
  g_autoptr (TessRequest) request = tess_request_parse ((const char *) data, size, &id, NULL);

  return request != NULL;
}

static bool
parse_notice (const uint8_t *data, size_t size, void *user)
{
  g_autoptr (TessNotice) notice = tess_notice_parse ((const char *) data, size, NULL);

  return notice != NULL;
}

static void
test_torment (void)
{
  static const char *const requests[] = {
    "{\"op\":\"tickets\",\"id\":1,\"count\":3}",
    "{\"op\":\"publish\",\"id\":12,\"one_time\":[],\"replace\":true}",
    "{\"op\":\"name\",\"id\":3,\"name\":\"alice\"}",
  };
  static const char *const notices[] = {
    "{\"op\":\"ready\",\"registered\":true,\"waiting\":3,\"one_time\":7,\"acked\":12}",
    "{\"op\":\"ok\",\"id\":3,\"one_time\":9,\"tickets\":[\"a\",\"b\"]}",
    "{\"op\":\"error\",\"id\":3,\"code\":\"stale\",\"message\":\"words\"}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GBytes) request = g_bytes_new_static (requests[i], strlen (requests[i]));
      g_autoptr (GBytes) notice = g_bytes_new_static (notices[i], strlen (notices[i]));

      fixture_torment (request, true, parse_request, NULL);
      fixture_torment (notice, true, parse_notice, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/requests/register", test_register);
  g_test_add_func ("/wire/requests/others", test_others);
  g_test_add_func ("/wire/requests/faults", test_request_faults);
  g_test_add_func ("/wire/requests/notices", test_notices);
  g_test_add_func ("/wire/requests/notice-faults", test_notice_faults);
  g_test_add_func ("/wire/requests/torment", test_torment);
  return g_test_run ();
}
