# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong around a profile: each fault gives a clear word and the right code, and loses nothing."""
import resource
import socket
import time

from clitest import FAILED, UNREACHABLE, CliTest, main


def small_files(size):
    """For a child: no file may grow beyond @size bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Registration(CliTest):
    def register(self, name, relay, **more):
        alice = self.person("Alice")
        return alice, alice.fails("register", "--name", name, "--relay", relay, **more)

    def test_bad_relay_urls(self):
        for url in ("", "nonsense here", "ftp://relay.example", "http://relay.example", "https://", "https://user@relay.example",
                    "https://relay.example/path", "https://relay.example:0", "https://relay.example:99999", "x" * 10000,
                    "https://[::1", "javascript:alert(1)"):
            with self.subTest(url[:30]):
                self.register("Alice", url)

    def test_not_a_relay(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.1)
            alice = self.person("Alice")
            process = alice.start("register", "--name", "Alice", "--relay", f"http://127.0.0.1:{server.getsockname()[1]}")
            limit = time.monotonic() + 20
            while process.poll() is None and time.monotonic() < limit:
                try:
                    connection, _ = server.accept()
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/html\r\n\r\nhello")
                    connection.close()
                except TimeoutError:
                    pass
            self.assertIn(process.wait(1), (FAILED, UNREACHABLE))
            self.assertIn(b"relay", process.stderr.read().lower())

    def test_relay_down(self):
        relay = self.relay()
        relay.stop()
        alice, _ = self.register("Alice", relay.origin, code=UNREACHABLE)
        alice.fails("address", says="register")
        relay.start()
        alice.register(relay)
        alice.do("status")

    def test_names(self):
        relay = self.relay()
        for name in ("", "   ", "a\x1b[31mb", "line\nbreak", "\u202eevil", "x" * 10000, "\u200b"):
            with self.subTest(name[:20]):
                self.register(name, relay.origin, says="name")
        alice = self.person("Alice")
        alice.name = "  Zoë  Ünal "
        alice.register(relay)
        self.assertEqual(alice.json("address")[0]["name"], "Zoë Ünal")
        alice.fails("register", "--name", "Again", "--relay", relay.origin, says="account")


class Profile(CliTest):
    def test_second_process(self):
        relay = self.relay()
        alice = self.person("Alice", relay)
        process = alice.hold("--json", "receive", "--follow")
        alice.fails("contacts", says="open")
        alice.fails("send", "Bob", "x", says="open")
        process.kill()
        process.wait()
        alice.do("contacts")

    def test_unwritable(self):
        relay = self.relay()
        alice = self.person("Alice")
        alice.profile = "/dev/pts/profile"
        alice.fails("register", "--name", "Alice", "--relay", relay.origin, says="written")
        alice.profile = self.folder / "file" / "profile"
        (self.folder / "file").write_text("x")
        alice.fails("register", "--name", "Alice", "--relay", relay.origin)
        bob = self.person("Bob", relay)
        bob.profile.chmod(0o777)
        bob.fails("contacts", says="others")
        bob.profile.chmod(0o700)
        bob.do("contacts")
        with open("/dev/full", "wb") as full:
            self.assertEqual(bob.run("address", stdout=full)[0], FAILED)

    def test_damaged(self):
        relay = self.relay()
        alice = self.person("Alice", relay)
        database = alice.profile / "database"
        good = database.read_bytes()
        for bad in (b"x" * len(good), good[:4096], good[:100] + b"\0" * 100 + good[200:]):
            database.write_bytes(bad)
            alice.fails("contacts", says="untouched")
            self.assertEqual(database.read_bytes(), bad)
        database.write_bytes(good)
        alice.do("contacts")
        (alice.profile / "profile").write_text("nonsense")
        alice.fails("contacts", says="damaged")

    def test_full_disk(self):
        relay = self.relay()
        carol = self.person("Carol")
        for size in (100, 5000, 40000):
            carol.fails("register", "--name", "Carol", "--relay", relay.origin, says="full", preexec_fn=small_files(size))
        carol.register(relay)
        alice, bob = self.friends(relay, "Alice", "Bob")
        alice.do("send", bob.address, "before")
        for size in (1000, 40000):
            alice.fails("send", bob.address, "-", given="x" * 30000, says="full", preexec_fn=small_files(size))
        alice.do("send", bob.address, "after")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["before", "after"])
        self.assertEqual(alice.sent(bob.address), ["before", "after"])

    def test_full_disk_while_receiving(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        bodies = [f"{i} " + "y" * 8000 for i in range(8)]
        for body in bodies:
            alice.do("send", bob.address, "-", given=body)
        code, _, errors = bob.run("receive", "--timeout", "5", preexec_fn=small_files(60000))
        self.assertNotEqual(code, 0, errors)
        bob.do("receive")
        self.assertEqual(bob.received("Alice"), bodies)


class Addresses(CliTest):
    def test_malformed(self):
        alice = self.person("Alice", self.relay())
        address = self.person("Bob", self.relay()).address
        for bad in ("", "hello", "TESSERA:", "TESSERA:2/" + address[10:], address[:-1], address + "A", address + "/",
                    address[:40],
                    address.replace("/", " "), address.replace("127.0.0.1", "127.0.0.256"), address.replace("127.0.0.1", "-"),
                    "x" * 100000, address + "\n" + address, address[:-1] + "1", "https://example.org", address + "/AAAA"):
            with self.subTest(bad[:40]):
                alice.fails("add", "-", given=bad)
        alice.fails("add", alice.address, says="own")
        self.assertEqual(alice.json("contacts"), [])
        alice.do("add", address.lower())
        alice.do("add", "-", given=address)
        self.assertEqual(len(alice.json("contacts")), 1)

    def test_contact_that_is_not_there(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        for words in (("send", "Nobody", "x"), ("history", "Nobody"), ("safety-number", "Nobody"), ("code", "--for", "Nobody")):
            alice.fails(*words, says="contact")
        key = bob.address.split("/")[2]
        alice.do("send", key[:8].lower(), "by key")
        alice.fails("send", key[:7], "too short")

    def test_two_of_one_name(self):
        relay = self.relay()
        alice = self.person("Alice", relay)
        others = [self.person("Bob", relay), self.person("Other Bob")]
        others[1].name = "Bob"
        others[1].register(relay)
        for other in others:
            alice.do("add", other.address)
            other.do("add", alice.address)
            other.do("send", alice.address, "hello")
        alice.do("receive")
        self.assertEqual([c["name"] for c in alice.json("contacts")], ["Bob", "Bob"])
        alice.fails("send", "Bob", "to whom?")
        alice.do("send", others[0].address, "to you")


class Keys(CliTest):
    def test_no_secret_service(self):
        relay = self.relay()
        alice = self.person("Alice")
        alice.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        errors = alice.fails("register", "--name", "Alice", "--relay", relay.origin, says=("keyring", "--passphrase-fd"))
        self.assertFalse((alice.profile / "database").exists(), errors)
        alice.passphrase = "correct horse"
        alice.register(relay)

    def test_lost_keys(self):
        relay = self.relay()
        alice = self.person("Alice", relay)
        (alice.profile / "profile").write_text("[Profile]\nFormat=1\nId=" + "0" * 32 + "\n")
        alice.fails("contacts", says="keyring")
        self.assertTrue((alice.profile / "database").exists())

    def test_passphrase(self):
        relay = self.relay()
        alice, bob = self.person("Alice"), self.person("Bob", relay)
        alice.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        alice.passphrase = "correct horse battery staple\n"
        alice.register(relay)
        bob.do("add", alice.address)
        alice.do("add", bob.address)
        alice.do("send", bob.address, "from a passphrase profile")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["from a passphrase profile"])
        alice.passphrase = "wrong horse"
        alice.fails("contacts", says="passphrase")
        for bad in ("", "\n", "x" * 2000):
            alice.passphrase = bad
            alice.fails("contacts", says="passphrase")
        alice.passphrase = None
        alice.fails("contacts", says="--passphrase-fd")
        alice.fails("--passphrase-fd", "77", "contacts", says="--passphrase-fd")
        alice.passphrase = "correct horse battery staple"
        self.assertEqual(alice.sent(bob.address), ["from a passphrase profile"])
        secret = alice.passphrase.encode()
        for file in alice.profile.rglob("*"):
            self.assertNotIn(secret, file.read_bytes())


if __name__ == "__main__":
    main()
