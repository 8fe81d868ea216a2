# SPDX-License-Identifier: GPL-3.0-or-later
"""A keyring that is emptied, changed or gone between two runs: the recovery code brings the keys back, and nothing else does."""
import re
import shutil

from clitest import FAILED, USAGE, CliTest, main
from keyring import Keyring

NO_BUS = "unix:path=/nonexistent/bus"
PASSPHRASE = "a passphrase for later"


class RecoveryTest(CliTest):
    def setUp(self):
        super().setUp()
        self.keyring = Keyring()
        self.server = self.relay()
        self.alice = self.person("Alice", self.server)
        self.database = self.alice.profile / "database"
        self.file = self.alice.profile / "recovery"

    def code(self):
        code = self.alice.do("recovery-code").strip()
        self.assertRegex(code, r"^\d{5}( \d{5}){5}$")
        return code

    def wipe(self):
        self.assertEqual(self.keyring.wipe(self.alice.profile), 3)

    def files(self):
        """What a refused recovery must not change."""
        return self.file.read_bytes(), self.keyring.of_profile(self.alice.profile)

    def refused(self, given, says, **more):
        before = self.files()
        reason = self.alice.fails("recover", given=given, says=says, **more)
        self.assertEqual(self.files(), before, "something was changed")
        return reason

    def is_lost(self, says="recovery code"):
        """The profile does not open, says why, and does not become another one."""
        self.alice.fails("address", says=says)
        self.alice.fails("register", "--name", "Mallory", "--relay", self.server.origin)

    def is_back(self):
        self.assertEqual(self.alice.do("address").strip(), self.alice.address)


class Code(RecoveryTest):
    def test_wiped(self):
        bob = self.person("Bob", self.server)
        self.alice.do("add", bob.address)
        self.alice.do("send", bob.address, "before")
        code, keys = self.code(), self.keyring.of_profile(self.alice.profile)
        self.assertEqual(len(keys), 3)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.alice.json("status")[0]["recovery"], "code")
        self.wipe()
        self.is_lost()
        wrong = ("1" if code[0] != "1" else "2") + code[1:]
        self.refused(wrong, "not the recovery code")
        self.refused("12345", "30 digits")
        self.refused("not a code", "30 digits")
        self.is_lost()
        self.assertEqual(self.alice.do("recover", given=re.sub(r" ", "\t ", code) + "\n").strip(), self.alice.address)
        self.assertEqual(self.keyring.of_profile(self.alice.profile), keys)
        self.assertEqual(self.alice.sent(bob.address), ["before"])
        self.alice.do("send", bob.address, "after")
        self.assertEqual([message["body"] for message in bob.json("receive")], ["before", "after"])

    def test_part_is_lost_or_changed(self):
        code, keys = self.code(), self.keyring.of_profile(self.alice.profile)
        for role in ("account", "device", "database"):
            with self.subTest(role):
                for other in (None, b"no key at all"):
                    self.keyring.change(self.alice.profile, role, other)
                    self.alice.fails("address", says="recovery code")
                self.keyring.wipe(self.alice.profile, role=role)
                self.is_lost()
                self.alice.do("recover", given=code.replace(" ", ""))
                self.assertEqual(self.keyring.of_profile(self.alice.profile), keys)
        self.keyring.change(self.alice.profile, "account")
        self.alice.do("recover", given=code)
        self.assertEqual(self.keyring.of_profile(self.alice.profile), keys)
        self.is_back()

    def test_replaced(self):
        old, new = self.code(), self.code()
        self.assertNotEqual(old, new)
        self.wipe()
        self.refused(old, "replaced")
        self.alice.do("recover", given=new)
        self.is_back()

    def test_no_code(self):
        self.wipe()
        self.is_lost("keyring does not hold")
        self.alice.fails("recover", given="1" * 30, says="no recovery file")
        self.assertTrue(self.database.exists())
        self.alice.profile = self.folder / "elsewhere"
        self.alice.fails("recover", given="1" * 30, says="no profile")
        self.assertFalse(self.alice.profile.exists())

    def test_database_is_lost_too(self):
        """The keys alone are the same person."""
        code, account = self.code(), self.alice.address.split("/")[-2]
        self.wipe()
        self.database.unlink()
        self.alice.fails("register", "--name", "Mallory", "--relay", self.server.origin, says="recovery code")
        self.alice.do("recover", given=code)
        self.alice.register(self.server)
        self.assertEqual(self.alice.address.split("/")[-2], account)

    def test_what_is_typed(self):
        self.code()
        self.wipe()
        for given, says in (("", "empty"), ("\n", "empty"), ("1" * 2000, "too long"), (b"\xff" * 30, "UTF-8"),
                            ("1" * 31, "30 digits")):
            with self.subTest(given[:10]):
                self.refused(given, says)
        self.alice.passphrase = PASSPHRASE
        self.refused("1" * 30, "not the recovery code")


