/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-json.h"

#include <sodium.h>
#include <string.h>

static JsonObject *
parse (const char *text, GError **error)
{
  return tess_json_parse (text, strlen (text), TESS_JSON_BYTES_MAX, error);
}

static void
test_accepted (void)
{
  static const char *const good[] = {
    "{}", " \t\r\n{ } \n", "{\"a\":1}", "{\"a\":[]}", "{\"a\":[1,2,[3,{}]],\"b\":{\"a\":null}}", "{\"\":true,\" \":false}",
    "{\"a\":-0,\"b\":0,\"c\":-1.5e+10,\"d\":1E5,\"e\":0.5}", "{\"a\":9223372036854775807,\"b\":-9223372036854775808}",
    "{\"a\":\"\\u00e9\\ud83d\\ude00\\n\\/\\\\\\\"\"}", "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", "{\"a\":\"\x7f\"}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse (good[i], &error);

      g_test_message ("%s", good[i]);
      g_assert_no_error (error);
      g_assert_nonnull (object);
    }
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "", " ", "[]", "1", "\"a\"", "null", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{a:1}",
    "{'a':1}",
    "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":0x10}", "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":tru}", "{\"a\":True}", "{\"a\":nul", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":[}", "{\"a\":(1)}", "{\"a\":1}}",
    "{\"a\":1}x",
    "{}{}", "{\"a\":1/**/}", "{\"a\":1}//", "#\n{}", "{\"a\":\"", "{\"a\":\"\\\"}", "{\"a\":\"\\x41\"}", "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u000\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":\"\xc0\x80\"}",
    "{\"a\":9223372036854775808}", "{\"a\":-9223372036854775809}", "{\"a\":123456789012345678901234567890}", "\xef\xbb\xbf{}",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"b\":{\"a\":1,\"b\":2,\"a\":3}}", "{\"a\":[{\"x\":1,\"x\":1}]}",
    "{\"\":1,\"\":2}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse (bad[i], &error);

      g_test_message ("%s", bad[i]);
      g_assert_null (object);
      g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED);
    }
  g_assert_null (tess_json_parse ("{\"a\0\":1}", 9, 100, NULL));
  g_assert_null (tess_json_parse ("{}\0", 3, 100, NULL));
}

/* `{"a":[[…]]}` of @depth levels in all. */
static char *
nested (unsigned depth)
{
  g_autofree char *open = g_strnfill (depth - 1, '[');
  g_autofree char *shut = g_strnfill (depth - 1, ']');

  return g_strdup_printf ("{\"a\":%s%s}", open, shut);
}

