# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations between the two implementations, in both roles, through envelopes; and each step of both in step."""
from reftest import OK, Both, CSide, Draws, Party, PySide, RefTest, main
from tessera_ref import envelope, kem
from tessera_ref.basics import Refusal, var32


class Mail:
    """A conversation of two sides on a line that loses, repeats and reorders."""

    def __init__(self, test, sides, with_one_time):
        self.test, self.random, self.sides = test, test.random, sides
        self.people = [Party(self.random), Party(self.random)]
        self.with_one_time = with_one_time
        self.under_way = [[], []]  # to each
        self.read = [set(), set()]
        self.hello = sides[0].start(*self.people, with_one_time)
        self.answered = False  # the initiator has decrypted something
        self.begun = False  # the responder has a session
        self.count = self.duplicates = 0

    def send(self, who):
        """Puts one message under way, sealed."""
        self.count += 1
        size = self.random.choice((0, 5, 200, 277, 1620, 3000, 14000, 60000))
        content = f"{self.count} ".encode() + self.random.randbytes(size)
        message = self.test.verdict(OK, self.sides[who].encrypt(content))
        hello = self.hello if who == 0 and not self.answered else None
        sealed = self.sides[who].seal(self.people[who], self.people[1 - who], hello, message)
        self.test.assertIn(len(sealed), envelope.SIZES)
        self.under_way[1 - who].append((self.count, content, sealed))

    def receive(self, who):
        """Takes one of what is under way, mostly the oldest; now and then it comes again, or never."""
        waiting = self.under_way[who]
        if not waiting:
            return
        at = 0 if self.random.random() < 0.6 else self.random.randrange(len(waiting))
        fate = self.random.random()
        number, content, sealed = waiting[at] if fate < 0.15 else waiting.pop(at)
        if fate > 0.9:
            return
        us, them = self.people[who], self.people[1 - who].public
        kind, account, device, body = self.test.verdict(OK, self.sides[who].open(us, sealed))
        self.test.assertEqual((account, device), (them.account, them.device))
        message = body
        if kind == envelope.HELLO_AND_MESSAGE:
            message = body[len(self.hello):]
            if not self.begun:
                message = self.test.verdict(OK, self.sides[who].answer(us, them, body, self.with_one_time))
        expected = ("duplicate", None) if number in self.read[who] else (OK, content)
        self.test.assertEqual(self.sides[who].decrypt(message), expected)
        self.duplicates += expected[0] != OK
        self.test.agreed += 1
        self.read[who].add(number)
        if who == 1:
            self.begun = True
        else:
            self.answered = True

    def play(self, steps):
        self.send(0)
        while not self.begun:
            self.send(0)
            self.receive(1)
        for _ in range(steps):
            who = self.random.randrange(2)
            if self.random.random() < 0.5:
                self.send(who)
            else:
                self.receive(who)
        self.test.assertTrue(self.answered)
        self.test.assertGreater(self.duplicates, 0)


class Talk(RefTest):
    """Each draws its own random bytes, which the seed replays; nothing is shared but what is sent."""

    def setUp(self):
        super().setUp()
        self.peer.random(self.random.randbytes(200_000))

    def python(self):
        return PySide(Draws(self.random))

    def test_c_starts(self):
        Mail(self, [CSide(self.peer), self.python()], True).play(300)

    def test_c_starts_without_one_time(self):
        Mail(self, [CSide(self.peer), self.python()], False).play(300)

    def test_python_starts(self):
        Mail(self, [self.python(), CSide(self.peer)], True).play(300)

    def test_python_starts_without_one_time(self):
        Mail(self, [self.python(), CSide(self.peer)], False).play(300)

    def test_many_turns(self):
        for sides in ([CSide(self.peer), self.python()], [self.python(), CSide(self.peer)]):
            alice, bob = self.pair(True, *sides)
            for _ in range(200):
                self.pass_on(bob, alice)
                self.pass_on(alice, bob)