class Passphrase(RecoveryTest):
    def test_beside_the_code(self):
        self.alice.fails("recovery-passphrase", "on", given=PASSPHRASE, says="no recovery file")
        old = self.code()
        self.alice.do("recovery-passphrase", "on", given=PASSPHRASE + "\n")
        self.assertEqual(self.alice.json("status")[0]["recovery"], "code-and-passphrase")
        self.alice.fails("recovery-passphrase", "on", given=old, says="recovery code")
        self.alice.fails("recovery-passphrase", "maybe", code=USAGE)
        code = self.code()
        self.wipe()
        self.refused(PASSPHRASE + "!", "neither")
        self.refused(old, "neither")
        self.alice.do("recover", given=PASSPHRASE)
        self.wipe()
        self.alice.do("recover", given=code)
        self.alice.do("recovery-passphrase", "off")
        self.assertEqual(self.alice.json("status")[0]["recovery"], "code")
        self.wipe()
        self.refused(PASSPHRASE, "30 digits")
        self.alice.do("recover", given=code)
        self.is_back()

    def test_profile_under_a_passphrase(self):
        carol = self.person("Carol")
        carol.passphrase = PASSPHRASE
        carol.register(self.server)
        carol.fails("recovery-code", says="passphrase")
        self.assertFalse((carol.profile / "recovery").exists())
        carol.passphrase = None
        carol.fails("recover", given="1" * 30, says="passphrase")


