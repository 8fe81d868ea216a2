/* The engine's names at relays: looking somebody up, and being found (protocol.md 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tess-i18n.h"
#include "base/tess-text.h"
#include "core/tess-engine-private.h"
#include "core/tess-supervisor.h"
#include "net/tess-directory.h"
#include "wire/tess-address.h"

#include <string.h>

typedef struct {
  char *name;
  char *origin;
} LookUp;

static void
look_up_free (gpointer data)
{
  LookUp *self = data;

  g_free (self->name);
  g_free (self->origin);
  g_free (self);
}

/* What stands before the last "@" of @text, in small letters, and behind it; NULL when the first is no name. */
static char *
split (const char *text, const char **relay_out)
{
  g_autofree char *name = NULL;
  const char *at = strrchr (text, '@');

  if (at == NULL || at - text > TESS_DIRECTORY_NAME_MAX + 64)
    return NULL;
  name = g_ascii_strdown (text, at - text);
  g_strchug (name);
  *relay_out = at + 1;
  return tess_directory_prefix_check (name) ? g_steal_pointer (&name) : NULL;
}

gboolean
tess_engine_is_name (const char *text)
{
  const char *relay;
  g_autofree char *name = split (text, &relay);
  g_autofree char *origin = name != NULL ? tess_origin_from_typed (relay, NULL) : NULL;

  return origin != NULL;
}

/* What the relay tells, as the engine does. */
static GPtrArray *
people_of (const GPtrArray *names)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) tess_found_person_free);

  for (guint i = 0; i < names->len; i++)
    {
      const TessDirectoryName *name = g_ptr_array_index (names, i);
      g_autoptr (TessAddress) address = tess_address_parse (name->address, NULL);
      TessFoundPerson *person = g_new0 (TessFoundPerson, 1);

      person->name = g_strdup (name->name);
      person->address = g_strdup (name->address);
      person->key_text = tess_base32_encode (address->account, sizeof address->account);
      g_ptr_array_add (people, person);
    }
  return people;
}

/* Who has claimed a name that begins so, or in words why nobody is found. */
static GPtrArray *
look_around (const LookUp *self, GError **error)
{
  g_autoptr (TessInfo) info = dex_await_boxed (tess_directory_get_info (self->origin), error);
  GPtrArray *names = NULL;

  if (info == NULL)
    return NULL;
  if (info->directory_none)
    {
      g_set_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND,
                   /* Translators: %s is the name of a relay */
                   _("The relay %s keeps no names. Ask your contact for their code or link."), tess_origin_host (self->origin));
      return NULL;
    }
  if (info->directory_list)
    names = dex_await_boxed (tess_directory_get_names (self->origin, self->name, true), error);
  if (names != NULL && names->len > 0)
    return names;
  g_clear_pointer (&names, g_ptr_array_unref);
  if (error == NULL || *error == NULL)
    g_set_error (error, TESS_CORE_ERROR, TESS_CORE_ERROR_NOT_FOUND,
                 /* Translators: %1$s is what was looked for, %2$s the name of a relay */
                 _("Nobody at %2$s is called “%1$s”."), self->name, tess_origin_host (self->origin));
  return NULL;
}

static DexFuture *
run_look_up (gpointer data)
{
  LookUp *self = data;
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GError) missing = NULL;
  GError *error = NULL;

  if (tess_directory_name_check (self->name))
    names = dex_await_boxed (tess_directory_get_names (self->origin, self->name, false), &missing);
  if (names == NULL && missing != NULL && !g_error_matches (missing, TESS_NET_ERROR, TESS_NET_ERROR_NOT_FOUND))
    return dex_future_new_for_error (tess_core_error_take (g_steal_pointer (&missing)));
  if (names == NULL)
    names = look_around (self, &error);
  if (names == NULL)
    return dex_future_new_for_error (tess_core_error_take (error));
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, people_of (names));
}

DexFuture *
tess_engine_look_up (TessEngine *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  const char *relay;
  LookUp *look_up;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  name = split (text, &relay);
  if (name == NULL)
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_ADDRESS, "%s",
                                  _("This is not a name at a relay, such as “bob@relay.example.org”."));
  look_up = g_new0 (LookUp, 1);
  look_up->name = g_steal_pointer (&name);
  look_up->origin = tess_origin_from_typed (relay, &error);
  if (look_up->origin != NULL)
    return tess_core_call (run_look_up, look_up, look_up_free);
  look_up_free (look_up);
  return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_RELAY, "%s", _(error->message));
}

DexFuture *
tess_engine_add_found (TessEngine *self, const TessFoundPerson *person)
{
  TessIntent *intent;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  intent = tess_intent_new (0);
  intent->address = tess_address_parse (person->address, NULL);
  intent->text = g_strdup (person->name);
  return tess_engine_perform (self, tess_intent_add, intent, tess_engine_tell_conversation);
}

/* Being found. */

const char *
tess_engine_get_directory_name (TessEngine *self)
{
  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  return self->core->directory_name != NULL ? self->core->directory_name : "";
}

typedef struct {
  TessEngine *engine;
  char *name; /* "": none any more */
} Claim;

static void
claim_free (gpointer data)
{
  Claim *self = data;

  g_object_unref (self->engine);
  g_free (self->name);
  g_free (self);
}

static DexFuture *
run_claim (gpointer data)
{
  Claim *claim = data;
  g_autoptr (TessCore) core = tess_core_ref (claim->engine->core);
  GError *error = NULL;

  if (!tess_supervisor_claim (core->supervisor, claim->name, &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
tess_engine_claim_name (TessEngine *self, const char *name)
{
  Claim *claim;

  g_return_val_if_fail (TESS_IS_ENGINE (self), NULL);
  if (name != NULL && *name != '\0' && !tess_directory_name_check (name))
    return dex_future_new_reject (TESS_CORE_ERROR, TESS_CORE_ERROR_BAD_NAME, "%s",
                                  _("A name to be found by has 3 to 32 small letters, digits, “-” and “_”, and begins with a "
                                    "letter or digit."));
  claim = g_new0 (Claim, 1);
  claim->engine = g_object_ref (self);
  claim->name = g_strdup (name != NULL ? name : "");
  return tess_core_call (run_claim, claim, claim_free);
}
