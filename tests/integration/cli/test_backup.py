# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup, and everything else lost: the account goes on from it on a new device, and whoever knew it is told."""
import re
import shutil
import signal
import time

from clitest import DONE, FAILED, UNREACHABLE, USAGE, CliTest, Person, main

CODE = re.compile(r"^\d{5}( \d{5}){5}$")
PASSPHRASE = "a passphrase for the backup"


class BackupTest(CliTest):
    def setUp(self):
        super().setUp()
        self.server = self.relay()
        self.file = self.folder / "backup.tessera"

    def back_up(self, person, file=None):
        code = person.do("backup", file or self.file).strip()
        self.assertRegex(code, CODE)
        return code

    def newcomer(self, name):
        """Another profile, in which nothing is yet."""
        self.profiles = getattr(self, "profiles", 0) + 1
        return Person(self, f"{name}-{self.profiles}")

    def restore(self, name, code, file=None, **more):
        person = self.newcomer(name)
        person.address = person.do("restore", file or self.file, given=code + "\n", **more).strip()
        return person

    def contact(self, person, other):
        return next(one for one in person.json("contacts") if one["key"] == other.address.split("/")[2])

    def verified(self, one, other):
        """Each has scanned the other."""
        for scanner, shown in ((one, other), (other, one)):
            code = shown.do("code").strip()
            self.assertEqual(scanner.json("verify", shown.address, "--code", code)[0]["result"], "match")
            shown.do("receive")
        for person in (one, other, one):
            person.do("receive")
        self.assertEqual(self.contact(one, other)["trust"], "verified")

    def bodies(self, person, other):
        return [message["body"] for message in person.history(other.address) if message["kind"] == "text"]


