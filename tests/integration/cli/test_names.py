# SPDX-License-Identifier: GPL-3.0-or-later
"""Names at a relay: claiming one, being found by it, what a relay does not tell, and a relay that lies."""
import http.server
import json
import threading

from clitest import UNREACHABLE, CliTest, main


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers every question about a name with what the test wants."""

    def do_GET(self):
        body = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Names(CliTest):
    def found(self, person, text):
        return [(one["name"], one["address"], one["trust"]) for one in person.json("look-up", text)]

    def test_claim_and_find(self):
        relay = self.relay()
        alice, bob = self.person("Alice", relay), self.person("Bob", relay)
        host = relay.origin.partition("://")[2]
        self.assertEqual(bob.json("claim-name", "bob-42"), [{"claimed": f"bob-42@{host}"}])
        self.assertEqual(self.found(alice, f"Bob-42@{host}"), [("bob-42", bob.address, "unverified")])
        alice.fails("look-up", f"bob-4@{host}", says=["nobody", "bob-4", host])
        alice.fails("claim-name", "bob-42", says="already")
        alice.fails("claim-name", "Bob!", says="small letters")
        code, out, errors = alice.run("--json", "add", f" bob-42@{host} ")
        self.assertEqual(code, 0, errors)
        self.assertIn("nothing proves it", errors)
        added = json.loads(out)
        self.assertEqual((added["name"], added["trust"], added["address"]), ("bob-42", "unverified", bob.address))
        # What they call themselves takes the place of the name.
        alice.do("send", "bob-42", "hello")
        bob.do("receive")
        stranger, = bob.json("contacts")
        bob.do("send", stranger["key"], "hello back")
        alice.do("receive")
        self.assertEqual([one["name"] for one in alice.json("contacts")], ["Bob"])
        # The name leads to the address of now, and then nowhere.
        renewed = bob.do("renew-address").strip()
        self.assertNotEqual(renewed, bob.address)
        self.assertEqual(self.found(alice, f"bob-42@{host}"), [("bob-42", renewed, "unverified")])
        bob.do("claim-name", "robert")
        alice.fails("look-up", f"bob-42@{host}", says="nobody")
        self.assertEqual(self.found(alice, f"robert@{host}"), [("robert", renewed, "unverified")])
        self.assertEqual(bob.do("claim-name", ""), "")
        alice.fails("look-up", f"robert@{host}", says="nobody")

    def test_lost(self):
        """A relay that has lost the account gets the name back with it; a name that somebody else has by then stops nothing."""
        relay = self.relay()
        alice, bob = self.person("Alice", relay), self.person("Bob", relay)
        host = relay.origin.partition("://")[2]
        bob.do("claim-name", "bob")
        relay.admin("delete", bob.address)
        alice.fails("look-up", f"bob@{host}", says="nobody")
        bob.do("receive")
        self.assertEqual(self.found(alice, f"bob@{host}"), [("bob", bob.address, "unverified")])
        relay.admin("delete", bob.address)
        alice.do("claim-name", "bob")
        bob.do("receive")
        self.assertEqual(self.found(bob, f"bob@{host}"), [("bob", alice.address, "unverified")])
        alice.do("add", bob.address)
        alice.do("send", bob.address, "hello")
        bob.do("receive")
        self.assertEqual([one["name"] for one in bob.json("contacts")], ["Alice"])

    def test_list(self):
        relay = self.relay("[relay]\ndirectory=list\n")
        alice, bob, bonnie = (self.person(name, relay) for name in ("Alice", "Bob", "Bonnie"))
        host = relay.origin.partition("://")[2]
        bob.do("claim-name", "bob")
        bonnie.do("claim-name", "bonnie")
        self.assertEqual(self.found(alice, f"bo@{host}"),
                         [("bob", bob.address, "unverified"), ("bonnie", bonnie.address, "unverified")])
        self.assertEqual(self.found(alice, f"bon@{host}"), [("bonnie", bonnie.address, "unverified")])
        alice.fails("add", f"bon@{host}", says="look-up")
        self.assertEqual(alice.json("contacts"), [])

    def test_none(self):
        relay = self.relay("[relay]\ndirectory=none\n")
        alice = self.person("Alice", relay)
        host = relay.origin.partition("://")[2]
        alice.fails("look-up", f"bob@{host}", says="keeps no names")
        alice.fails("claim-name", "alice", says="keeps no names")

    def test_unreachable(self):
        relay = self.relay()
        alice = self.person("Alice", relay)
        host = relay.origin.partition("://")[2]
        relay.stop()
        alice.fails("look-up", f"bob@{host}", code=UNREACHABLE, says="cannot be reached")
        alice.fails("claim-name", "alice", "--timeout", "1", code=UNREACHABLE)
        alice.fails("look-up", "bob", says="not a name at a relay")
        alice.fails("look-up", "bob@a b", says="relay")

    def test_liar(self):
        relay = self.relay()
        alice, bob = self.person("Alice", relay), self.person("Bob", relay)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        host = f"127.0.0.1:{server.server_port}"
        here = bob.address.replace(relay.origin.partition("://")[2], host)
        for answer in ({"name": "bob", "address": bob.address}, {"name": "bop", "address": here},
                       {"name": "bob", "address": here + "/" + "A" * 26}, {"name": "bob", "address": "TESSERA:1/x"},
                       {"name": "bob", "address": here[:-1]}, {"name": 1, "address": here}, {"address": here}, []):
            server.answer = answer
            alice.fails("look-up", f"bob@{host}")
        server.answer = {"name": "bob", "address": here}
        self.assertEqual(self.found(alice, f"bob@{host}"), [("bob", here, "unverified")])


if __name__ == "__main__":
    main()
