# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of tessera-cli stand on: people with profiles, a real relay, TAP out.

Runs inside a private session (tests/harness/session.py), whose keyring the profiles use.
"""
import argparse
import fcntl
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))
from people import Relay  # noqa: E402

# What the sanitizer says of any program with fibers.
REMARKS = re.compile(r"makecontext/swapcontext|__asan_handle_no_return|^False positive error reports|^For details see https:")
DONE, FAILED, USAGE, UNREACHABLE = range(4)


class Options:
    build = seed = None


class Person:
    """Somebody with a profile, through tessera-cli."""

    def __init__(self, test, name):
        self.test, self.name, self.env = test, name, dict(os.environ)
        self.profile = test.folder / f"profile-{name.lower()[:20]}"
        self.passphrase = None

    def command(self, *words):
        return [str(Options.build / "src" / "cli" / "tessera-cli"), "--profile", str(self.profile), *map(str, words)]

    def start(self, *words, **more):
        """A run of the command line that goes on beside the test."""
        command, settings = self.command(*words), {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **more}
        if self.passphrase is not None:
            read_end, write_end = os.pipe()
            os.write(write_end, self.passphrase.encode())
            os.close(write_end)
            command[1:1] = ["--passphrase-fd", str(read_end)]
            settings["pass_fds"] = (read_end,)
        process = subprocess.Popen(command, env=self.env, stderr=subprocess.PIPE, **settings)
        if self.passphrase is not None:
            os.close(read_end)
        self.test.addCleanup(self.end, process)
        return process

    def is_open(self):
        """Whether a process holds the profile's lock; asks without taking it."""
        try:
            with open(self.profile / "lock", "rb") as file:
                lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
                return struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, lock))[0] != fcntl.F_UNLCK
        except FileNotFoundError:
            return False

    def hold(self, *words, limit=30):
        """start(), and waits until it has the profile open."""
        process, end = self.start(*words), time.monotonic() + limit
        while not self.is_open():
            self.test.assertIsNone(process.poll(), "it ended before it had the profile open")
            self.test.assertLess(time.monotonic(), end, "it does not open the profile")
            time.sleep(0.01)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def run(self, *words, given=None, limit=60, **more):
        """One run: its code, and what it said on stdout and stderr."""
        if given is not None:
            more["stdin"] = subprocess.PIPE
        process = self.start(*words, **more)
        out, errors = process.communicate(given.encode() if isinstance(given, str) else given, timeout=limit)
        text = errors.decode(errors="replace")
        self.test.assertGreaterEqual(process.returncode, 0, f"{words} died of signal {-process.returncode}: {text}")
        said = [line for line in errors.decode().splitlines(True) if not REMARKS.search(line)]
        return process.returncode, (out or b"").decode(), "".join(said)

    def do(self, *words, code=DONE, **more):
        """One run that must end with @code; its stdout."""
        got, out, errors = self.run(*words, **more)
        self.test.assertEqual(got, code, f"{self.name}: {words}: {out}{errors}")
        return out

    def fails(self, *words, code=FAILED, says=(), **more):
        """One run that must end with @code and a reason that holds each of @says; the reason."""
        got, out, errors = self.run(*words, **more)
        self.test.assertEqual(got, code, f"{self.name}: {words}: {out}{errors}")
        self.test.assertTrue(errors.startswith("tessera-cli: "), errors)
        for word in [says] if isinstance(says, str) else says:
            self.test.assertIn(word.lower(), errors.lower())
        return errors

    def json(self, *words, **more):
        """One run with --json: its objects."""
        return [json.loads(line) for line in self.do("--json", *words, **more).splitlines()]

    def register(self, relay, **more):
        self.do("register", "--name", self.name, "--relay", relay.origin, **more)
        self.address = self.do("address").strip()
        return self

    def history(self, contact):
        return self.json("history", contact)

    def received(self, contact):
        return [message["body"] for message in self.history(contact) if not message["outgoing"]]

    def sent(self, contact):
        return [message["body"] for message in self.history(contact) if message["outgoing"]]


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cli-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.random = random.Random(f"{Options.seed} {self.id()}")
        self.relays = 0

    def relay(self, config=""):
        self.relays += 1
        place = self.folder / f"relay-{self.relays}"
        relay = Relay(Options.build, place, self.folder / f"relay-{self.relays}.log", dict(os.environ), config=config).start()
        self.addCleanup(relay.end, signal.SIGKILL)
        return relay

    def person(self, name, relay=None, **more):
        person = Person(self, name)
        return person.register(relay, **more) if relay else person

    def friends(self, relay, *names):
        """People of whom each has added each other."""
        people = [self.person(name, relay) for name in names]
        for person in people:
            for other in people:
                if other is not person:
                    person.do("add", other.address)
        return people


class TapResult(unittest.TestResult):
    def startTestRun(self):
        self.number = 0

    def say(self, test, good, why=""):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {test.id().removeprefix('__main__.')}", flush=True)
        for line in why.rstrip().splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        self.say(test, True)

    def addError(self, test, error):
        super().addError(test, error)
        self.say(test, False, f"seed {Options.seed}\n" + self.errors[-1][1])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say(test, False, f"seed {Options.seed}\n" + self.failures[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.say(subtest, False, "".join(self._exc_info_to_string(error, test)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--seed", default=os.environ.get("TESSERA_SEED") or str(random.SystemRandom().randrange(1 << 32)))
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    Options.build, Options.seed = options.build.resolve(), options.seed
    loader = unittest.TestLoader()
    module = sys.modules["__main__"]
    suite = loader.loadTestsFromNames(options.tests, module) if options.tests else loader.loadTestsFromModule(module)
    print(f"TAP version 13\n1..{suite.countTestCases()}\n# seed {Options.seed}", flush=True)
    result = TapResult()
    result.startTestRun()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
