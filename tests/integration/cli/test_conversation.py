# SPDX-License-Identifier: GPL-3.0-or-later
"""People who talk: what two profiles and a relay do when nothing is wrong."""
import json
import re
import subprocess
import unittest

from clitest import DONE, FAILED, USAGE, CliTest, main

COMMANDS = ("register", "address", "code", "add", "contacts", "send", "receive", "history", "safety-number", "verify", "status")


class Usage(CliTest):
    def test_help(self):
        alice = self.person("Alice")
        out = alice.do("--help")
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", out)
            self.assertIn(f"tessera-cli {command} ", alice.do(command, "--help"))
        self.assertFalse(alice.profile.exists())
        self.assertTrue(alice.do("--version").startswith("tessera-cli "))

    def test_wrong_usage(self):
        alice = self.person("Alice")
        for words in ((), ("frobnicate",), ("send",), ("send", "Bob"), ("send", "Bob", "a", "b"), ("address", "x"),
                      ("register",), ("register", "--name", "Alice"), ("verify", "Bob"),
                      ("verify", "Bob", "--code", "x", "--image", "y"), ("receive", "--timeout", "soon"),
                      ("receive", "--timeout", "-5"), ("address", "--follow"), ("history", "Bob", "--limit", "-1"),
                      ("--passphrase-fd", "x", "address"), ("--nonsense", "address"), ("send", b"\xff\xfe".decode("latin1"),)):
            with self.subTest(words):
                errors = alice.fails(*words, code=USAGE)
                self.assertIn("--help", errors)
        self.assertFalse(alice.profile.exists())

    def test_arguments_that_are_no_text(self):
        alice = self.person("Alice")
        command = [word.encode() for word in alice.command("send")] + [b"Bob", b"\xff\xfe"]
        done = subprocess.run(command, env=alice.env, capture_output=True, timeout=20, check=False)
        self.assertEqual(done.returncode, USAGE)

    def test_no_account(self):
        alice = self.person("Alice")
        for words in (("address",), ("contacts",), ("send", "Bob", "hello"), ("receive",), ("status",), ("code",)):
            with self.subTest(words):
                alice.fails(*words, says="register")
        self.assertFalse(alice.profile.exists())


