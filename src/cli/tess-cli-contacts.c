/* Other people: look-up, add, contacts, devices, safety-number, verify. SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tess-cli.h"

#include "base/tess-limits.h"
#include "cli/tess-cli-output.h"
#include "qr/tess-qr.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* How long `verify` tries to tell the contact at once. */
#define VERIFY_FLUSH_TIMEOUT 10
#define SAFETY_DIGITS 60
#define SAFETY_GROUP 5

static const char *
trust_name (TessTrust trust)
{
  switch (trust)
    {
    case TESS_TRUST_VERIFIED:
      return "verified";
    case TESS_TRUST_ALARM:
      return "alarm";
    case TESS_TRUST_CHANGED:
      return "changed";
    case TESS_TRUST_UNVERIFIED:
    default:
      return "unverified";
    }
}

static bool
print_contact (TessCli *self, TessConversation *conversation)
{
  TessContact *contact = tess_conversation_get_contact (conversation);
  g_autofree char *name = tess_cli_clean (tess_contact_get_name (contact), NULL);
  g_autofree char *text = NULL;
  JsonBuilder *json;

  if (!self->options->json)
    {
      text = g_strdup_printf ("%s  (%s%s%s, %u unread)  %.8s…", name, trust_name (tess_contact_get_trust (contact)),
                              tess_contact_get_accepted (contact) ? "" : ", a request",
                              tess_contact_get_blocked (contact) ? ", blocked" : "",
                              tess_conversation_get_unread (conversation), tess_contact_get_key_text (contact));
      return tess_cli_print (text);
    }
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "name", tess_contact_get_name (contact));
  tess_cli_json_text (json, "key", tess_contact_get_key_text (contact));
  tess_cli_json_text (json, "address", tess_contact_get_address (contact));
  tess_cli_json_text (json, "trust", trust_name (tess_contact_get_trust (contact)));
  tess_cli_json_bool (json, "accepted", tess_contact_get_accepted (contact));
  tess_cli_json_bool (json, "blocked", tess_contact_get_blocked (contact));
  tess_cli_json_bool (json, "self", tess_contact_get_is_self (contact));
  tess_cli_json_text (json, "nickname", tess_contact_get_nickname (contact));
  tess_cli_json_bool (json, "pinned", tess_conversation_get_pinned (conversation));
  tess_cli_json_bool (json, "muted", tess_conversation_get_muted (conversation));
  tess_cli_json_bool (json, "archived", tess_conversation_get_archived (conversation));
  tess_cli_json_int (json, "unread", tess_conversation_get_unread (conversation));
  return tess_cli_print_json (json);
}

static bool
print_found (TessCli *self, const TessFoundPerson *person)
{
  g_autofree char *text = g_strdup_printf ("%s  (unverified)  %s", person->name, person->address);
  JsonBuilder *json;

  if (!self->options->json)
    return tess_cli_print (text);
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "name", person->name);
  tess_cli_json_text (json, "key", person->key_text);
  tess_cli_json_text (json, "address", person->address);
  tess_cli_json_text (json, "trust", trust_name (TESS_TRUST_UNVERIFIED));
  return tess_cli_print_json (json);
}

/* Who is found by @text; NULL with @error. */
static GPtrArray *
look_up (TessCli *self, const char *text, GError **error)
{
  g_autoptr (DexFuture) future = tess_engine_look_up (self->engine, text);

  if (!tess_cli_wait (self, dex_ref (future), tess_cli_timeout (self, TESS_CLI_TIMEOUT), error))
    return NULL;
  return dex_await_boxed (dex_ref (future), error);
}

int
tess_cli_look_up (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) people = look_up (self, self->options->arguments[0], &error);

  if (people == NULL)
    return tess_cli_fail (error);
  for (guint i = 0; i < people->len; i++)
    if (!print_found (self, g_ptr_array_index (people, i)))
      return TESS_CLI_FAILED;
  return TESS_CLI_DONE;
}

/* Adds whom the relay tells of; it must be one, who has just this name. */
static TessConversation *
add_by_name (TessCli *self, const char *text, GError **error)
{
  g_autoptr (GPtrArray) people = look_up (self, text, error);
  const TessFoundPerson *person = people != NULL ? g_ptr_array_index (people, 0) : NULL;

  if (person == NULL)
    return NULL;
  if (people->len > 1 || g_ascii_strncasecmp (text, person->name, strlen (person->name)) != 0
      || text[strlen (person->name)] != '@')
    {
      g_set_error_literal (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND,
                           _("Nobody is called so there, but others have names that begin so: see look-up."));
      return NULL;
    }
  tess_cli_complain (_("The relay says that this is them; nothing proves it. Verify before you trust it."));
  return dex_await_object (tess_engine_add_found (self->engine, person), error);
}

