# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the two implementations stand on: the C one behind a pipe, people with keys, sessions in step, TAP out."""
import argparse
import os
import random
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from tessera_ref import ed25519, envelope, handshake, kem, ratchet, records  # noqa: E402
from tessera_ref.basics import DAY, Random, Refusal, x25519_public  # noqa: E402

NOW = 1_800_000_000
OK = "ok"


class Options:
    peer = seed = None


class Draws(Random):
    """Bytes of a test's generator, kept so that the other implementation can be given the same."""

    def __init__(self, source):
        super().__init__()
        self.source, self.drawn = source, b""

    def draw(self, length):
        self.drawn += (data := self.source.randbytes(length))
        return data


class Peer:
    """The C implementation (peer.c)."""

    def __init__(self):
        self.process = subprocess.Popen([Options.peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.slots = 0

    def slot(self):
        self.slots += 1
        return self.slots - 1

    def ask(self, *words):
        """(verdict, results): bytes for hex, None for what is left out."""
        said = ["-" if word is None else str(word) if not isinstance(word, bytes) else word.hex() or "." for word in words]
        self.process.stdin.write(" ".join(said).encode() + b"\n")
        self.process.stdin.flush()
        verdict, *results = self.process.stdout.readline().decode().split()
        return verdict, results

    def bytes(self, *words):
        """What must succeed with one result of bytes."""
        verdict, results = self.ask(*words)
        assert verdict == OK, f"{words[0]}: {verdict} {results}"
        return unhex(results[0])

    def random(self, data):
        """What it draws from now on (None: its own); how much of the last was left."""
        return int(self.ask("random", data)[1][0])

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        assert code == 0, f"the peer ended with {code}"


def unhex(text):
    return b"" if text == "." else bytes.fromhex(text)


def judge(function, *arguments):
    """The verdict of the reference, and its result."""
    try:
        return OK, function(*arguments)
    except Refusal as refusal:
        return refusal.verdict, None


class Party:
    """One device of somebody, with prekeys that were published at NOW."""

    def __init__(self, source, number=1):
        self.account_seed, self.device_seed = source.randbytes(32), source.randbytes(32)
        self.list = records.DeviceList(ed25519.public_of(self.account_seed), source.randrange(1 << 40))
        self.list.vouch(number, self.device_seed, NOW)
        self.signed_list = self.list.signed(self.account_seed)
        self.public = handshake.Person(self.list.account, self.list.devices[0].key)
        self.spk, self.last_resort = source.randbytes(32), source.randbytes(64)
        self.opk, self.one_time_seed = source.randbytes(32), source.randbytes(64)
        self.envelope_seed, self.envelope_key_id = source.randbytes(32), source.randrange(1 << 32)
        self.envelope_ek = kem.xwing_ek_of(self.envelope_seed)
        self.prekey = records.Prekey(self.public.device, source.randrange(1 << 32), x25519_public(self.spk),
                                     kem.ek_of(self.last_resort), self.envelope_key_id, self.envelope_ek, NOW, NOW + 14 * DAY)
        self.one_time = records.OneTime(self.public.device, source.randrange(1, 1 << 32), x25519_public(self.opk),
                                        kem.ek_of(self.one_time_seed))

    def private(self, with_one_time):
        if with_one_time:
            return handshake.Private(self.spk, self.last_resort, self.opk, self.one_time_seed)
        return handshake.Private(self.spk, self.last_resort)

    def open(self, sealed):
        return envelope.open_envelope(sealed, self.envelope_seed, self.public.device)


class PySide:
    """A session of the reference."""

    def __init__(self, random_source):
        self.random, self.session = random_source, None

    def start(self, us, them, with_one_time):
        prekey = records.read_prekey(them.prekey.signed(them.device_seed), them.public.device, NOW)
        one_time = records.read_one_time(them.one_time.signed(them.device_seed), them.public.device) if with_one_time else None
        hello, agreed = handshake.initiate(us.public, us.device_seed, us.signed_list, them.public, prekey, one_time,
                                           self.random.draw(32), self.random.draw(32))
        self.session = ratchet.initiator(agreed.sk, agreed.ad, prekey.spk)
        return hello.encode()

    def answer(self, us, sender, body, with_one_time):
        """(verdict, the ratchet message behind the hello)."""
        def respond():
            hello, message = handshake.split_hello(body)
            agreed = handshake.respond(us.public, us.device_seed, us.private(with_one_time), sender, hello)
            return ratchet.responder(agreed.sk, agreed.ad, us.spk), message
        verdict, result = judge(respond)
        if verdict != OK:
            return verdict, None
        self.session = result[0]
        return verdict, result[1]

    def encrypt(self, content):
        return judge(self.session.encrypt, content, self.random)

    def decrypt(self, message, now=NOW):
        return judge(self.session.decrypt, message, now)

    def seal(self, us, them, hello, message):
        kind = envelope.MESSAGE if hello is None else envelope.HELLO_AND_MESSAGE
        return envelope.seal_envelope(them.envelope_key_id, them.envelope_ek, them.public.device, kind, us.public,
                                      (hello or b"") + message, self.random.draw(64))

    @staticmethod
    def open(us, sealed):
        return judge(us.open, sealed)


class CSide:
    """A session of the C implementation."""

    def __init__(self, peer):
        self.peer, self.slot = peer, peer.slot()

    def start(self, us, them, with_one_time):
        one_time = them.one_time.signed(them.device_seed) if with_one_time else None
        return self.peer.bytes("start", self.slot, us.device_seed, us.public.account, us.public.device, us.signed_list,
                               them.public.account, them.public.device, NOW, them.prekey.signed(them.device_seed), one_time)

    def answer(self, us, sender, body, with_one_time):
        one_time = us.opk + us.one_time_seed if with_one_time else None
        return self.one("answer", self.slot, us.device_seed, us.public.account, us.public.device, us.spk + us.last_resort,
                        one_time, sender.account, sender.device, body)

    def one(self, *words):
        verdict, results = self.peer.ask(*words)
        return verdict, unhex(results[0]) if verdict == OK else None

    def encrypt(self, content):
        return self.one("encrypt", self.slot, content)

    def decrypt(self, message, now=NOW):
        return self.one("decrypt", self.slot, now, message)

    def seal(self, us, them, hello, message):
        return self.peer.bytes("seal", them.envelope_key_id, them.envelope_ek, them.public.device, us.public.account,
                               us.public.device, hello, message)

    def open(self, us, sealed):
        verdict, results = self.peer.ask("open", us.envelope_seed, us.public.device, sealed)
        return verdict, (int(results[0]), *map(unhex, results[1:])) if verdict == OK else None


class Both:
    """One side by both implementations in step: the same bytes in, the same draws, and byte for byte the same out."""

    def __init__(self, test):
        self.test = test
        self.draws = Draws(test.random)
        self.python, self.c = PySide(self.draws), CSide(test.peer)

    def same(self, name, *arguments):
        self.draws.drawn = b""
        expected = getattr(self.python, name)(*arguments)
        self.test.peer.random(self.draws.drawn)
        got = getattr(self.c, name)(*arguments)
        self.test.assertEqual(expected, got, f"{name}: the reference first, then the C implementation")
        self.test.assertEqual(self.test.peer.random(None), 0, f"{name} drew less than the reference")
        self.test.agreed += 1
        return got

    def __getattr__(self, name):
        return lambda *arguments: self.same(name, *arguments)

    @property
    def session(self):
        return self.python.session


class RefTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{Options.seed} {self.id()}")
        self.peer = Peer()
        self.addCleanup(self.peer.end)
        self.agreed = 0

    def verdict(self, expected, got):
        self.assertEqual(got[0], expected)
        return got[1]

    def pair(self, with_one_time=True, alice=None, bob=None):
        """A session in step on both sides, after its first message: (initiator, responder)."""
        alice, bob = alice or Both(self), bob or Both(self)
        us, them = Party(self.random), Party(self.random)
        hello = alice.start(us, them, with_one_time)
        message = self.verdict(OK, alice.encrypt(b"first"))
        self.assertEqual(self.verdict(OK, bob.answer(them, us.public, hello + message, with_one_time)), message)
        self.assertEqual(self.verdict(OK, bob.decrypt(message)), b"first")
        return alice, bob

    def pass_on(self, sender, receiver, content=b"hello"):
        message = self.verdict(OK, sender.encrypt(content))
        self.assertEqual(self.verdict(OK, receiver.decrypt(message)), content)
        self.agreed += 1
        return message


class Tap(unittest.TestResult):
    count = 0

    def say(self, test, good, why=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {test.id().removeprefix('__main__.')}", flush=True)
        for line in why.rstrip().splitlines():
            print(f"# {line}"[:400], flush=True)

    def addSuccess(self, test):
        self.say(test, True, f"{test.agreed} agreements")

    def addError(self, test, error):
        super().addError(test, error)
        self.say(test, False, f"seed {Options.seed}\n" + self.errors[-1][1])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say(test, False, f"seed {Options.seed}\n" + self.failures[-1][1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    parser.add_argument("--seed", default=os.environ.get("TESSERA_SEED") or str(random.SystemRandom().randrange(1 << 32)))
    parser.add_argument("tests", nargs="*", help="some of them: Class or Class.test")
    options = parser.parse_args()
    Options.peer, Options.seed = os.path.abspath(options.peer), options.seed
    loader, module = unittest.TestLoader(), sys.modules["__main__"]
    suite = loader.loadTestsFromNames(options.tests, module) if options.tests else loader.loadTestsFromModule(module)
    print(f"TAP version 13\n1..{suite.countTestCases()}\n# seed {Options.seed}", flush=True)
    result = Tap()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
