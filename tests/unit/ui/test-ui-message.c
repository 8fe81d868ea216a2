/* A row of a chat as a screen reader says it: one sentence that leaves nothing out. SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tess-entities.h"
#include "ui/tess-message-text.h"

#include <locale.h>

#define ID "000102030405060708090a0b0c0d0e0f"
#define AT_10_32 ((10 * 60 + 32) * 60 * 1000)

static TessMessageData
row (const char *body, bool outgoing)
{
  return (TessMessageData){ .row = 1,
                            .id = (char *) ID,
                            .body = (char *) body,
                            .kind = (char *) "text",
                            .time = AT_10_32,
                            .outgoing = outgoing,
                            .delivery = outgoing ? TESS_DELIVERY_READ : TESS_DELIVERY_NONE,
                            .failure = (char *) "",
                            .reply_to = (char *) "",
                            .reply_text = (char *) "",
                            .own_reaction = (char *) "",
                            .their_reaction = (char *) "" };
}

static void
assert_sentence (const TessMessageData *data, const char *wanted)
{
  g_autoptr (TessMessage) message = tess_message_new (data);
  g_autofree char *sentence = tess_message_text_sentence (message, "Bob");

  g_assert_cmpstr (sentence, ==, wanted);
}

static void
test_plain (void)
{
  TessMessageData theirs = row ("Hello", false), own = row ("Hi", true);

  assert_sentence (&theirs, "Bob, 10:32: Hello");
  assert_sentence (&own, "You, 10:32: Hi, read");
  own.delivery = TESS_DELIVERY_FAILED;
  assert_sentence (&own, "You, 10:32: Hi, not sent");
}

static void
test_marks (void)
{
  TessMessageData data = row ("See you", true);

  data.edited = true;
  data.expires_after = 3600;
  data.own_reaction = (char *) "👍";
  data.their_reaction = (char *) "🏺";
  assert_sentence (&data, "You, 10:32: See you, edited, read, 🏺 from Bob, 👍 from you, disappears 1 hour after it was sent");
  data.their_reaction = (char *) "👍";
  data.expires_after = 0;
  assert_sentence (&data, "You, 10:32: See you, edited, read, 👍 from you and Bob");
}

static void
test_reply (void)
{
  TessMessageData data = row ("Saturday", false);
  g_autoptr (TessMessage) here = NULL, gone = NULL;

  data.reply_to = (char *) ID;
  gone = tess_message_new (&data);
  assert_sentence (&data, "Bob, 10:32, in reply to “A message that is not here any more”: Saturday");
  g_assert_cmpstr (tess_message_text_reply_name (gone, "Bob"), ==, "");
  data.reply_text = (char *) "When?";
  data.reply_outgoing = true;
  here = tess_message_new (&data);
  assert_sentence (&data, "Bob, 10:32, in reply to “When?”: Saturday");
  g_assert_cmpstr (tess_message_text_reply_name (here, "Bob"), ==, "You");
}

/* Of a deleted one nothing is left but that, and whether the other side could not be told. */
static void
test_deleted (void)
{
  TessMessageData data = row ("", false);

  data.deleted = data.edited = true;
  data.reply_to = (char *) ID;
  data.their_reaction = (char *) "👍";
  assert_sentence (&data, "Bob, 10:32: This message was deleted");
  data.outgoing = true;
  data.delivery = TESS_DELIVERY_READ;
  assert_sentence (&data, "You, 10:32: You deleted this message");
  data.delivery = TESS_DELIVERY_FAILED;
  assert_sentence (&data, "You, 10:32: You deleted this message, not deleted on the other side");
}

static void
test_notices (void)
{
  TessMessageData data = row ("3600", false);

  data.kind = (char *) "timer";
  assert_sentence (&data, "10:32: \u2068Bob\u2069 set new messages to disappear 1 hour after they were seen.");
  data.kind = (char *) "timer-own";
  data.body = (char *) "0";
  assert_sentence (&data, "10:32: You turned disappearing messages off.");
}

int
main (int argc, char *argv[])
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/message/plain", test_plain);
  g_test_add_func ("/ui/message/marks", test_marks);
  g_test_add_func ("/ui/message/reply", test_reply);
  g_test_add_func ("/ui/message/deleted", test_deleted);
  g_test_add_func ("/ui/message/notices", test_notices);
  return g_test_run ();
}
