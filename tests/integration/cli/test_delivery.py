# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery when networks and processes fail: nothing is lost, nothing is doubled, nothing overtakes."""
import json
import subprocess
import time

from clitest import DONE, UNREACHABLE, CliTest, main


class Offline(CliTest):
    def test_queued_and_sent_later(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        alice.do("send", bob.address, "online")
        relay.stop()
        for i in range(3):
            alice.fails("send", bob.address, f"offline {i}", code=UNREACHABLE, says="later")
        self.assertEqual([m["delivery"] for m in alice.history(bob.address)][1:], ["waiting"] * 3)
        alice.fails("receive", "--timeout", "3", code=UNREACHABLE)
        alice.fails("status", "--timeout", "3", code=UNREACHABLE)
        relay.start()
        alice.do("receive")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["online", "offline 0", "offline 1", "offline 2"])

    def test_first_message_while_offline(self):
        relay = self.relay()
        alice, bob = self.person("Alice", relay), self.person("Bob", relay)
        relay.stop()
        alice.do("add", bob.address)
        alice.fails("send", bob.address, "hello?", code=UNREACHABLE, says="later")
        relay.start()
        alice.do("receive")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["hello?"])

    def test_recipients_relay_is_down(self):
        one, other = self.relay(), self.relay()
        alice, bob, carol = self.person("Alice", one), self.person("Bob", other), self.person("Carol", one)
        for friend in (bob, carol):
            alice.do("add", friend.address)
            alice.do("send", friend.address, "first")
        other.kill()
        alice.fails("send", bob.address, "waits", code=UNREACHABLE)
        # Whoever can be reached is not held up by who cannot.
        alice.run("send", carol.address, "goes")
        self.assertEqual([m["body"] for m in carol.json("receive")], ["first", "goes"])
        other.start()
        alice.do("receive")
        self.assertEqual([m["body"] for m in bob.json("receive")], ["first", "waits"])

    def test_relay_restarts_under_a_live_client(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        process = bob.start("--json", "receive", "--follow")
        alice.do("send", bob.address, "before")
        self.assertEqual(json.loads(process.stdout.readline())["body"], "before")
        relay.kill()
        time.sleep(1)
        relay.start()
        alice.do("send", bob.address, "after")
        self.assertEqual(json.loads(process.stdout.readline())["body"], "after")
        process.terminate()
        self.assertEqual(process.wait(15), DONE)


class Killed(CliTest):
    """Processes die at any moment. What the sender's history holds arrives once, in order."""

    def killed_after(self, process, longest):
        """Lets the process run for a random while, then kills it, unless it has ended."""
        try:
            process.communicate(timeout=self.random.random() * longest)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    @staticmethod
    def usual_time(sender, receiver):
        """How long a run that is not killed takes here (a sanitized build takes several times as long)."""
        started = time.monotonic()
        sender.do("send", receiver.address, "not killed")
        return time.monotonic() - started

    def settle(self, people, rounds=20):
        """Runs everybody until nothing is on its way."""
        for _ in range(rounds):
            for person in people:
                person.run("receive", "--timeout", "10")
            waiting = [m for person in people for other in people if other is not person
                       for m in person.history(other.address) if m["outgoing"] and m["delivery"] in ("waiting", "failed")]
            if not waiting:
                return
        self.fail(f"still waiting: {waiting}")

    def check(self, one, other):
        for sender, receiver in ((one, other), (other, one)):
            sent, received = sender.sent(receiver.address), receiver.received(sender.address)
            self.assertEqual(len(set(received)), len(received), "a message is there twice")
            self.assertEqual(received, sent)
        self.assertGreater(len(one.sent(other.address)), 0)

    def test_senders(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        longest = self.usual_time(alice, bob) * 1.2
        for i in range(40):
            self.killed_after(alice.start("send", bob.address, f"message {i}"), longest)
            if i % 8 == 0:
                bob.do("receive")
        self.settle([alice, bob])
        self.check(alice, bob)

    def test_receivers(self):
        alice, bob = self.friends(self.relay(), "Alice", "Bob")
        longest = self.usual_time(alice, bob) * 2
        printed = set()
        for i in range(30):
            alice.do("send", bob.address, f"message {i}")
            process = bob.start("--json", "receive")
            try:
                out, _ = process.communicate(timeout=self.random.random() * longest)
            except subprocess.TimeoutExpired:
                process.kill()
                out, _ = process.communicate()
            printed |= {json.loads(line)["body"] for line in out.decode().splitlines() if line.endswith("}")}
        printed |= {m["body"] for m in bob.json("receive")}
        self.settle([alice, bob])
        self.check(alice, bob)
        self.assertEqual(printed, {"not killed"} | {f"message {i}" for i in range(30)})

    def test_everything(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alice", "Bob")
        longest = self.usual_time(alice, bob) * 2
        for i in range(40):
            processes = [alice.start("send", bob.address, f"from Alice {i}", "--timeout", "5"),
                         bob.start("send", alice.address, f"from Bob {i}", "--timeout", "5")]
            if i % 4 == 3:
                time.sleep(self.random.random() * 0.1)
                relay.kill()
            for process in processes:
                self.killed_after(process, longest)
            if i % 4 == 3:
                relay.start()
            if i % 10 == 9:
                for person in (alice, bob):
                    person.run("receive", "--timeout", "10")
        self.settle([alice, bob])
        self.check(alice, bob)


if __name__ == "__main__":
    main()
