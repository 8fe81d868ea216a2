# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything goes through the proxy that is set, or nowhere."""
import socket
import threading

from clitest import UNREACHABLE, CliTest, main
from socks import Socks


class Doorman:
    """Stands where a relay should be, and counts who comes."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.comers = self.server.getsockname()[1], 0
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.comers += 1
            client.close()

    def stop(self):
        self.server.close()


class Proxy(CliTest):
    def socks(self, mode="good"):
        socks = Socks(mode)
        self.addCleanup(socks.stop)
        return socks

    def file(self, person):
        return person.profile / "network.ini"

    def test_shown_and_set(self):
        alice = self.person("Alice")
        self.assertEqual(alice.do("proxy"), "system\n")
        self.assertFalse(self.file(alice).exists())
        for given, kept in (("tor", "tor"), ("127.0.0.1:9150", "socks5://127.0.0.1:9150"), ("system", "system"),
                            ("Proxy.example:1", "socks5://proxy.example:1"), ("socks5://[::1]:1080", "socks5://[::1]:1080"),
                            ("system", "system")):
            self.assertEqual(alice.do("set-proxy", given), kept + "\n")
            self.assertEqual(alice.json("proxy"), [{"proxy": kept}])
            self.assertEqual(self.file(alice).read_text(), f"[network]\nproxy={kept}\n")
            self.assertEqual(self.file(alice).stat().st_mode & 0o777, 0o600)
        for bad in ("", "direct", "host", "host:0", "host:port", "http://host:1", "a@host:1", "host:1/", "x" * 10000):
            alice.fails("set-proxy", bad, says="HOST:PORT")
        self.assertEqual(alice.do("proxy"), "system\n")

    def test_through(self):
        """An account is made, written and read through it, each connection with a name and password of its own."""
        relay, socks = self.relay(), self.socks()
        alice, bob = self.person("Alice"), self.person("Bob", relay)
        alice.do("set-proxy", socks.place)
        alice.register(relay)
        registered = socks.take_requests()
        alice.do("add", bob.address)
        alice.do("send", "--timeout", "60", bob.address, "hello")
        sent = socks.take_requests()
        bob.do("receive")
        self.assertEqual(len(bob.json("contacts")), 1)
        alice.do("receive")
        received = socks.take_requests()
        # The relay's name is asked for once before registering; a send is a mailbox, a question and a deposit at least.
        for part, least in ((registered, 1), (sent, 3), (received, 1)):
            self.assertGreaterEqual(len(part), least)
        everything = registered + sent + received
        self.assertEqual({request[:2] for request in everything}, {("127.0.0.1", relay.port)})
        for place in (2, 3):
            self.assertEqual(len({request[place] for request in everything}), len(everything))
            self.assertEqual({len(request[place]) for request in everything}, {32})

    def test_name(self):
        """A name goes to the proxy as it is."""
        socks, alice = self.socks(), self.person("Alice")
        alice.do("set-proxy", socks.place)
        for host in ("relay.invalid", "a" * 56 + ".onion"):
            # Port 1: where the proxy is to lead, nobody is.
            alice.fails("register", "--name", "Alice", "--relay", f"https://{host}:1", code=UNREACHABLE, says="relay")
            self.assertIn((host, 1), [request[:2] for request in socks.take_requests()])

    def test_never_direct(self):
        """Whatever is wrong with the proxy is said so, and nobody comes to the relay."""
        relay, door = self.relay(), Doorman()
        self.addCleanup(door.stop)
        alice, bob = self.friends(relay, "Alice", "Bob")
        away = self.socks()
        away.stop()
        refuses, rubbish = self.socks("refuse"), self.socks("rubbish")
        for socks, words in ((away, "does not answer"), (refuses, "refuses"), (rubbish, "no SOCKS5 proxy")):
            with self.subTest(words):
                alice.do("set-proxy", socks.place)
                alice.fails("look-up", f"bob@127.0.0.1:{door.port}", code=UNREACHABLE, says=["proxy", words])
                alice.fails("status", "--timeout", "3", code=UNREACHABLE)
                alice.fails("send", "--timeout", "3", bob.address, words, code=UNREACHABLE)
                carol = self.person(f"Carol {words}")
                carol.do("set-proxy", socks.place)
                carol.fails("register", "--name", "Carol", "--relay", door.origin, code=UNREACHABLE, says=["proxy", words])
        self.assertEqual(door.comers, 0)
        bob.do("receive")
        self.assertEqual(bob.received(alice.address), [])
        # What was queued goes when the way is free.
        alice.do("set-proxy", "system")
        alice.do("send", bob.address, "at last")
        bob.do("receive")
        self.assertEqual(bob.received(alice.address), ["does not answer", "refuses", "no SOCKS5 proxy", "at last"])

    def test_setting_damaged(self):
        """A file that is not what it should be is no way at all, and stays until a way is set."""
        relay, door = self.relay(), Doorman()
        self.addCleanup(door.stop)
        alice = self.person("Alice", relay)
        origin = f"127.0.0.1:{door.port}"
        for text in ("", "[network]\n", "[network]\nproxy=\n", "[network]\nproxy=direct\n", "proxy=system\n", "\0",
                     "[network]\nProxy=system\n", "[network]\nproxy=system\nhost=x\n", "[network]\nproxy=system\n[more]\n",
                     "[network]\nproxy=socks5://host\n", "[network]\nproxy=system\n\0", f"[network]\nproxy=system{' ' * 5000}\n"):
            self.file(alice).write_text(text)
            alice.fails("look-up", f"bob@{origin}", code=UNREACHABLE, says=["setting of the proxy", "cannot be read"])
            alice.fails("proxy", says="cannot be read")
            self.assertEqual(self.file(alice).read_text(), text)
        status = alice.run("--json", "status", "--timeout", "3")
        self.assertEqual(status[0], UNREACHABLE)
        self.assertIn("cannot be read", status[1])
        self.file(alice).unlink()
        self.file(alice).symlink_to("nowhere")
        alice.fails("look-up", f"bob@{origin}", code=UNREACHABLE, says="cannot be read")
        self.file(alice).unlink()
        self.file(alice).mkdir()
        alice.fails("look-up", f"bob@{origin}", code=UNREACHABLE, says="cannot be read")
        alice.fails("set-proxy", "system")
        alice.fails("look-up", f"bob@{origin}", code=UNREACHABLE, says="cannot be read")
        self.file(alice).rmdir()
        self.assertEqual(door.comers, 0)
        self.assertEqual(alice.do("set-proxy", "system"), "system\n")
        alice.do("status")


if __name__ == "__main__":
    main()