class Moved(BackupTest):
    def test_everything_comes_back_and_goes_on(self):
        alice, bob = self.friends(self.server, "Alice", "Bob")
        carol = self.person("Carol", self.server)
        bob.do("add", carol.address)
        bob.do("block", carol.address)
        bob.do("note", "to myself")
        bob.do("nickname", alice.address, "Ally")
        bob.do("pin", alice.address, "on")
        alice.do("send", bob.address, "from alice")
        bob.do("receive")
        bob.do("send", alice.address, "from bob")
        alice.do("receive")
        self.verified(alice, bob)
        first = next(message for message in bob.history(alice.address) if message["body"] == "from alice")
        own = next(message for message in bob.history(alice.address) if message["body"] == "from bob")
        bob.do("react", alice.address, first["id"], "👍")
        alice.do("receive")
        before = bob.history(alice.address)
        code = self.back_up(bob)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertRegex(bob.json("status")[0]["backup"], r"^\d{4}-")

        old, bob = bob, self.restore("Bob", code)
        self.assertEqual(bob.address, old.address)
        self.assertEqual(bob.history(alice.address), before)
        entry = self.contact(bob, alice)
        self.assertEqual((entry["trust"], entry["nickname"], entry["pinned"]), ("verified", "Ally", True))
        self.assertTrue(self.contact(bob, carol)["blocked"])
        self.assertEqual(bob.json("search", "myself")[0]["excerpt"].count("to"), 1)
        bob.do("receive")

        # Alice is told, and nothing of hers goes to the new device before she has said yes.
        alice.do("receive")
        self.assertEqual(self.contact(alice, bob)["trust"], "changed")
        self.assertIn("changed", [message["kind"] for message in alice.history(bob.address)])
        alice.fails("send", bob.address, "too early")
        self.assertEqual(alice.json("verify", bob.address, "--code", bob.do("code").strip())[0]["result"], "match")
        bob.do("receive")
        self.assertEqual([device["number"] for device in alice.json("devices", bob.address)], [2])

        # Both ways: a text, an answer to and an edit of what was there before.
        alice.do("send", bob.address, "to the new one")
        self.assertEqual([message["body"] for message in bob.json("receive")], ["to the new one"])
        bob.do("send", alice.address, "from the new one")
        bob.do("reply", alice.address, first["id"], "an answer to an old one")
        bob.do("edit", alice.address, own["id"], "from bob, edited later")
        self.assertEqual([message["body"] for message in alice.json("receive")], ["from the new one", "an answer to an old one"])
        self.assertIn("from bob, edited later", self.bodies(alice, bob))
        self.assertNotIn("from bob", self.bodies(alice, bob))
        alice.do("receive")
        bob.do("receive")
        sent = next(message for message in bob.history(alice.address) if message["body"] == "from the new one")
        self.assertEqual(sent["delivery"], "read")

        # The old device says what has become of it, and neither gets mail nor its place back.
        self.assertIn("another device", old.json("status", "--timeout", "5", code=FAILED)[0]["state"])
        old.fails("send", alice.address, "from the old one", says="another device")
        alice.do("send", bob.address, "once more")
        self.assertEqual([message["body"] for message in bob.json("receive")], ["once more"])
        self.assertEqual(self.contact(alice, bob)["trust"], "verified")

    def test_unverified_is_told_and_not_stopped(self):
        alice, bob = self.friends(self.server, "Alice", "Bob")
        bob.do("send", alice.address, "hello")
        alice.do("receive")
        alice.do("send", bob.address, "hello yourself")
        code = self.back_up(bob)
        bob.do("receive")
        shutil.rmtree(bob.profile)
        bob = self.restore("Bob", code)
        bob.do("receive")
        alice.do("receive")
        alice.do("send", bob.address, "anybody there?")
        bob.do("receive")
        alice.do("receive")
        got = self.bodies(bob, alice)
        self.assertIn("anybody there?", got)
        self.assertEqual(self.contact(alice, bob)["trust"], "unverified")
        self.assertIn("changed", [message["kind"] for message in alice.history(bob.address)])
        bob.do("send", alice.address, "here I am")
        self.assertIn("here I am", [message["body"] for message in alice.json("receive")])

    def test_passphrase(self):
        alice, bob = self.friends(self.server, "Alice", "Bob")
        self.assertEqual(bob.do("backup", "--passphrase", self.file, given=PASSPHRASE), "")
        other = self.newcomer("Bob")
        other.fails("restore", self.file, given="another", says="not the passphrase")
        other.fails("address", says="no account")
        self.assertEqual(other.do("restore", self.file, given=PASSPHRASE + "\n").strip(), bob.address)
        other.fails("restore", self.file, given=PASSPHRASE, says="an account in this profile")
        self.assertEqual(other.json("status")[0]["name"], "Bob")

    def test_under_a_passphrase(self):
        """A profile whose keys are under a passphrase, not in the keyring: they are put under it at the next opening."""
        bob = self.person("Bob", self.server)
        code = self.back_up(bob)
        other = self.newcomer("Bob")
        other.passphrase = "of the profile"
        self.assertEqual(other.do("restore", self.file, given=code).strip(), bob.address)
        keys = (other.profile / "keys").read_bytes()
        self.assertEqual(other.do("address").strip(), bob.address)
        self.assertNotEqual((other.profile / "keys").read_bytes(), keys)
        self.assertEqual(other.do("address").strip(), bob.address)
        self.assertTrue(other.json("status")[0]["online"])


class Stale(BackupTest):
    def test_older_than_the_newest_device(self):
        """The first backup is restored twice: the second time the relay knows a newer list."""
        alice, bob = self.friends(self.server, "Alice", "Bob")
        bob.do("send", alice.address, "hello")
        alice.do("receive")
        code = self.back_up(bob)
        second = self.restore("Bob", code)
        second.do("receive")
        alice.do("receive")
        third = self.restore("Bob", code)
        third.do("receive")
        alice.do("receive")
        self.assertEqual([device["number"] for device in alice.json("devices", bob.address)], [3])
        third.do("send", alice.address, "from the third")
        self.assertEqual([message["body"] for message in alice.json("receive")][-1:], ["from the third"])
        for old in (bob, second):
            self.assertIn("another device", old.do("--json", "status", "--timeout", "5", code=FAILED))
        self.assertTrue(third.json("status")[0]["online"])

    def test_after_the_address_was_renewed(self):
        """What the backup knows as capabilities is not what the relay has any more: the new list goes by without a look."""
        bob = self.person("Bob", self.server)
        code = self.back_up(bob)
        second = self.restore("Bob", code)
        second.do("renew-address")
        third = self.restore("Bob", code)
        self.assertTrue(third.json("status")[0]["online"])


