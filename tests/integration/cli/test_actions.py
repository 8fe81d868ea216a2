# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to messages, over a real relay: both sides show the same."""
import time

from clitest import FAILED, USAGE, CliTest, main


class Actions(CliTest):
    def pair(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        alice.do("send", bob.address, "hello")
        bob.do("receive")
        bob.do("send", "Alice", "hello")
        alice.do("receive")
        return alice, bob

    def both(self, alice, bob, text):
        """The newest message with this text, as either sees it."""
        alice.do("receive")
        bob.do("receive")
        return [[message for message in who.history(whom.name) if message["body"] == text][-1]
                for who, whom in ((alice, bob), (bob, alice))]

    def say(self, alice, bob, text):
        alice.do("send", "Bob", text)
        bob.do("receive")
        return bob.history("Alice")[-1]["id"]

    def test_reply_edit_react(self):
        alice, bob = self.pair()
        first = self.say(alice, bob, "frist")
        bob.do("reply", "Alice", first, "what?")
        alice.do("edit", "Bob", first, "first")
        bob.do("react", "Alice", first, "👍")
        here, there = self.both(alice, bob, "first")
        self.assertEqual((here["id"], there["id"]), (first, first))
        self.assertTrue(here["edited"] and there["edited"])
        self.assertEqual((here["their_reaction"], there["own_reaction"]), ("👍", "👍"))
        self.assertEqual(alice.history("Bob")[-1]["reply_to"], first)
        bob.do("react", "Alice", first, "")
        here, there = self.both(alice, bob, "first")
        self.assertEqual((here["their_reaction"], there["own_reaction"]), ("", ""))

    def test_delete(self):
        alice, bob = self.pair()
        first = self.say(alice, bob, "regretted")
        second = self.say(alice, bob, "kept by Bob")
        alice.do("delete", "Bob", first, "--for-everyone")
        alice.do("delete", "Bob", second)
        bob.do("receive")
        self.assertEqual([(m["body"], m["deleted"]) for m in bob.history("Alice") if m["id"] in (first, second)],
                         [("", True), ("kept by Bob", False)])
        self.assertEqual([(m["body"], m["deleted"]) for m in alice.history("Bob") if m["id"] in (first, second)], [("", True)])
        bob.fails("delete", "Alice", second, "--for-everyone", code=FAILED)

    def test_refused(self):
        alice, bob = self.pair()
        first = self.say(alice, bob, "text")
        alice.fails("edit", "Bob", "0" * 32, "x", says="no such message")
        bob.fails("edit", "Alice", first, "x")
        alice.fails("edit", "Bob", first, "")
        alice.fails("react", "Bob", first, "ok", says="emoji")
        alice.fails("timer", "Bob", "-1", code=USAGE)
        alice.fails("timer", "Bob", "31622401", code=USAGE)
        alice.fails("typing", "Bob", "maybe", code=USAGE)

    def test_timer(self):
        alice, bob = self.pair()
        alice.do("timer", "Bob", "1")
        bob.do("receive")
        self.assertEqual([(m["kind"], m["body"]) for m in bob.history("Alice")][-1], ("timer", "1"))
        bob.do("send", "Alice", "soon gone")
        self.assertEqual(bob.history("Alice")[-1]["expires_after"], 1)
        time.sleep(1.1)
        self.assertNotIn("soon gone", bob.sent("Alice"))
        # Her second begins when she reads it: here, when receive has printed it.
        self.assertIn("soon gone", alice.do("receive"))
        time.sleep(1.1)
        self.assertNotIn("soon gone", alice.received("Bob"))
        bob.do("typing", "Alice", "on")
        alice.do("receive")


if __name__ == "__main__":
    main()
