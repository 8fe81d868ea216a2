# SPDX-License-Identifier: GPL-3.0-or-later
"""The app lock in a real keyring: set, changed, taken away, killed in the middle, forgotten. One way in stays."""
import base64
import subprocess
import time

from clitest import USAGE, CliTest, main
from keyring import Keyring, profile_id

FIRST, SECOND = "the first passphrase", "the second passphrase"
SIZE = 157


class LockTest(CliTest):
    def setUp(self):
        super().setUp()
        self.keyring = Keyring()
        self.server = self.relay()
        self.alice = self.person("Alice", self.server)
        self.before = self.keys()

    def keys(self):
        return self.keyring.of_profile(self.alice.profile)

    def set(self, new):
        """As whoever sits there does: the present one on a descriptor, the new one typed."""
        if new is None:
            self.alice.do("app-lock", "off")
        else:
            self.alice.do("app-lock", "on", given=new + "\n")
        self.alice.passphrase = new
        self.assertEqual(self.alice.json("status")[0]["app_lock"], "off" if new is None else "on")

    def opens(self, passphrase):
        self.alice.passphrase = passphrase
        return self.alice.run("address")[0] == 0

    def is_locked(self):
        keys = self.keys()
        item = base64.b64decode(keys["database"], validate=True)
        self.assertEqual((len(item), item[:9]), (SIZE, b"TESSKEYS\1"))
        self.assertEqual({role: keys[role] for role in ("account", "device")},
                         {role: self.before[role] for role in ("account", "device")})
        self.assertEqual(len(self.keyring.items(profile=profile_id(self.alice.profile))), 3)


class Lock(LockTest):
    def test_set_changed_removed(self):
        bob = self.person("Bob", self.server)
        self.alice.do("add", bob.address)
        self.alice.do("send", bob.address, "before")
        self.assertEqual(self.alice.json("status")[0]["app_lock"], "off")
        self.alice.fails("app-lock", "maybe", code=USAGE)
        self.alice.fails("app-lock", "on", given="", says="empty")
        self.alice.fails("app-lock", "on", given="1" * 30, says="recovery code")
        self.assertEqual(self.keys(), self.before)
        self.set(FIRST)
        self.is_locked()
        locked = self.keys()
        self.alice.passphrase = None
        self.alice.fails("address", says=("locked with a passphrase", "--passphrase-fd N"))
        self.alice.fails("register", "--name", "Mallory", "--relay", self.server.origin, says="locked with a passphrase")
        self.alice.fails("app-lock", "off", says="locked with a passphrase")
        self.alice.passphrase = SECOND
        self.alice.fails("address", says="passphrase is wrong")
        self.alice.fails("app-lock", "off", says="passphrase is wrong")
        self.assertEqual(self.keys(), locked)
        self.alice.passphrase = FIRST
        self.assertEqual(self.alice.sent(bob.address), ["before"])
        self.set(SECOND)
        self.is_locked()
        self.assertFalse(self.opens(FIRST))
        self.assertTrue(self.opens(SECOND))
        self.set(None)
        self.assertEqual(self.keys(), self.before)
        self.assertEqual(self.alice.do("address").strip(), self.alice.address)

    def test_forgotten(self):
        """The recovery code opens what is locked, and the lock is gone."""
        code = self.alice.do("recovery-code").strip()
        self.set(FIRST)
        self.alice.passphrase = None
        self.alice.fails("address", says=("locked with a passphrase", "tessera-cli recover"))
        self.alice.fails("recover", given="1" * 30, says="not the recovery code")
        self.is_locked()
        self.assertEqual(self.alice.do("recover", given=code).strip(), self.alice.address)
        self.assertEqual(self.keys(), self.before)
        self.assertEqual(self.alice.json("status")[0]["app_lock"], "off")
        self.set(SECOND)
        code = self.alice.do("recovery-code").strip()
        self.keyring.wipe(self.alice.profile)
        self.alice.fails("address", says="recovery code")
        self.alice.passphrase = None
        self.alice.do("recover", given=code)
        self.assertEqual(self.keys(), self.before)

    def test_hostile_item(self):
        """Whoever has the keyring may put anything there: it is said, and the code opens all the same."""
        code = self.alice.do("recovery-code").strip()
        self.set(FIRST)
        good = base64.b64decode(self.keys()["database"])
        for name, item, says in (("cut", good[:-1], "damaged"), ("long", good + b"\0", "damaged"),
                                 ("huge", good * 1000, "recovery code"),
                                 ("cost", good[:9] + b"\xff" * 8 + good[17:], "damaged"), ("none", b"x" * SIZE, "damaged"),
                                 ("newer", good[:8] + b"\2" + good[9:], "newer Tessera")):
            with self.subTest(name):
                self.keyring.change(self.alice.profile, "database", base64.b64encode(item))
                self.alice.fails("address", says=says)
        self.alice.passphrase = None
        self.alice.do("recover", given=code)
        self.assertEqual(self.keys(), self.before)

    def test_keyring_is_away(self):
        self.set(FIRST)
        locked = self.keys()
        bus, self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = self.alice.env["DBUS_SESSION_BUS_ADDRESS"], "unix:path=/nonexistent/bus"
        self.alice.fails("address", says="keyring, which is not running")
        self.alice.fails("app-lock", "off", says="keyring, which is not running")
        self.alice.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        self.assertEqual(self.keys(), locked)
        self.assertTrue(self.opens(FIRST))

    def test_keyring_of_a_sandbox(self):
        """The file that is a sandbox's keyring keeps the same item."""
        keyring = self.folder / "default.keyring"
        carol = self.person("Carol")
        carol.env.update(SECRET_BACKEND="file", SECRET_FILE_TEST_PATH=str(keyring), SECRET_FILE_TEST_PASSWORD="of the desktop")
        carol.register(self.server)
        carol.do("app-lock", "on", given=FIRST)
        carol.fails("address", says="locked with a passphrase")
        carol.passphrase = FIRST
        carol.do("app-lock", "on", given=SECOND)
        carol.fails("address", says="passphrase is wrong")
        carol.passphrase = SECOND
        whole = keyring.read_bytes()
        keyring.write_bytes(whole[:-1])
        carol.fails("app-lock", "off", says="is damaged")
        keyring.write_bytes(whole)
        carol.do("app-lock", "off")
        carol.passphrase = None
        self.assertEqual(carol.do("address").strip(), carol.address)


class Killed(LockTest):
    def test_anywhere(self):
        """kill -9 at any moment of any change: the old passphrase opens, or the new one."""
        begun = time.monotonic()
        self.set(FIRST)
        whole = time.monotonic() - begun
        now, outcomes = FIRST, set()
        for step in range(12):
            new = SECOND if now == FIRST else FIRST
            self.alice.passphrase = now
            process = self.alice.start("app-lock", "on", stdin=-1)
            process.stdin.write(new.encode())
            process.stdin.close()
            process.stdin = None
            try:
                process.wait(whole * (step + self.random.random()) / 12)
            except subprocess.TimeoutExpired:
                pass
            self.alice.end(process)
            self.is_locked()
            if self.opens(new):
                outcomes.add("new")
                self.assertFalse(self.opens(now))
                now = new
            else:
                outcomes.add("old")
                self.assertTrue(self.opens(now), "neither opens")
        self.assertIn("old", outcomes)
        self.alice.passphrase = now
        self.set(None)
        self.assertEqual(self.keys(), self.before)


if __name__ == "__main__":
    main()