class Ended(BackupTest):
    def fill(self, person, count=40):
        for number in range(count):
            person.do("note", f"number {number} " + "x" * 25000)

    def leftovers(self, folder):
        return [path.name for path in folder.iterdir() if path.name.startswith(".tessera-backup-")]

    def test_killed_while_writing(self):
        bob = self.person("Bob", self.server)
        self.fill(bob)
        self.file.write_bytes(b"what was there before")
        for _ in range(6):
            process = bob.start("backup", self.file)
            process.stdout.readline()
            time.sleep(self.random.uniform(0, 1.2))
            process.kill()
            process.wait()
            if self.file.read_bytes()[:8] == b"TESSBKUP":
                break
            self.assertEqual(self.file.read_bytes(), b"what was there before")
        code = self.back_up(bob)
        self.assertEqual(self.restore("Bob", code).address, bob.address)

    def test_killed_while_restoring(self):
        bob = self.person("Bob", self.server)
        self.fill(bob)
        code, other = self.back_up(bob), self.newcomer("Bob")
        for _ in range(8):
            process = other.start("restore", self.file, stdin=-1)
            process.stdin.write(code.encode())
            process.stdin.close()
            process.stdin = None
            time.sleep(self.random.uniform(0.1, 1.5))
            process.kill()
            process.wait()
            got, _, errors = other.run("address")
            if got == DONE:
                break
            self.assertIn("no account", errors)
        got, _, errors = other.run("restore", self.file, given=code)
        if got != DONE:
            self.assertIn("an account in this profile", errors)
            if other.run("address")[0] != DONE:
                other.do("register", "--name", "Bob", "--relay", self.server.origin)
        self.assertEqual(other.do("address").strip(), bob.address)
        self.assertEqual(len(other.json("search", "number", "--limit", "100")), 40)

    def test_interrupted(self):
        bob = self.person("Bob", self.server)
        self.file.write_bytes(b"what was there before")
        process = bob.start("backup", self.file)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
        if process.returncode == FAILED:
            self.assertIn("stopped", errors.decode())
            self.assertIn("no backup", errors.decode())
            self.assertEqual(self.file.read_bytes(), b"what was there before")
        self.assertEqual(self.leftovers(self.folder), [])

    def test_not_reached(self):
        """The relay is away: what was restored waits for it."""
        bob = self.person("Bob", self.server)
        code, other = self.back_up(bob), self.newcomer("Bob")
        self.server.end(signal.SIGKILL)
        reason = other.fails("restore", self.file, given=code, code=UNREACHABLE)
        self.assertIn(f"register --name 'Bob' --relay {self.server.origin}", reason)
        other.fails("address", says="no account")
        other.fails("restore", self.file, given=code, says="an account in this profile")
        self.server.start()
        other.do("register", "--name", "Bob", "--relay", self.server.origin)
        self.assertEqual(other.do("address").strip(), bob.address)


class Refused(BackupTest):
    def test_files(self):
        bob = self.person("Bob", self.server)
        code = self.back_up(bob)
        data, other = self.file.read_bytes(), self.newcomer("Bob")
        bad = self.folder / "bad"
        for content, says in ((b"", "no backup"), (b"TESSBKUP", "no backup"), (b"no backup at all" * 100, "no backup"),
                              (data[:-1], "damaged"), (data + b"\0", "damaged"), (data[:89], "damaged"),
                              (data[:8] + b"\2" + data[9:], "newer"), (data[:9] + b"\xff" + data[10:], "damaged")):
            bad.write_bytes(content)
            other.fails("restore", bad, given=code, says=says)
        other.fails("restore", self.folder / "nothing", given=code, says="no such file")
        other.fails("restore", self.folder, given=code, says="cannot be read")
        other.fails("restore", self.file, given="1" + code if code[0] != "1" else "2" + code[1:], says="not the passphrase")
        bob.fails("restore", self.file, given=code, says="an account in this profile")
        other.do("restore", self.file, given=code.replace(" ", ""))

    def test_places(self):
        bob = self.person("Bob", self.server)
        place = self.folder / "place"
        bob.fails("backup", place / "nowhere" / "file", says="cannot be written")
        place.mkdir()
        bob.fails("backup", place, says="cannot be written")
        bob.fails("backup", "/dev/null", says="cannot be written")
        self.assertEqual(list(place.iterdir()), [])
        bob.fails("backup", self.file, "--passphrase", given="", says="empty")
        self.assertFalse(self.file.exists())
        bob.fails("backup", code=USAGE)
        with open("/dev/full", "w", encoding="utf-8") as full:
            bob.fails("backup", self.file, stdout=full, says="could not be printed")
        self.assertFalse(self.file.exists())


if __name__ == "__main__":
    main()
