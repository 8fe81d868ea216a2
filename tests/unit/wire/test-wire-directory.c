/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-fixtures.h"
#include "wire/tess-address.h"
#include "wire/tess-directory-json.h"

#include <sodium.h>
#include <string.h>

static void
test_info (void)
{
  TessInfo info = { (char *) "A Relay", (char *) "0.1.0", 65536, 10000, 268435456, 30, true, false, false, 104857600, 30 };
  g_autofree char *text = tess_info_build (&info);
  g_autoptr (GError) error = NULL;
  g_autoptr (TessInfo) read = tess_info_parse (text, strlen (text), &error);
  g_autoptr (TessInfo) copy = NULL;

  g_assert_no_error (error);
  copy = tess_info_copy (read);
  g_assert_cmpstr (copy->name, ==, "A Relay");
  g_assert_cmpstr (copy->version, ==, "0.1.0");
  g_assert_cmpuint (copy->envelope_bytes, ==, 65536);
  g_assert_cmpuint (copy->mailbox_envelopes, ==, 10000);
  g_assert_cmpuint (copy->mailbox_bytes, ==, 268435456);
  g_assert_cmpuint (copy->mailbox_days, ==, 30);
  g_assert_cmpuint (copy->blob_bytes, ==, 104857600);
  g_assert_cmpuint (copy->blob_days, ==, 30);
  g_assert_true (copy->registration_open && !copy->directory_list);
  info.name = (char *) "\xe2\x80\xaeliar\n";
  g_clear_pointer (&text, g_free);
  g_clear_pointer (&read, tess_info_free);
  text = tess_info_build (&info);
  read = tess_info_parse (text, strlen (text), &error);
  g_assert_cmpstr (read->name, ==, "liar");
}

static void
test_names (void)
{
  static const char *const good[] = { "bob", "a-b", "0_0", "abcdefghijklmnopqrstuvwxyz012345" };
  static const char *const bad[] = { "", "bo", "Bob", "bob ", "-bob", "_bob", "b.b", "b/b", "b\xc3\xb6",
                                     "abcdefghijklmnopqrstuvwxyz0123456" };
  TessDirectoryName name = { (char *) "bob", (char *) "TESSERA:1/X" };
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *one = tess_directory_name_build (&name);
  g_autofree char *all = NULL;

  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (tess_directory_name_check (good[i]));
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (tess_directory_name_check (bad[i]));
  g_assert_false (tess_directory_name_check (NULL) || tess_directory_prefix_check (NULL));
  g_assert_true (tess_directory_prefix_check ("b"));
  g_assert_false (tess_directory_prefix_check ("") || tess_directory_prefix_check ("%") || tess_directory_prefix_check ("-"));
  g_assert_cmpstr (one, ==, "{\"name\":\"bob\",\"address\":\"TESSERA:1/X\"}");
  g_ptr_array_add (names, &name);
  all = tess_directory_names_build (names, true);
  g_assert_cmpstr (all, ==, "{\"names\":[{\"name\":\"bob\",\"address\":\"TESSERA:1/X\"}],\"more\":true}");
}