class Conversation(CliTest):
    def test_two_people(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        self.assertRegex(alice.address, r"^TESSERA:1/127\.0\.0\.1:\d+/[A-Z2-7]{52}/[A-Z2-7]{26}$")
        alice.do("send", bob.address, "Hello Bob")
        out = bob.do("receive")
        self.assertRegex(out, r"Alice: Hello Bob\n$")
        self.assertEqual(bob.do("receive"), "")
        self.assertEqual(bob.json("send", "Alice", "Hello Alice")[0]["delivery"], "on-relay")
        [message] = alice.json("receive")
        self.assertEqual((message["contact"], message["body"], message["kind"], message["outgoing"]),
                         ("Bob", "Hello Alice", "text", False))
        self.assertRegex(message["id"], r"^[0-9a-f]{32}$")
        alice.do("send", "Bob", "third")
        bob.do("receive")
        alice.do("receive")
        self.assertEqual([(m["body"], m["outgoing"]) for m in alice.history("Bob")],
                         [("Hello Bob", True), ("Hello Alice", False), ("third", True)])
        self.assertEqual([(m["body"], m["outgoing"]) for m in bob.history("Alice")],
                         [("Hello Bob", False), ("Hello Alice", True), ("third", False)])
        self.assertIn(alice.history("Bob")[0]["delivery"], ("delivered", "read"))
        self.assertEqual([m["body"] for m in bob.json("history", "Alice", "--limit", "2")], ["Hello Alice", "third"])

    def test_names_arrive_with_the_first_message(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        self.assertEqual(bob.json("contacts")[0]["name"], alice.address.split("/")[2][:8])
        alice.do("send", bob.address, "hello")
        bob.do("receive")
        alice.do("receive")
        self.assertEqual(alice.json("contacts")[0]["name"], "Bob")
        [contact] = bob.json("contacts")
        self.assertEqual((contact["name"], contact["trust"], contact["accepted"]), ("Alice", "unverified", True))

    def test_two_relays(self):
        one, other = self.relay(), self.relay()
        alice, bob = self.person("Alice", one), self.person("Bob", other)
        alice.do("add", bob.address)
        alice.do("send", bob.address, "across")
        [contact] = [c for _ in bob.json("receive") for c in bob.json("contacts")]
        self.assertFalse(contact["accepted"])
        bob.do("send", "Alice", "and back")
        self.assertTrue(bob.json("contacts")[0]["accepted"])
        self.assertEqual([m["body"] for m in alice.json("receive")], ["and back"])

    def test_offline_receiver(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        bodies = [f"message {i}" for i in range(12)]
        for body in bodies:
            alice.do("send", bob.address, body)
        self.assertEqual([m["body"] for m in bob.json("receive")], bodies)

    def test_three_people(self):
        alice, bob, carol = self.friends(self.relay(), "Alice", "Bob", "Carol")
        alice.do("send", bob.address, "to Bob")
        carol.do("send", bob.address, "from Carol")
        alice.do("send", carol.address, "to Carol")
        self.assertEqual({(m["contact"], m["body"]) for m in bob.json("receive")}, {("Alice", "to Bob"), ("Carol", "from Carol")})
        self.assertEqual([m["body"] for m in carol.json("receive")], ["to Carol"])

    def test_follow(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        process = bob.start("--json", "receive", "--follow")
        for i in range(3):
            alice.do("send", bob.address, f"live {i}")
            self.assertEqual(json.loads(process.stdout.readline())["body"], f"live {i}")
        process.terminate()
        self.assertEqual(process.wait(15), DONE)
        self.assertEqual(bob.do("receive"), "")
        self.assertEqual(bob.do("receive", "--follow", "--timeout", "1"), "")

    def test_mail_that_came_during_another_command(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        alice.do("send", bob.address, "while you write")
        bob.do("send", alice.address, "I write")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["while you write"])

    def test_texts(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        texts = ["-", "--json", "ünïcödé 世界 🎉", "two\nlines", "x" * 30000, "  spaces  ", '"quotes" \\ and {json: [1]}']
        for text in texts:
            alice.do("send", bob.address, "-", given=text + "\n")
        alice.do("send", bob.address, "--", "--follow")
        self.assertEqual([m["body"] for m in bob.json("receive")], texts + ["--follow"])

    def test_texts_that_are_refused(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        for text in (b"", b"\n", b"\xff\xfe\n", b"x" * 40000, b"a\0b"):
            with self.subTest(text[:10]):
                alice.fails("send", bob.address, "-", given=text)
        alice.fails("send", bob.address, "")
        self.assertEqual(alice.history(bob.address), [])

    def test_terminal_escapes(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        evil = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u2066 \x9b31m \u200f\r\x08"
        alice.do("send", bob.address, evil)
        for words in (("receive",), ("history", "Alice"), ("--json", "history", "Alice"), ("contacts",)):
            out = bob.do(*words)
            self.assertNotRegex(out.replace("\n", ""), r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
        self.assertEqual(bob.history("Alice")[0]["body"], evil)

    def test_closed_output(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        alice.do("send", bob.address, "not lost")
        process = bob.start("receive")
        process.stdout.close()
        process.stdout = None
        self.assertEqual(process.wait(20), FAILED)
        self.assertRegex(bob.do("receive"), "not lost")

    def test_status(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        [status] = alice.json("status")
        self.assertEqual((status["name"], status["relay"], status["online"], status["contacts"], status["unread"]),
                         ("Alice", relay.origin, True, 1, 0))
        bob.do("send", alice.address, "hello")
        alice.do("receive", "--timeout", "10")
        self.assertIn("Alice at", alice.do("status"))


class Verification(CliTest):
    def setUp(self):
        super().setUp()
        self.alice, self.bob, self.carol = self.friends(self.relay(), "Alice", "Bob", "Carol")
        self.picture = self.folder / "code.png"

    def trust(self, person, other):
        key = other.address.split("/")[2]
        return [c["trust"] for c in person.json("contacts") if c["key"] == key][0]

    def test_safety_numbers(self):
        one = self.alice.json("safety-number", self.bob.address)[0]["safety_number"]
        other = self.bob.json("safety-number", self.alice.address)[0]["safety_number"]
        self.assertRegex(one, r"^\d{60}$")
        self.assertEqual(one, other)
        self.assertNotEqual(one, self.alice.json("safety-number", self.carol.address)[0]["safety_number"])
        text = self.alice.do("safety-number", self.bob.address)
        self.assertRegex(text, r"^(\d{5} ){5}\d{5}\n(\d{5} ){5}\d{5}\n$")
        self.assertEqual(re.sub(r"\s", "", text), one)

    def test_match_by_image(self):
        self.bob.do("code", "--png", self.picture)
        self.assertEqual(self.picture.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.alice.json("verify", self.bob.address, "--image", self.picture), [{"result": "match"}])
        self.assertEqual(self.trust(self.alice, self.bob), "verified")
        self.bob.do("receive")
        self.assertEqual(self.trust(self.bob, self.alice), "unverified")
        self.alice.do("send", self.bob.address, "still works")
        self.assertIn("still works", self.bob.do("receive"))

    def test_one_scan_verifies_both(self):
        self.bob.do("code", "--png", self.picture, "--for", self.alice.address)
        self.alice.do("verify", self.bob.address, "--image", self.picture)
        self.bob.do("receive")
        self.assertEqual(self.trust(self.bob, self.alice), "verified")
        self.assertEqual(self.trust(self.bob, self.carol), "unverified")

    def test_match_by_text(self):
        code = self.bob.do("code").strip()
        self.assertTrue(code.startswith(self.bob.address + "/"))
        self.alice.do("verify", self.bob.address, "--code", "-", given=code.lower() + "\n")
        self.assertEqual(self.trust(self.alice, self.bob), "verified")

    def test_mismatch(self):
        self.carol.do("code", "--png", self.picture)
        errors = self.alice.fails("verify", self.bob.address, "--image", self.picture, says="does not match")
        self.assertIn("Nothing more is sent", errors)
        self.assertEqual(self.trust(self.alice, self.bob), "alarm")
        self.alice.fails("send", self.bob.address, "never sent")
        self.assertEqual(self.bob.do("receive"), "")
        self.assertEqual(self.trust(self.alice, self.carol), "unverified")
        # The right code ends the alarm.
        self.bob.do("code", "--png", self.picture)
        self.alice.do("verify", self.bob.address, "--image", self.picture)
        self.assertEqual(self.trust(self.alice, self.bob), "verified")
        self.alice.do("send", self.bob.address, "sent again")
        self.assertIn("sent again", self.bob.do("receive"))

    def test_what_is_no_code(self):
        self.alice.do("code", "--png", self.picture)
        self.alice.fails("verify", self.bob.address, "--image", self.picture, says="your own")
        self.alice.fails("verify", self.bob.address, "--code", self.bob.address, says="address")
        self.alice.fails("verify", self.bob.address, "--code", "nonsense")
        self.alice.fails("verify", self.bob.address, "--image", self.folder / "missing.png", says="missing.png")
        self.alice.fails("verify", self.bob.address, "--image", self.folder, says="not a file")
        self.picture.write_bytes(b"\x89PNG\r\n\x1a\n but not really")
        self.alice.fails("verify", self.bob.address, "--image", self.picture, says="picture")
        self.picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\x0f\x42\x40\0\x0f\x42\x40\x08\x06\0\0\0" + b"\0" * 100)
        self.alice.fails("verify", self.bob.address, "--image", self.picture)
        self.alice.fails("verify", "Nobody", "--code", "x", says="contact")
        self.assertEqual(self.trust(self.alice, self.bob), "unverified")


if __name__ == "__main__":
    unittest.installHandler()
    main()