class Faults(RecoveryTest):
    def test_no_keyring(self):
        code = self.code()
        bus, self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = self.alice.env["DBUS_SESSION_BUS_ADDRESS"], NO_BUS
        self.is_lost("keyring, which is not running")
        for passphrase in (None, PASSPHRASE):
            self.alice.passphrase = passphrase
            self.alice.fails("register", "--name", "Mallory", "--relay", self.server.origin, says="keyring, which is not running")
        self.alice.passphrase = None
        self.refused(code, "no usable keyring")
        self.alice.fails("address", says="--passphrase-fd N recover")
        self.assertEqual({path.name for path in self.alice.profile.iterdir()} - {"database-wal", "database-shm"},
                         {"database", "lock", "profile", "recovery"})
        self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        self.is_back()
        self.wipe()
        self.alice.do("recover", given=code)
        self.is_back()

    def test_damaged_keyring(self):
        """A keyring that is a file, as in a sandbox, and whose file is not readable any more, shuts nobody out."""
        keyring = self.folder / "default.keyring"
        carol = self.person("Carol")
        carol.env.update(SECRET_BACKEND="file", SECRET_FILE_TEST_PATH=str(keyring), SECRET_FILE_TEST_PASSWORD="of the desktop")
        carol.register(self.server)
        code, whole = carol.do("recovery-code").strip(), keyring.read_bytes()
        for name, damaged in (("head", b"x" + whole[1:]), ("half", whole[:len(whole) // 2]), ("empty", b""), ("end", whole[:-1]),
                              ("bit", whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])):
            with self.subTest(name):
                keyring.write_bytes(damaged)
                carol.fails("address", says=("is damaged", "recovery code"))
        for damaged in (b"x" + whole[1:], whole[:-1]):
            keyring.write_bytes(damaged)
            carol.fails("recover", given=code, says="no usable keyring")
            self.assertEqual(keyring.read_bytes(), damaged, "what is not ours was written")
        keyring.write_bytes(whole)
        self.assertEqual(carol.do("address").strip(), carol.address)
        keyring.unlink()
        carol.fails("address", says="recovery code")
        carol.do("recover", given=code)
        self.assertEqual(carol.do("address").strip(), carol.address)
        keyring.write_bytes(whole[:-1])
        carol.passphrase = PASSPHRASE
        self.assertEqual(carol.do("recover", given=code).strip(), carol.address)
        self.assertEqual(carol.do("address").strip(), carol.address)

    def test_passphrase_instead(self):
        """Without a keyring the code moves the keys under a passphrase; the code is of no use from then on."""
        code = self.code()
        bus, self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = self.alice.env["DBUS_SESSION_BUS_ADDRESS"], NO_BUS
        self.alice.passphrase = "x" * 1025
        self.refused(code, "too long")
        self.alice.passphrase = PASSPHRASE
        self.refused("1" * 30, "not the recovery code")
        self.assertFalse((self.alice.profile / "keys").exists())
        old = self.file.read_bytes()
        self.assertEqual(self.alice.do("recover", given=code).strip(), self.alice.address)
        self.assertFalse(self.file.exists())
        self.assertEqual((self.alice.profile / "keys").stat().st_mode & 0o777, 0o600)
        self.file.write_bytes(old)  # as if killed before it was removed
        self.alice.fails("recover", given=code, says="passphrase, which alone")
        self.is_back()
        self.assertFalse(self.file.exists())
        self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        self.wipe()
        self.is_back()
        self.alice.passphrase = "another"
        self.alice.fails("address", says="passphrase is wrong")
        self.alice.passphrase = None
        self.alice.fails("address", says="protected by a passphrase")

    def test_damaged(self):
        code = self.code()
        whole = self.file.read_bytes()
        self.wipe()
        for at in (0, 8, 12, 25, 30, 60, 100, len(whole) - 1):
            with self.subTest(at):
                self.file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
                self.is_lost("recovery file is damaged")
                self.refused(code, "damaged")
                self.file.write_bytes(whole[:at])
                self.refused(code, "damaged")
        for content in (b"", b"x" * 100000, bytes(len(whole))):
            with self.subTest(content[:1]):
                self.file.write_bytes(content)
                self.refused(code, "damaged")
        self.file.write_bytes(whole)
        self.alice.do("recover", given=code)
        self.file.write_bytes(whole[:-1])
        self.assertEqual(self.alice.json("status")[0]["recovery"], "damaged")
        code = self.code()
        self.wipe()
        self.alice.do("recover", given=code)
        self.is_back()

    def test_of_another_profile(self):
        bob = self.person("Bob", self.server)
        code = bob.do("recovery-code").strip()
        shutil.copy(bob.profile / "recovery", self.file)
        self.wipe()
        self.refused(code, "another profile")
        self.assertTrue(self.database.exists())

    def test_key_file_of_another_profile(self):
        """What it holds opens nothing here, so that it rules nothing: once it is gone again, all is as before."""
        carol = self.person("Carol")
        carol.passphrase = PASSPHRASE
        carol.register(self.server)
        code = self.code()
        before, keys = self.files(), self.alice.profile / "keys"
        shutil.copy(carol.profile / "keys", keys)
        for passphrase, says in ((PASSPHRASE, "cannot be read with this"), ("another", "passphrase is wrong")):
            with self.subTest(passphrase):
                self.alice.passphrase = passphrase
                self.alice.fails("address", says=says)
                self.assertEqual(self.files(), before)
        self.alice.passphrase = None
        self.alice.fails("recover", given=code, says="passphrase, which alone")
        self.assertEqual(self.files(), before)
        keys.unlink()
        self.is_back()
        self.wipe()
        self.alice.do("recover", given=code)
        self.is_back()

    def test_damaged_database(self):
        """The right code over a database that it does not open: nothing goes to the keyring."""
        code = self.code()
        self.wipe()
        self.database.write_bytes(bytes(range(256)) * 64)
        for suffix in ("-wal", "-shm"):
            self.database.with_name(f"database{suffix}").unlink(missing_ok=True)
        self.refused(code, "database")
        self.assertEqual(self.database.read_bytes(), bytes(range(256)) * 64)

    def test_not_written(self):
        """A code that was printed but could not be written is said to be none; the old one works."""
        code = self.code()
        before, obstacle = self.files(), self.alice.profile / "recovery.part"
        obstacle.mkdir()
        got, out, errors = self.alice.run("recovery-code")
        self.assertEqual(got, FAILED, errors)
        self.assertRegex(out, r"^\d{5}( \d{5}){5}\n$")
        self.assertIn("printed is not in force; an older one works as before", errors)
        self.assertEqual(self.files(), before)
        obstacle.rmdir()
        self.wipe()
        self.refused(out, "not the recovery code")
        self.alice.do("recover", given=code)
        self.is_back()

    def test_not_printed(self):
        """A code that did not come out is not in force."""
        code = self.code()
        before = self.files()
        with open("/dev/full", "wb") as full:
            self.alice.fails("recovery-code", says="could not be printed", stdout=full)
        self.assertEqual(self.files(), before)
        self.wipe()
        self.alice.do("recover", given=code)
        self.is_back()


if __name__ == "__main__":
    main()
