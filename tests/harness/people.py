# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay on loopback and people with profiles: what run.py, shots.py and the GUI tests are played with."""
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:(\d+))")


class PeopleError(Exception):
    """The stage could not be set; the text says why."""


class Relay:
    """A tessera-relay process that can be stopped, killed and started again on the same port."""

    def __init__(self, build, data, log, env, port=0, config=""):
        self.program, self.data, self.log = Path(build, "relay", "tessera-relay"), Path(data), Path(log)
        self.env, self.port, self.process, self.config = env, port, None, config

    def start(self, timeout=20):
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(self.program), "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        if self.config:
            settings = self.data / "relay.conf"
            settings.write_text(self.config)
            command += ["--config", str(settings)]
        with open(self.log, "ab") as errors:
            # In a process group of its own: Ctrl+C is for whoever started it, who then ends it in order.
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": errors, "start_new_session": True}
            self.process = subprocess.Popen(command, env=self.env, text=True, **pipes)
        said, ready = [], threading.Event()

        def read():
            with open(self.log, "a", encoding="utf-8") as log:
                for line in self.process.stdout:
                    log.write(line)
                    said.append(line)
                    if LISTENING.search(line):
                        ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        ready.wait(timeout)
        found = LISTENING.search("".join(said))
        if not found:
            self.kill()
            raise PeopleError(f"tessera-relay did not start on port {self.port}:\n{self.log.read_text(errors='replace')[-1500:]}")
        self.origin, self.port = found.group(1), int(found.group(2))
        return self

    def admin(self, *words):
        """tessera-relay admin, beside the running relay; what it said."""
        command = [str(self.program), "--data", str(self.data), "admin", *map(str, words)]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=30, check=True).stdout

    def end(self, sig, timeout=15):
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(sig)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise PeopleError("tessera-relay did not end within its time when it was told to") from None

    def stop(self):
        return self.end(signal.SIGTERM)

    def kill(self):
        return self.end(signal.SIGKILL)


class Person:
    """Somebody with a profile, through tessera-cli (while no app has the profile open) or the app."""

    def __init__(self, build, name, profile, env):
        self.build, self.name, self.profile, self.env = Path(build), name, Path(profile), env
        self.profile.parent.mkdir(parents=True, exist_ok=True)

    def cli(self, *arguments, codes=(0,), timeout=60):
        """Runs tessera-cli on the profile; what it said on stdout."""
        words = [str(word) for word in arguments]
        command = [*self.program("tessera-cli"), *words]
        done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                              check=False)
        if done.returncode not in codes:
            what = f"{self.name}: tessera-cli {' '.join(words)[:200]}"
            raise PeopleError(f"{what}: code {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def register(self, relay):
        self.cli("register", "--name", self.name, "--relay", relay.origin)
        return self

    def address(self):
        found = re.search(r"TESSERA:1/\S+", self.cli("address"), re.I)
        if not found:
            raise PeopleError(f"{self.name} has no address")
        return found.group(0)

    def command(self):
        """The app on this profile."""
        return self.program("tessera")

    def program(self, name):
        """How tessera or tessera-cli is started on this profile."""
        folder = "ui" if name == "tessera" else "cli"
        return [str(self.build / "src" / folder / name), "--profile", str(self.profile)]


def introduce(one, other):
    """Both add each other and say hello, so that each has the other's name. Their apps must not be running."""
    for person, friend in ((one, other), (other, one)):
        address = friend.address()
        person.cli("add", address)
        person.cli("send", address, f"Hello {friend.name}, this is {person.name}.")
    limit = time.monotonic() + 20
    while not (other.name in one.cli("contacts") and one.name in other.cli("contacts")):
        if time.monotonic() > limit:
            raise PeopleError(f"{one.name} and {other.name} did not get each other's name")
        for person in (one, other):
            person.cli("receive", "--timeout", "5")


def environment(session, **more):
    """What programs of a played session run in: nothing of the caller's theme or scale."""
    theirs = ("GTK_", "GDK_SCALE", "GDK_DPI_SCALE", "ADW_DEBUG")
    env = {key: value for key, value in session.env.items() if not key.startswith(theirs)}
    if os.environ.get("TESSERA_DEBUG"):
        env["G_MESSAGES_DEBUG"] = "all"
    return {**env, **more}