static void
test_bounds (void)
{
  g_autofree char *deepest = nested (TESS_JSON_DEPTH_MAX);
  g_autofree char *deeper = nested (TESS_JSON_DEPTH_MAX + 1);
  g_autofree char *abyss = nested (200000);
  g_autoptr (JsonObject) object = parse (deepest, NULL);
  g_autoptr (GString) members = g_string_new ("{");
  g_autoptr (GString) values = g_string_new ("{\"a\":[0");
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (object);
  g_assert_null (parse (deeper, NULL));
  g_assert_null (parse (abyss, NULL));
  g_assert_null (tess_json_parse ("{}", 2, 1, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_TOO_LARGE);
  for (unsigned i = 0; i <= TESS_JSON_MEMBERS_MAX; i++)
    g_string_append_printf (members, "%s\"%u\":0", i > 0 ? "," : "", i);
  g_string_append_c (members, '}');
  g_assert_null (parse (members->str, NULL));
  for (unsigned i = 0; i < TESS_JSON_VALUES_MAX; i++)
    g_string_append (values, ",0");
  g_string_append (values, "]}");
  g_assert_null (parse (values->str, NULL));
}

static void
test_getters (void)
{
  static const char text[] = "{\"s\":\"h\\u00e9\",\"i\":42,\"n\":-1,\"d\":1.0,\"b\":true,\"x\":\"AQID\",\"big\":9007199254740992,"
                             "\"z\":null,\"arr\":[\"q\",\"AQID\",{\"k\":1},7],\"o\":{\"k\":2}}";
  g_autoptr (JsonObject) object = parse (text, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) blob = NULL;
  const char *string = NULL;
  uint64_t number = 0;
  bool flag = false;
  uint8_t bytes[3];
  JsonArray *array = NULL;

  g_assert_true (tess_json_get_string (object, "s", 3, &string, NULL));
  g_assert_cmpstr (string, ==, "h\xc3\xa9");
  g_assert_false (tess_json_get_string (object, "s", 2, &string, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (tess_json_get_string (object, "missing", 9, &string, &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED);
  g_assert_null (string);
  g_assert_false (tess_json_get_string (object, "i", 9, &string, NULL));
  g_assert_false (tess_json_get_string (object, "z", 9, &string, NULL));
  g_assert_true (tess_json_get_uint (object, "i", 42, &number, NULL));
  g_assert_cmpuint (number, ==, 42);
  g_assert_false (tess_json_get_uint (object, "i", 41, &number, NULL));
  g_assert_false (tess_json_get_uint (object, "n", UINT64_MAX, &number, NULL));
  g_assert_false (tess_json_get_uint (object, "d", UINT64_MAX, &number, NULL));
  g_assert_false (tess_json_get_uint (object, "b", UINT64_MAX, &number, NULL));
  g_assert_false (tess_json_get_uint (object, "big", UINT64_MAX, &number, NULL));
  g_assert_true (tess_json_get_bool (object, "b", &flag, NULL) && flag);
  g_assert_false (tess_json_get_bool (object, "i", &flag, NULL));
  g_assert_true (tess_json_get_bytes (object, "x", bytes, 3, NULL));
  g_assert_cmpmem (bytes, 3, "\1\2\3", 3);
  g_assert_false (tess_json_get_bytes (object, "x", bytes, 2, NULL));
  g_assert_false (tess_json_get_bytes (object, "s", bytes, 3, NULL));
  blob = tess_json_get_blob (object, "x", 0, 3, NULL);
  g_assert_cmpuint (g_bytes_get_size (blob), ==, 3);
  g_assert_null (tess_json_get_blob (object, "x", 4, 9, NULL));
  g_assert_null (tess_json_get_blob (object, "x", 0, 2, NULL));
  g_assert_null (tess_json_get_array (object, "arr", 3, NULL));
  g_assert_null (tess_json_get_array (object, "o", 3, NULL));
  array = tess_json_get_array (object, "arr", 4, NULL);
  g_assert_nonnull (array);
  g_assert_true (tess_json_element_string (array, 0, 1, &string, NULL));
  g_assert_false (tess_json_element_string (array, 3, 1, &string, NULL));
  g_assert_nonnull (tess_json_element_object (array, 2, NULL));
  g_assert_null (tess_json_element_object (array, 0, NULL));
  g_assert_nonnull (tess_json_get_object (object, "o", NULL));
  g_assert_null (tess_json_get_object (object, "arr", NULL));
  g_assert_true (tess_json_has (object, "i") && !tess_json_has (object, "z") && !tess_json_has (object, "missing"));
}

static void
test_build (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonObject) read = NULL;
  g_autofree char *text = NULL;
  const char *string = NULL;

  json_object_set_string_member (object, "text", "line\nquote\" back\\ \xf0\x9f\x98\x80 \x01");
  tess_json_set_bytes (object, "empty", NULL, 0);
  text = tess_json_to_text (object);
  read = parse (text, NULL);
  g_assert_true (tess_json_get_string (read, "text", 100, &string, NULL));
  g_assert_cmpstr (string, ==, "line\nquote\" back\\ \xf0\x9f\x98\x80 \x01");
  g_assert_true (tess_json_get_string (read, "empty", 0, &string, NULL));
}

static bool
parse_json (const uint8_t *data, size_t size, void *user)
{
  g_autoptr (JsonObject) object = tess_json_parse ((const char *) data, size, TESS_JSON_BYTES_MAX, NULL);
  g_autofree char *text = object != NULL ? tess_json_to_text (object) : NULL;

  return object != NULL;
}

static void
test_torment (void)
{
  static const char text[] = "{\"op\":\"register\",\"id\":7,\"a\":[1,-2.5e3,\"\\ud83d\\ude00\",{\"b\":null,\"c\":[true,false]}],"
                             "\"text\":\"caf\xc3\xa9 \\u0041\\n\"}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);

  fixture_torment (bytes, true, parse_json, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/json/accepted", test_accepted);
  g_test_add_func ("/wire/json/refused", test_refused);
  g_test_add_func ("/wire/json/bounds", test_bounds);
  g_test_add_func ("/wire/json/getters", test_getters);
  g_test_add_func ("/wire/json/build", test_build);
  g_test_add_func ("/wire/json/torment", test_torment);
  return g_test_run ();
}
