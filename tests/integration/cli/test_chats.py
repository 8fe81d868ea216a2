# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to whole chats, notes to oneself, and looking for something."""
import datetime

from clitest import FAILED, USAGE, CliTest, main


class Chats(CliTest):
    def pair(self, relay=None):
        alice, bob = self.friends(relay or self.relay(), "Alice", "Bob")
        alice.do("send", bob.address, "the heron lands")
        bob.do("receive")
        bob.do("send", "Alice", "which heron?")
        alice.do("receive")
        return alice, bob

    def contact(self, person, name):
        return [one for one in person.json("contacts") if one["name"] == name][0]

    def test_block(self):
        alice, bob = self.pair()
        alice.do("block", "Bob")
        self.assertTrue(self.contact(alice, "Bob")["blocked"])
        self.assertIn("blocked", alice.do("contacts"))
        alice.fails("send", "Bob", "hello?", code=FAILED, says="blocked")
        bob.do("send", "Alice", "never seen")
        self.assertEqual(alice.do("receive"), "")
        alice.do("unblock", "Bob")
        bob.do("send", "Alice", "seen again")
        self.assertIn("seen again", alice.do("receive"))
        self.assertNotIn("never seen", alice.received("Bob"))
        bob.do("receive")
        self.assertEqual({m["body"]: m["delivery"] for m in bob.history("Alice") if m["outgoing"]},
                         {"which heron?": "read", "never seen": "on-relay", "seen again": "read"})

    def test_delete_chat(self):
        alice, bob = self.pair()
        alice.do("delete-chat", "Bob")
        self.assertEqual(alice.history("Bob"), [])
        self.assertEqual(alice.json("search", "heron"), [])
        self.assertEqual(len(bob.json("search", "heron")), 2)
        alice.do("send", "Bob", "anew")
        bob.do("receive")
        self.assertIn("anew", bob.received("Alice"))
        self.assertEqual(alice.sent("Bob"), ["anew"])

    def test_stranger(self):
        relay = self.relay()
        alice, carol = self.person("Alice", relay), self.person("Carol", relay)
        carol.do("add", alice.address)
        carol.do("send", alice.address, "buy my heron")
        alice.do("receive")
        self.assertEqual(len(alice.json("search", "heron")), 1)
        stranger = alice.json("contacts")[0]["key"]
        alice.do("block", stranger)
        self.assertEqual(alice.json("search", "heron"), [])
        alice.do("delete-chat", stranger)
        carol.do("send", alice.address, "buy it now")
        self.assertEqual(alice.do("receive"), "")
        # Who is blocked stays known as that, and can be unblocked; then nothing is left of them.
        alice.do("unblock", stranger)
        alice.do("delete-chat", stranger)
        self.assertEqual(alice.json("contacts"), [])

    def test_renewed_address(self):
        relay = self.relay()
        alice, bob = self.pair(relay)
        old, carol = alice.address, self.person("Carol", relay)
        new = alice.json("renew-address")[0]["address"]
        self.assertEqual(new.split("/")[:3], old.split("/")[:3])
        self.assertNotEqual(new, old)
        self.assertEqual(alice.do("address").strip(), new)
        bob.do("send", "Alice", "still a friend")
        self.assertIn("still a friend", alice.do("receive"))
        carol.do("add", old)
        carol.run("send", old, "buy my heron", "--timeout", "5")
        self.assertEqual(alice.do("receive"), "")
        carol.do("add", new)
        carol.do("send", new, "may I?")
        alice.do("receive")
        self.assertEqual(len(alice.json("search", "may")), 1)

    def test_renewed_offline(self):
        relay = self.relay()
        alice, carol = self.person("Alice", relay), self.person("Carol", relay)
        old = alice.address
        relay.stop()
        new = alice.do("renew-address", "--timeout", "1").strip()
        relay.start()
        alice.do("receive")
        carol.do("add", old)
        carol.run("send", old, "buy my heron", "--timeout", "5")
        self.assertEqual(alice.do("receive"), "")
        carol.do("add", new)
        carol.do("send", new, "may I?")
        alice.do("receive")
        self.assertEqual(len(alice.json("search", "may")), 1)

    def test_notes_and_search(self):
        alice, _ = self.pair()
        alice.do("note", "Crème brûlée for the heron")
        hits = alice.json("search", "HER bru")
        self.assertEqual([hit["excerpt"] for hit in hits], ["Crème \2brûlée\3 for the \2heron\3"])
        self.assertEqual([one["self"] for one in alice.json("contacts")].count(True), 1)
        self.assertEqual(len(alice.json("search", "heron")), 3)
        self.assertEqual(alice.json("search", "heron", "--limit", "1"), alice.json("search", "heron")[:1])
        self.assertIn("You to Bob: the heron lands", alice.do("search", "lands"))
        # A hit's id is the message's.
        landed = alice.json("search", "lands")[0]["id"]
        alice.do("edit", "Bob", landed, "the stork lands")
        self.assertEqual(alice.json("search", "heron lands"), [])
        self.assertEqual(alice.json("search", "stor")[0]["id"], landed)
        for hostile in ('"', "heron*", "NEAR (a b)", "a AND", "', --", "\\", "x" * 10000, "!!!", "*"):
            alice.do("search", "--", hostile)

    def test_devices(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        self.assertEqual(alice.do("devices", bob.address), "")
        start = datetime.datetime.now(datetime.timezone.utc)
        alice.do("send", bob.address, "hello")
        bob.do("receive")
        for person, friend in ((alice, bob.address), (bob, "Alice")):
            device, = person.json("devices", friend)
            self.assertEqual((device["number"], device["added"], len(device["device"])), (1, "", 52))
            seen = datetime.datetime.fromisoformat(device["seen"])
            self.assertLessEqual(abs(seen - start), datetime.timedelta(minutes=5))
        self.assertRegex(bob.do("devices", "Alice"), r"^1  [A-Z2-7]{8}…  \(seen \d{4}-\d\d-\d\d \d\d:\d\d\)\n$")
        alice.fails("devices", "Nobody", says="no such contact")

    def test_names_and_flags(self):
        alice, _ = self.pair()
        alice.do("nickname", "Bob", "Robert")
        self.assertEqual(self.contact(alice, "Robert")["nickname"], "Robert")
        alice.fails("nickname", "Robert", "a\nb")
        alice.fails("send", "Bob", "x", says="no such contact")
        alice.do("nickname", "Robert", "")
        alice.do("note", "newer than Bob's chat")
        for flag, member in (("pin", "pinned"), ("mute", "muted"), ("archive", "archived")):
            alice.fails(flag, "Bob", "maybe", code=USAGE)
            alice.do(flag, "Bob", "on")
            self.assertTrue(self.contact(alice, "Bob")[member])
        self.assertEqual(alice.json("contacts")[0]["name"], "Bob")
        for flag, member in (("pin", "pinned"), ("mute", "muted"), ("archive", "archived")):
            alice.do(flag, "Bob", "off")
            self.assertFalse(self.contact(alice, "Bob")[member])
        self.assertTrue(alice.json("contacts")[0]["self"])


if __name__ == "__main__":
    main()
