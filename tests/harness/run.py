#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev run: a relay on loopback and two people, Alice and Bob, who know each other.

With a display their two windows open on it, until both are closed or Ctrl+C. Without one the same two windows open in Xvfb and
play a conversation, with pictures in build/demo/; exit code 0 only if every message arrived and the verification shows.
Everything is kept in build/run/ for the next time; --fresh starts over.
"""
import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from people import PeopleError, Person, Relay, environment, introduce  # noqa: E402
from session import Session, SessionError  # noqa: E402

SCREEN = (1600, 900)
PROBE = """import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gtk
raise SystemExit(0 if Gtk.init_check() else 1)
"""


def say(text):
    print(text, flush=True)


def the_display():
    """The variables of the caller's display, if it can be opened."""
    found = {key: os.environ[key] for key in ("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY") if os.environ.get(key)}
    if "WAYLAND_DISPLAY" in found and not found["WAYLAND_DISPLAY"].startswith("/"):
        found["WAYLAND_DISPLAY"] = os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), found["WAYLAND_DISPLAY"])
    if not {"DISPLAY", "WAYLAND_DISPLAY"} & set(found):
        return None
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    try:
        opened = subprocess.run([sys.executable, "-c", PROBE], env={**env, **found}, timeout=20, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return None
    return found if opened.returncode == 0 else None


class Stage:
    """What build/run/ holds: the relay's data and port, the two profiles, the home with the keyring."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.port_file, self.ready_file = folder / "port", folder / "introduced"

    def lock(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock_file = open(self.folder.parent / f".{self.folder.name}.lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PeopleError(f"{self.folder} is in use: another ./dev run is still open") from None

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def relay(self, env):
        """The relay, on the port it has always had: the contacts' addresses hold it."""
        port = int(self.port_file.read_text()) if self.port_file.exists() else 0
        relay = Relay(self.build, self.folder / "relay", self.folder / "relay.log", env, port)
        try:
            relay.start()
        except PeopleError as error:
            if port == 0:
                raise
            raise PeopleError(f"{error}\nIf another program has that port now, start over: ./dev run --fresh") from None
        self.port_file.write_text(str(relay.port))
        return relay

    def people(self, relay, env):
        """Alice and Bob, who know each other."""
        alice, bob = (Person(self.build, name, self.folder / name.lower(), env) for name in ("Alice", "Bob"))
        if not self.ready_file.exists():
            say("Alice and Bob make their keys and meet …")
            for person in (alice, bob):
                shutil.rmtree(person.profile, ignore_errors=True)
                person.register(relay)
            introduce(alice, bob)
            self.ready_file.write_text("yes\n")
        return alice, bob


def windows(people, env, folder):
    """Opens both windows on the caller's display and waits until both are closed."""
    running = []
    for person in people:
        with open(folder / f"{person.name.lower()}.log", "ab") as log:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True}
            running.append(subprocess.Popen(person.command(), env=env, **pipes))
    say("Two windows are open: Alice and Bob. Close both, or press Ctrl+C, to end.")
    worst = 0
    try:
        while any(process.poll() is None for process in running):
            time.sleep(0.1)
        worst = max(abs(process.returncode) for process in running)
    except KeyboardInterrupt:
        say("")
    finally:
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
    if worst:
        say(f"A window ended badly (code {worst}); what it said is in {folder}/*.log")
    return 1 if worst else 0


def play(people, env, demo):
    """Plays the conversation in Xvfb and leaves pictures."""
    import conversation
    from driver import App, Desktop, DriverError, screenshot

    shutil.rmtree(demo, ignore_errors=True)
    demo.mkdir(parents=True)
    half, apps = SCREEN[0] // 2, []
    desktop = Desktop()

    def shot(name):
        say(f"  {screenshot(demo / f'{name}.png')}")

    try:
        for number, person in enumerate(people):
            app = App(desktop, person.command(), env, demo / f"{person.name.lower()}.log", (number * half, 0, half, SCREEN[1]))
            apps.append(app)
            app.wait_window()
        say("No display: playing the conversation in Xvfb. Pictures:")
        conversation.play(*apps, demo, shot)
        for app in apps:
            app.end()
    except (DriverError, subprocess.SubprocessError) as error:
        say(f"The conversation did not work: {error}")
        screenshot(demo / "failure.png")
        for person, app in zip(people, apps):
            if app.process.poll() is None:
                (demo / f"{person.name.lower()}-tree.txt").write_text(app.tree())
        say(f"A picture, what each window held and what the programs said: {demo}")
        return 1
    say("Every message arrived, and both sides show the verification.")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./dev run", description="a relay on loopback and two people who know each other")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs left")
    parser.add_argument("--headless", action="store_true", help="play it in Xvfb even if there is a display")
    parser.add_argument("--build", default=Path(os.environ.get("TESSERA_BUILD", "build")), type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ./dev ignores it, and so would this
    build = options.build.resolve()
    stage, display = Stage(build, build / "run"), None if options.headless else the_display()
    relay = None
    try:
        stage.lock()
        if options.fresh:
            stage.clear()
        size = None if display else "x".join(map(str, SCREEN))
        with Session(keep=stage.folder / "home", x11=size, display=display) as session:
            session.export()
            env = environment(session)
            relay = stage.relay(env)
            say(f"The relay listens on {relay.origin}; its data, both profiles and the keyring are in {stage.folder}")
            people = stage.people(relay, env)
            code = windows(people, env, stage.folder) if display else play(people, env, build / "demo")
            ended = relay.stop()
            if ended != 0:
                say(f"The relay ended with code {ended}; see {relay.log}")
            return code or (1 if ended else 0)
    except (PeopleError, SessionError) as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if relay:
            relay.stop()


if __name__ == "__main__":
    sys.exit(main())