class InStep(RefTest):
    """Both implementations on both sides with the same draws: the same bytes and verdicts."""

    def test_conversation(self):
        for with_one_time in (True, False):
            Mail(self, [Both(self), Both(self)], with_one_time).play(250)

    def test_tampering(self):
        """A bit changed anywhere, bytes cut off or added."""
        alice, bob = self.pair()
        seen = set()
        for _ in range(300):
            sender, receiver = self.random.sample((alice, bob), 2)
            message = self.verdict(OK, sender.encrypt(b"text"))
            for _ in range(2):
                changed = bytearray(message)
                at = self.random.choice((0, self.random.randrange(1, 33), self.random.randrange(33, 42),
                                         self.random.randrange(len(message)), len(message) - 1))
                changed[at] ^= 1 << self.random.randrange(8)
                if self.random.random() < 0.1:
                    changed = changed[:self.random.randrange(len(changed))] if at % 2 else changed + b"\0"
                verdict = receiver.decrypt(bytes(changed))[0]
                self.assertNotEqual(verdict, OK)
                seen.add(verdict)
            if self.random.random() < 0.9:
                self.assertEqual(receiver.decrypt(message), (OK, b"text"))
                if self.random.random() < 0.3:
                    self.verdict("duplicate", receiver.decrypt(message))
        self.assertLessEqual({"refused", "auth"}, seen)

    def test_responder_waits(self):
        us, them, alice, bob = Party(self.random), Party(self.random), Both(self), Both(self)
        hello = alice.start(us, them, True)
        message = self.verdict(OK, alice.encrypt(b""))
        self.verdict(OK, bob.answer(them, us.public, hello + message, True))
        self.verdict("refused", bob.encrypt(b"too early"))
        self.assertEqual(bob.decrypt(message), (OK, b""))
        self.pass_on(bob, alice)

    def test_hellos(self):
        """Changed hellos: refused, or agreed on to a session in which nothing decrypts."""
        us, them, alice, bob = Party(self.random), Party(self.random), Both(self), Both(self)
        hello = alice.start(us, them, True)
        body = hello + self.verdict(OK, alice.encrypt(b"first"))
        for at in [*range(0, 42), 1127, 1128, 1129, 1130, *range(1162, 1340, 7), len(hello) - 1]:
            changed = body[:at] + bytes([body[at] ^ 1 << self.random.randrange(8)]) + body[at + 1:]
            verdict, message = bob.answer(them, us.public, changed, True)
            if verdict == OK:
                self.verdict("auth", bob.decrypt(message))
            else:
                self.assertEqual((verdict, at >= 1128), ("refused", True))
        for cut in (0, 31, 32, 1127, 1129, len(hello) - 1):
            self.verdict("refused", bob.answer(them, us.public, body[:cut], True))
        other = Party(self.random)
        for sender in (other.public, type(us.public)(us.public.account, other.public.device),
                       type(us.public)(other.public.account, us.public.device)):
            self.verdict("refused", bob.answer(them, sender, body, True))
        self.verdict("refused", bob.answer(them, us.public, body, False))
        for small in (bytes(32), b"\x01" + bytes(31)):
            self.verdict("refused", bob.answer(them, us.public, small + body[32:], True))
        self.verdict(OK, bob.answer(them, us.public, body, True))


class Envelopes(RefTest):
    def test_edges(self):
        """The body that just fills each size, and one byte more; empty; too long for all."""
        us, them, both = Party(self.random), Party(self.random), Both(self)
        outside = envelope.OUTSIDE + envelope.INSIDE
        for size in envelope.SIZES:
            for more in (0, 1):
                if size == envelope.SIZES[-1] and more:
                    continue
                body = self.random.randbytes(size - outside + more)
                sealed = both.seal(us, them, None, body)
                self.assertEqual(len(sealed), envelope.size_for(len(body)))
                self.assertEqual(both.open(them, sealed), (OK, (2, us.public.account, us.public.device, body)))
        self.verdict(OK, both.open(them, both.seal(us, them, None, b"")))
        self.assertEqual(both.open(them, both.seal(us, them, b"hello", b"message"))[1][3], b"hellomessage")
        self.assertRaises(Refusal, both.python.seal, us, them, None, bytes(envelope.SIZES[-1] - outside + 1))
        verdict, _ = self.peer.ask("seal", them.envelope_key_id, them.envelope_ek, them.public.device, us.public.account,
                                   us.public.device, None, bytes(envelope.SIZES[-1] - outside + 1))
        self.assertEqual(verdict, "refused")

    def test_inside(self):
        """What is sealed well but is no inner part, and forms that are merely unusual."""
        us, them, both = Party(self.random), Party(self.random), Both(self)
        parties, room = us.public.account + us.public.device, 4096 - envelope.OUTSIDE

        def open_inner(inner, size=4096):
            sealed = envelope.seal_inner(them.envelope_key_id, them.envelope_ek, them.public.device,
                                         inner.ljust(size - envelope.OUTSIDE, b"\0"), self.random.randbytes(64))
            return both.open(them, sealed)[0]
        for kind in (0, 3, 255):
            self.assertEqual(open_inner(bytes([kind]) + parties + var32(b"body")), "refused")
        for kind in (1, 2):
            good = bytes([kind]) + parties + var32(b"body")
            self.assertEqual(open_inner(good), OK)
            self.assertEqual(open_inner(good, 16384), OK)  # not the smallest that fits
            self.assertEqual(open_inner(good + b"\x01"), "refused")
            self.assertEqual(open_inner(good.ljust(room - 1, b"\0") + b"\x80"), "refused")
            for length in (room - 69, room - 68, 65536, 2**31, 2**32 - 1):
                claimed = bytes([kind]) + parties + length.to_bytes(4, "big")
                self.assertEqual(open_inner(claimed), OK if length == room - 69 else "refused")

    def test_tampering(self):
        us, them, both, other = Party(self.random), Party(self.random), Both(self), Party(self.random)
        sealed = both.seal(us, them, None, b"message")
        for _ in range(150):
            at = self.random.choice((0, self.random.randrange(1, 5), self.random.randrange(5, 1093),
                                     self.random.randrange(1093, 1125), self.random.randrange(1125, 4096)))
            changed = sealed[:at] + bytes([sealed[at] ^ 1 << self.random.randrange(8)]) + sealed[at + 1:]
            self.verdict("refused" if at == 0 else "auth", both.open(them, changed))
        for size in (0, 1, 4095, 4097, 16383):
            self.verdict("refused", both.open(them, sealed.ljust(size, b"\0")[:size]))
        self.verdict("auth", both.open(them, sealed.ljust(16384, b"\0")))
        self.verdict("auth", both.open(other, sealed))
        for point in (bytes(32), b"\x01" + bytes(31)):  # an X25519 part of small order
            self.verdict("refused", both.open(them, sealed[:5 + kem.CT] + point + sealed[5 + kem.XWING_CT:]))
        them.public.device = other.public.device
        self.verdict("auth", both.open(them, sealed))


if __name__ == "__main__":
    main()