/* What a relay tells of names: those that were asked for, at its own address, and nothing else. */
static void
test_names_told (void)
{
  g_autoptr (GError) error = NULL;
  uint8_t capability[TESS_CAPABILITY_SIZE] = { 1 };
  FixtureKey key = fixture_key (7);
  g_autoptr (TessAddress) here = tess_address_new ("https://relay.example", key.public, capability);
  g_autofree char *address = tess_address_to_string (here);
  TessDirectoryName bob = { (char *) "bob", address }, bonnie = { (char *) "bonnie", address };
  g_autofree char *one = tess_directory_name_build (&bob);
  g_autoptr (GPtrArray) both = g_ptr_array_new (), told = NULL, listed = NULL;
  g_autofree char *all = NULL;

  g_ptr_array_add (both, &bob);
  g_ptr_array_add (both, &bonnie);
  all = tess_directory_names_build (both, false);
  told = tess_directory_name_parse (one, strlen (one), "https://relay.example", "bob", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((TessDirectoryName *) told->pdata[0])->address, ==, address);
  listed = tess_directory_names_parse (all, strlen (all), "https://relay.example", "bo", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 2);
  g_assert_null (tess_directory_name_parse (one, strlen (one), "https://other.example", "bob", &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (tess_directory_name_parse (one, strlen (one), "https://relay.example", "rob", &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (tess_directory_names_parse (all, strlen (all), "https://relay.example", "bob", &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (tess_directory_names_parse (one, strlen (one), "https://relay.example", "bob", &error));
  g_assert_error (error, TESS_WIRE_ERROR, TESS_WIRE_ERROR_MALFORMED);
}

static void
test_info_faults (void)
{
  static const char *const bad[] = {
    "", "<html></html>", "{}", "{\"name\":\"x\",\"version\":\"1\"}",
    "{\"protocols\":[2],\"name\":\"x\",\"version\":\"1\",\"limits\":{\"envelope_bytes\":1,"
    "\"mailbox_envelopes\":1,\"mailbox_bytes\":1,"
    "\"mailbox_days\":1},\"policies\":{\"registration\":\"open\",\"directory\":\"exact\"}}",
    "{\"protocols\":[1],\"name\":\"x\",\"version\":\"1\",\"limits\":{\"envelope_bytes\":1},"
    "\"policies\":{\"registration\":\"open\",\"directory\":\"exact\"}}",
    "{\"protocols\":[1],\"name\":\"x\",\"version\":\"1\",\"limits\":[],\"policies\":{}}",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (tess_info_parse (bad[i], strlen (bad[i]), NULL));
}

typedef struct {
  FixtureKey account;
  FixtureKey devices[3];
  TessBundleEntry entries[3];
  GBytes *list;
} Bundle;

static void
bundle_clear (Bundle *self)
{
  g_bytes_unref (self->list);
  for (unsigned i = 0; i < 3; i++)
    {
      g_bytes_unref (self->entries[i].prekey);
      g_clear_pointer (&self->entries[i].one_time, g_bytes_unref);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bundle, bundle_clear)

/* Two listed devices and, as the third, a stranger. */
static void
bundle_init (Bundle *self)
{
  self->account = fixture_key (1);
  self->list = fixture_device_list_bytes (&self->account, 2);
  for (unsigned i = 0; i < 3; i++)
    {
      self->devices[i] = fixture_key ((uint8_t) (100 + i));
      memcpy (self->entries[i].device, self->devices[i].public, TESS_KEY_SIZE);
      self->entries[i].prekey = fixture_prekey_bytes (&self->devices[i]);
    }
  self->entries[1].one_time = fixture_one_time_bytes (&self->devices[1], 9);
}

static TessBundle *
bundle_read (Bundle *self, unsigned count, int64_t now, GError **error)
{
  g_autofree char *text = tess_bundle_build (self->list, self->entries, count);

  return tess_bundle_parse (text, strlen (text), self->account.public, now, error);
}

static void
test_bundle (void)
{
  g_auto (Bundle) bundle = { 0 };
  g_autoptr (TessBundle) read = NULL;
  g_autoptr (TessBundle) same = NULL;
  g_autoptr (GError) error = NULL;

  bundle_init (&bundle);
  read = bundle_read (&bundle, 2, FIXTURE_NOW, &error);
  g_assert_no_error (error);
  same = tess_bundle_ref (read);
  g_assert_true (g_bytes_equal (read->device_list, bundle.list));
  g_assert_cmpuint (read->count, ==, 2);
  g_assert_cmpuint (read->devices[0].number, ==, 1);
  g_assert_cmpmem (read->devices[1].device, 32, bundle.devices[1].public, 32);
  g_assert_true (!read->devices[0].has_one_time && read->devices[1].has_one_time && !read->devices[0].expired);
  g_assert_cmpuint (read->devices[1].one_time.id, ==, 9);
  g_assert_cmpuint (read->devices[1].prekey.spk_id, ==, 11);
}

static void
test_bundle_expired (void)
{
  g_auto (Bundle) bundle = { 0 };
  g_autoptr (TessBundle) read = NULL;

  bundle_init (&bundle);
  read = bundle_read (&bundle, 2, FIXTURE_NOW + 15 * 86400, NULL);
  g_assert_cmpuint (read->count, ==, 2);
  g_assert_true (read->devices[0].expired && read->devices[1].expired);
}

static void
assert_bundle_fault (Bundle *bundle, unsigned count, int fault)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bundle_read (bundle, count, FIXTURE_NOW, &error));
  g_assert_error (error, TESS_WIRE_ERROR, fault);
}

static void
test_bundle_lies (void)
{
  g_auto (Bundle) bundle = { 0 };
  FixtureKey other = fixture_key (2);
  uint8_t kept[TESS_KEY_SIZE];
  GBytes *good = NULL;

  bundle_init (&bundle);
  /* A device that the account never listed. */
  assert_bundle_fault (&bundle, 3, TESS_WIRE_ERROR_VALUE);
  /* Another account's list. */
  good = bundle.list;
  bundle.list = fixture_device_list_bytes (&other, 2);
  assert_bundle_fault (&bundle, 2, TESS_WIRE_ERROR_VALUE);
  g_bytes_unref (bundle.list);
  bundle.list = good;
  /* A device twice; records of another device. */
  memcpy (kept, bundle.entries[1].device, TESS_KEY_SIZE);
  memcpy (bundle.entries[1].device, bundle.entries[0].device, TESS_KEY_SIZE);
  assert_bundle_fault (&bundle, 2, TESS_WIRE_ERROR_VALUE);
  memcpy (bundle.entries[1].device, kept, TESS_KEY_SIZE);
  g_bytes_unref (bundle.entries[1].one_time);
  bundle.entries[1].one_time = fixture_one_time_bytes (&bundle.devices[0], 9);
  assert_bundle_fault (&bundle, 2, TESS_WIRE_ERROR_VALUE);
  /* A record that carries a foreign signature. */
  {
    uint8_t *data = g_memdup2 (g_bytes_get_data (bundle.entries[0].prekey, NULL), TESS_PREKEY_RECORD_SIZE);

    data[TESS_PREKEY_RECORD_SIZE - 1] ^= 1;
    g_bytes_unref (bundle.entries[0].prekey);
    bundle.entries[0].prekey = g_bytes_new_take (data, TESS_PREKEY_RECORD_SIZE);
  }
  assert_bundle_fault (&bundle, 2, TESS_WIRE_ERROR_SIGNATURE);
}

static bool
parse_bundle (const uint8_t *data, size_t size, void *user)
{
  Bundle *bundle = user;
  g_autoptr (TessBundle) read = tess_bundle_parse ((const char *) data, size, bundle->account.public, FIXTURE_NOW, NULL);

  /* Spelling may differ (a space more); what was signed may not. */
  if (read != NULL)
    {
      g_assert_true (g_bytes_equal (read->device_list, bundle->list));
      for (unsigned i = 0; i < read->count; i++)
        g_assert_cmpuint (read->devices[i].prekey.spk_id, ==, 11);
    }
  return read != NULL;
}

static void
test_torment (void)
{
  g_auto (Bundle) bundle = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  char *text = NULL;

  bundle_init (&bundle);
  text = tess_bundle_build (bundle.list, bundle.entries, 1);
  bytes = g_bytes_new_take (text, strlen (text));
  fixture_torment (bytes, true, parse_bundle, &bundle);
}

static void
test_http_error (void)
{
  g_autofree char *text = tess_http_error_build (TESS_CODE_SLOW_DOWN, "later");
  g_autofree char *message = NULL;

  g_assert_cmpint (tess_http_error_parse (text, strlen (text), &message), ==, TESS_CODE_SLOW_DOWN);
  g_assert_cmpstr (message, ==, "later");
  g_clear_pointer (&message, g_free);
  g_assert_cmpint (tess_http_error_parse ("<html>", 6, &message), ==, TESS_CODE_OTHER);
  g_assert_null (message);
  g_assert_cmpint (tess_http_error_parse ("{\"error\":{\"code\":1,\"message\":\"\"}}", 35, &message), ==, TESS_CODE_OTHER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wire/directory/info", test_info);
  g_test_add_func ("/wire/directory/info-faults", test_info_faults);
  g_test_add_func ("/wire/directory/names", test_names);
  g_test_add_func ("/wire/directory/names-told", test_names_told);
  g_test_add_func ("/wire/directory/bundle", test_bundle);
  g_test_add_func ("/wire/directory/bundle-expired", test_bundle_expired);
  g_test_add_func ("/wire/directory/bundle-lies", test_bundle_lies);
  g_test_add_func ("/wire/directory/torment", test_torment);
  g_test_add_func ("/wire/directory/http-error", test_http_error);
  return g_test_run ();
}