/* By an address this needs no relay: the other side hears of it with the first message. */
int
tess_cli_add (TessCli *self)
{
  g_autofree char *address = tess_cli_text (self, self->options->arguments[0], TESS_QR_TEXT_MAX);
  g_autoptr (TessConversation) conversation = NULL;
  g_autoptr (GError) error = NULL;

  if (address == NULL)
    return TESS_CLI_FAILED;
  g_strstrip (address);
  conversation = tess_engine_is_name (address) ? add_by_name (self, address, &error)
                                               : dex_await_object (tess_engine_add_contact (self->engine, address), &error);
  if (conversation == NULL)
    return tess_cli_fail (error);
  return print_contact (self, conversation) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

int
tess_cli_contacts (TessCli *self)
{
  GListModel *conversations = tess_engine_get_everyone (self->engine);

  for (guint i = 0; i < g_list_model_get_n_items (conversations); i++)
    {
      g_autoptr (TessConversation) conversation = g_list_model_get_item (conversations, i);

      if (!print_contact (self, conversation))
        return TESS_CLI_FAILED;
    }
  return TESS_CLI_DONE;
}

static bool
print_device (TessCli *self, const TessContactDevice *device)
{
  g_autofree char *seen = tess_cli_time (device->seen, self->options->json);
  g_autofree char *added = device->added != 0 ? tess_cli_time (device->added, self->options->json) : g_strdup ("");
  g_autofree char *text = NULL;
  JsonBuilder *json;

  if (!self->options->json)
    {
      text = g_strdup_printf ("%u  %.8s…  (%s%s%sseen %s)", device->number, device->key, *added != '\0' ? "added " : "", added,
                              *added != '\0' ? ", " : "", seen);
      return tess_cli_print (text);
    }
  json = tess_cli_json_new ();
  tess_cli_json_int (json, "number", device->number);
  tess_cli_json_text (json, "device", device->key);
  tess_cli_json_text (json, "added", added);
  tess_cli_json_text (json, "seen", seen);
  return tess_cli_print_json (json);
}

int
tess_cli_devices (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  devices = dex_await_boxed (tess_engine_load_devices (self->engine, conversation), &error);
  if (devices == NULL)
    return tess_cli_fail (error);
  for (guint i = 0; i < devices->len; i++)
    if (!print_device (self, g_ptr_array_index (devices, i)))
      return TESS_CLI_FAILED;
  return TESS_CLI_DONE;
}

/* The digits in groups of five, as they are read aloud. */
static char *
grouped (const char *digits)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < SAFETY_DIGITS && digits[i] != '\0'; i++)
    {
      if (i > 0 && i % SAFETY_GROUP == 0)
        g_string_append_c (text, i % (SAFETY_DIGITS / 2) == 0 ? '\n' : ' ');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

int
tess_cli_safety_number (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *digits = NULL;
  g_autofree char *text = NULL;
  JsonBuilder *json;

  if (conversation == NULL)
    return TESS_CLI_FAILED;
  digits = dex_await_string (tess_engine_safety_number (self->engine, conversation), &error);
  if (digits == NULL)
    return tess_cli_fail (error);
  text = grouped (digits);
  if (!self->options->json)
    return tess_cli_print (text) ? TESS_CLI_DONE : TESS_CLI_FAILED;
  json = tess_cli_json_new ();
  tess_cli_json_text (json, "safety_number", digits);
  return tess_cli_print_json (json) ? TESS_CLI_DONE : TESS_CLI_FAILED;
}

/* The code to compare with: typed, read or in a picture. */
static char *
the_code (TessCli *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) texts = NULL;
  char *code;

  if (self->options->code != NULL)
    return tess_cli_text (self, self->options->code, TESS_QR_TEXT_MAX);
  texts = tess_qr_read_file (self->options->image, &error);
  code = texts != NULL ? tess_qr_pick ((const char *const *) texts, "tessera:", &error) : NULL;
  if (code == NULL)
    tess_cli_fail (error);
  return code;
}

static int
tell_result (TessCli *self, TessVerifyResult result)
{
  static const struct {
    const char *word;
    const char *sentence;
    int code;
  } answers[] = {
    [TESS_VERIFY_MATCH] = { "match", N_("The code matches: this contact is verified."), TESS_CLI_DONE },
    [TESS_VERIFY_MISMATCH] = { "mismatch",
                               N_("THE CODE DOES NOT MATCH. This chat does not use the key of whoever showed the code: somebody "
                                  "may read along. Nothing more is sent to this contact until you verify again."),
                               TESS_CLI_FAILED },
    [TESS_VERIFY_OWN_CODE] = { "own-code", N_("This is your own code; theirs is needed."), TESS_CLI_FAILED },
    [TESS_VERIFY_NO_SECRET] = { "no-secret",
                                N_("The key fits, but this is an address and not a code made for scanning: nothing was marked."),
                                TESS_CLI_FAILED },
    [TESS_VERIFY_OTHER_RELAY] = { "other-relay",
                                  N_("The key fits, but this code names another relay than the chat uses: nothing was marked. If "
                                     "they have moved, add the address first."),
                                  TESS_CLI_FAILED },
  };

  if (self->options->json)
    {
      JsonBuilder *json = tess_cli_json_new ();

      tess_cli_json_text (json, "result", answers[result].word);
      tess_cli_print_json (json);
    }
  else if (answers[result].code == TESS_CLI_DONE)
    tess_cli_print (_(answers[result].sentence));
  if (answers[result].code != TESS_CLI_DONE)
    tess_cli_complain (_(answers[result].sentence));
  return answers[result].code;
}

int
tess_cli_verify (TessCli *self)
{
  TessConversation *conversation = tess_cli_contact (self);
  g_autofree char *code = conversation != NULL ? the_code (self) : NULL;
  g_autoptr (DexFuture) future = NULL;
  g_autoptr (GError) error = NULL;
  int result;

  if (code == NULL)
    return TESS_CLI_FAILED;
  future = tess_engine_verify_code (self->engine, conversation, code);
  result = dex_await_int (dex_ref (future), &error);
  if (error != NULL)
    return tess_cli_fail (error);
  if (result == TESS_VERIFY_MATCH && !tess_cli_wait (self, tess_engine_flush (self->engine),
                                                      tess_cli_timeout (self, VERIFY_FLUSH_TIMEOUT), &error))
    tess_cli_complain (_("They will hear of it when the relays can be reached."));
  return tell_result (self, (TessVerifyResult) result);
}
