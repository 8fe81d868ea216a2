/* The JSON scanner and the getters: what is let through keeps the bounds, has no member twice, and is the same after being
 * written and read again. Input: the text. SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "base/tess-limits.h"
#include "wire/tess-json-private.h"
#include "wire/tess-json.h"

#include <math.h>
#include <string.h>

typedef struct {
  unsigned members, values;
  bool endless; /* a number is larger than any that can be written */
} Tally;

static void count (JsonNode *node, unsigned depth, Tally *tally);

static void
count_object (JsonObject *object, unsigned depth, Tally *tally)
{
  g_autoptr (GList) members = json_object_get_members (object);
  unsigned n = json_object_get_size (object);

  g_assert_cmpuint (depth, <=, TESS_JSON_DEPTH_MAX);
  g_assert_cmpuint (n, <=, TESS_JSON_MEMBERS_MAX);
  tally->members += n;
  for (GList *at = members; at != NULL; at = at->next)
    {
      g_assert_true (g_utf8_validate (at->data, -1, NULL));
      count (json_object_get_member (object, at->data), depth + 1, tally);
    }
}

static void
count (JsonNode *node, unsigned depth, Tally *tally)
{
  tally->values++;
  if (JSON_NODE_HOLDS_OBJECT (node))
    count_object (json_node_get_object (node), depth, tally);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_assert_cmpuint (depth, <=, TESS_JSON_DEPTH_MAX);
      for (unsigned i = 0; i < json_array_get_length (array); i++)
        count (json_array_get_element (array, i), depth + 1, tally);
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    g_assert_true (g_utf8_validate (json_node_get_string (node), -1, NULL));
  else if (json_node_get_value_type (node) == G_TYPE_DOUBLE && !isfinite (json_node_get_double (node)))
    tally->endless = true;
}

/* Each member of an object has one colon outside texts: a member that came twice would leave more colons than members. */
static unsigned
count_colons (const uint8_t *text, size_t size)
{
  unsigned colons = 0;
  bool inside = false;

  for (size_t i = 0; i < size; i++)
    {
      if (inside && text[i] == '\\')
        i++;
      else if (text[i] == '"')
        inside = !inside;
      else if (!inside && text[i] == ':')
        colons++;
    }
  return colons;
}

static void
check_getters (JsonObject *object, const char *name)
{
  g_autoptr (GBytes) blob = tess_json_get_blob (object, name, 1, 40, NULL);
  JsonArray *array = tess_json_get_array (object, name, 5, NULL);
  const char *text = NULL;
  uint64_t number = 0;
  uint8_t bytes[16];
  bool truth = false;

  if (tess_json_get_string (object, name, 20, &text, NULL))
    g_assert_cmpuint (strlen (text), <=, 20);
  if (tess_json_get_uint (object, name, 1000, &number, NULL))
    g_assert_cmpuint (number, <=, 1000);
  if (!tess_json_get_bytes (object, name, bytes, sizeof bytes, NULL))
    g_assert_true (fuzz_is_zero (bytes, sizeof bytes));
  if (blob != NULL)
    g_assert_true (g_bytes_get_size (blob) >= 1 && g_bytes_get_size (blob) <= 40);
  if (array != NULL)
    g_assert_cmpuint (json_array_get_length (array), <=, 5);
  for (unsigned i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autoptr (GBytes) element = tess_json_element_blob (array, i, 0, 40, NULL);

      if (tess_json_element_string (array, i, 20, &text, NULL))
        g_assert_cmpuint (strlen (text), <=, 20);
      tess_json_element_object (array, i, NULL);
    }
  if (tess_json_get_bool (object, name, &truth, NULL) || tess_json_get_object (object, name, NULL) != NULL)
    g_assert_true (tess_json_has (object, name));
}

static void
check_same (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = tess_json_parse (text, strlen (text), 16 * TESS_JSON_BYTES_MAX, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = tess_json_to_text (object);
  g_assert_cmpstr (again, ==, text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = tess_json_parse ((const char *) data, size, TESS_JSON_BYTES_MAX, &error);
  g_autofree char *text = NULL;
  Tally tally = { .values = 1 };
  g_autoptr (GList) members = NULL;

  fuzz_check_error (error, object == NULL, TESS_WIRE_ERROR);
  if (object == NULL)
    return 0;
  g_assert_null (tess_json_scan ((const char *) data, size));
  g_assert_true (g_utf8_validate_len ((const char *) data, size, NULL));
  count_object (object, 1, &tally);
  g_assert_cmpuint (tally.values, <=, TESS_JSON_VALUES_MAX);
  g_assert_cmpuint (tally.members, ==, count_colons (data, size));
  members = json_object_get_members (object);
  for (GList *at = members; at != NULL; at = at->next)
    check_getters (object, at->data);
  text = tess_json_to_text (object);
  if (!tally.endless)
    check_same (text);
  return 0;
}
