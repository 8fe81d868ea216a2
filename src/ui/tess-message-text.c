/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tess-message-text.h"

#include "ui/tess-duration.h"
#include "ui/tess-ui-text.h"

#include <glib/gi18n.h>

gboolean
tess_message_text_is_text (TessMessage *message)
{
  return g_str_equal (tess_message_get_kind (message), "text");
}

const char *
tess_message_text_deleted (TessMessage *message)
{
  return tess_message_get_outgoing (message) ? _("You deleted this message") : _("This message was deleted");
}

const char *
tess_message_text_delivery (TessMessage *message)
{
  TessDelivery delivery = tess_message_get_delivery (message);

  if (!tess_message_get_deleted (message))
    return tess_text_delivery (delivery);
  return delivery == TESS_DELIVERY_FAILED ? C_("message state", "not deleted on the other side") : "";
}

char *
tess_message_text_expiry (TessMessage *message)
{
  guint seconds = tess_message_get_expires_after (message);
  g_autofree char *words = NULL;

  if (seconds == 0)
    return NULL;
  words = tess_duration_words (seconds);
  if (tess_message_get_outgoing (message))
    /* Translators: %s is a length of time: "1 hour" */
    return g_strdup_printf (C_("message", "disappears %s after it was sent"), words);
  /* Translators: %s is a length of time: "1 hour" */
  return g_strdup_printf (C_("message", "disappears %s after you have seen it"), words);
}

const char *
tess_message_text_reply_name (TessMessage *message, const char *name)
{
  /* Without its text it is not known whose it was. */
  if (*tess_message_get_reply_text (message) == '\0')
    return "";
  return tess_message_get_reply_outgoing (message) ? C_("writer of a quoted message", "You") : name;
}

const char *
tess_message_text_reply (TessMessage *message)
{
  const char *text = tess_message_get_reply_text (message);

  return *text != '\0' ? text : C_("a quoted message", "A message that is not here any more");
}

char *
tess_message_text_reaction (const char *emoji, const char *name)
{
  if (name == NULL)
    /* Translators: %s is an emoji */
    return g_strdup_printf (C_("reaction", "%s from you"), emoji);
  /* Translators: an emoji, and a contact's name */
  return g_strdup_printf (C_("reaction", "%1$s from %2$s"), emoji, name);
}

char *
tess_message_text_reactions (TessMessage *message, const char *name)
{
  const char *own = tess_message_get_own_reaction (message), *theirs = tess_message_get_their_reaction (message);

  if (*own == '\0' && *theirs == '\0')
    return NULL;
  if (*theirs == '\0')
    return tess_message_text_reaction (own, NULL);
  if (*own == '\0')
    return tess_message_text_reaction (theirs, name);
  if (g_str_equal (own, theirs))
    /* Translators: an emoji, and a contact's name */
    return g_strdup_printf (C_("reaction", "%1$s from you and %2$s"), own, name);
  /* Translators: an emoji, a contact's name, the person's own emoji */
  return g_strdup_printf (C_("reaction", "%1$s from %2$s, %3$s from you"), theirs, name, own);
}

static void
add (GString *sentence, const char *part)
{
  if (part == NULL || *part == '\0')
    return;
  /* Translators: joins the parts of what a screen reader says of a message, or of a chat in the list */
  g_string_append (sentence, C_("screen reader", ", "));
  g_string_append (sentence, part);
}

/* When it was written, and what it answers. */
static char *
make_when (TessMessage *message)
{
  g_autofree char *clock = tess_text_clock (tess_message_get_time (message));

  if (*tess_message_get_reply_to (message) == '\0' || tess_message_get_deleted (message))
    return g_steal_pointer (&clock);
  /* Translators: of a message, as a screen reader says it: its time, and the beginning of the message that it answers */
  return g_strdup_printf (C_("screen reader", "%1$s, in reply to “%2$s”"), clock, tess_message_text_reply (message));
}

char *
tess_message_text_sentence (TessMessage *message, const char *name)
{
  g_autofree char *when = NULL, *text = NULL, *expiry = tess_message_text_expiry (message);
  g_autofree char *reactions = tess_message_text_reactions (message, name);
  const char *body = tess_message_get_body (message);
  GString *sentence = g_string_new (NULL);

  if (!tess_message_text_is_text (message))
    {
      text = tess_text_notice (message, name);
      when = tess_text_clock (tess_message_get_time (message));
      /* Translators: a notice in a chat, as a screen reader says it: time, text */
      g_string_append_printf (sentence, C_("screen reader", "%1$s: %2$s"), when, text);
      add (sentence, tess_message_text_delivery (message));
      return g_string_free (sentence, FALSE);
    }
  when = make_when (message);
  text = tess_message_get_deleted (message) ? g_strdup (tess_message_text_deleted (message))
                                            : g_strndup (body, tess_text_cut (body) - body);
  if (tess_message_get_outgoing (message))
    /* Translators: an own message, as a screen reader says it: time, text. Its state follows after a comma */
    g_string_append_printf (sentence, C_("screen reader", "You, %1$s: %2$s"), when, text);
  else
    /* Translators: a message of somebody else, as a screen reader says it: name, time, text */
    g_string_append_printf (sentence, C_("screen reader", "%1$s, %2$s: %3$s"), name, when, text);
  if (tess_message_get_edited (message) && !tess_message_get_deleted (message))
    add (sentence, C_("message", "edited"));
  add (sentence, tess_message_text_delivery (message));
  if (tess_message_get_deleted (message))
    return g_string_free (sentence, FALSE);
  add (sentence, reactions);
  add (sentence, expiry);
  return g_string_free (sentence, FALSE);
}
