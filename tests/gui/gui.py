# SPDX-License-Identifier: GPL-3.0-or-later
"""What the GUI tests stand on: a relay, people, running apps; TAP out; a picture and the tree of every window on failure.

A test program is a list of functions that build on one another: they share a Stage and run in order, and after the first failure
the rest fail too. Each program runs in an X server, session bus and keyring of its own (meson starts it through session.py).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from driver import BUTTON, ENTRY, IMAGE, LABEL, TOGGLE, App, Desktop, screenshot, wait_for  # noqa: E402
from people import Person, Relay, introduce  # noqa: E402

DIGITS = re.compile(r"^\d{5}(\s\d{5}){5}$")
SYSTEM, TOR, SOCKS5 = range(3)  # the ways of connections, as they are listed
FRAME = 10  # without a compositor GTK draws a frame of its own, 5 pixels on each side


class Stage:
    """Everything that one test program has started and made."""

    def __init__(self, build, name):
        self.build, self.name = Path(build), name
        self.scratch = Path(tempfile.mkdtemp(prefix="gui-"))
        self.keep = self.build / "gui" / name
        shutil.rmtree(self.keep, ignore_errors=True)
        self.keep.mkdir(parents=True)
        self.desktop, self.env = Desktop(), dict(os.environ)
        self.relays, self.apps, self.pictures = [], {}, []

    def relay(self):
        relay = Relay(self.build, self.scratch / f"relay-{len(self.relays)}", self.keep / "relay.log", self.env)
        self.relays.append(relay)
        return relay.start()

    def person(self, name, relay=None):
        """Somebody new; registered if there is a @relay for them."""
        person = Person(self.build, name, self.scratch / name.lower(), self.env)
        return person.register(relay) if relay else person

    def friends(self, relay, *names):
        """People who all know the first of them."""
        people = [self.person(name, relay) for name in names]
        for other in people[1:]:
            introduce(people[0], other)
        return people

    def open(self, person, place=(0, 0, 900, 700), **env):
        """Opens @person's app and waits for its window."""
        app = App(self.desktop, person.command(), {**self.env, **env}, self.keep / f"{person.name.lower()}.log", place)
        self.apps[person.name] = app
        return app.wait_window()

    def shot(self, app, name):
        app.shot(self.keep / f"{name}.png")
        return self.keep / f"{name}.png"

    def note_failure(self):
        print(f"# the screen, and what each window held: {self.keep}")
        screenshot(self.keep / "failure.png")
        print(f"# on the accessibility bus: {self.desktop.describe()}")
        for name, app in self.apps.items():
            said = app.log.read_text(errors="replace")[-2000:].strip().replace("\n", "\n#     ")
            if app.process.poll() is None:
                tree = app.tree()
                (self.keep / f"{name.lower()}-tree.txt").write_text(tree)
                print(f"# --- {name}\n# " + tree.replace("\n", "\n# ")[:6000])
            else:
                print(f"# --- {name}: ended with code {app.process.returncode}")
            if said:
                print(f"# {name}'s app said:\n#     {said}")

    def clear(self):
        for app in self.apps.values():
            if app.process.poll() is None:
                app.process.kill()
                app.process.wait()
        for relay in self.relays:
            relay.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)


def run(*command, env=None):
    """A program run to its end: its code, and what it said."""
    words = [str(word) for word in command]
    return subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def brightness(picture, part="100%x100%+0+0"):
    """The mean of a part of the picture, 0 to 1."""
    return float(run("convert", picture, "-crop", part, "-colorspace", "Gray", "-format", "%[fx:mean]", "info:").stdout)


def check(truth, what):
    if not truth:
        raise AssertionError(what)


def width(app):
    said = run("xdotool", "getwindowgeometry", "--shell", app.window).stdout
    return int(dict(line.split("=") for line in said.split())["WIDTH"])


def fits(app, what):
    """The window is 360 pixels wide, and every control on the screen lies within it."""
    wide = width(app)
    check(wide == 360 + FRAME, f"{what}: the window is {wide - FRAME} wide, not 360")
    for node, role, _, _ in app.snapshot():
        if role in (IMAGE, LABEL, BUTTON, TOGGLE, ENTRY):
            x, _, w, _ = node.extents()  # which leave out paddings on the way: the truth lies up to 20 pixels further right
            check(w <= 0 or (x >= -20 and x + w <= 360), f"{what}: {node.describe()} lies at {x}, {w} wide")


def press_row(app, name):
    """Opens a row of the preferences with the keyboard, wherever it is scrolled to."""
    app.tab_to("row", name)
    app.key("Return")


def choose_way(app, way):
    """Chooses which way connections go with the keyboard, in the preferences or the dialog of the network, which are open."""
    ways = re.compile("^(Follow the system|Tor|SOCKS5 proxy)$")
    app.tab_to("combo box", "Connect through")
    before = len(app.all("label", ways))  # the style's own "Follow the system" may be one
    app.key("space")
    wait_for("the list of ways", lambda: len(app.all("label", ways)) >= before + 3)
    app.key("Home", *["Down"] * way, "Return")
    wait_for("the list to close", lambda: len(app.all("label", ways)) < before + 2)


def type_into(app, entry, text):
    app.tab_to("entry", entry)
    app.key("ctrl+a")
    app.type(text)


def set_proxy(app, socks):
    """There: through @socks, and nowhere else."""
    choose_way(app, SOCKS5)
    type_into(app, "Name or address", "127.0.0.1")
    type_into(app, "Port", str(socks.port))
    app.key("Return")


def take_recovery_code(app, timeout=60):
    """Goes through the page of first start that shows the recovery code; the code."""
    app.sees("Your Recovery Code", timeout=timeout)
    code = app.find("label", DIGITS, timeout=timeout).name.replace("\n", " ")
    app.click("button", "I Have Written It Down")
    app.fill("The last five digits", code[-5:])
    app.sees(re.compile("That is right"), timeout=timeout)
    app.click("button", "Continue")
    return code


def main(*steps):
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    print(f"1..{len(steps)}", flush=True)
    stage, failed = None, False
    for number, step in enumerate(steps, 1):
        title = (step.__doc__ or step.__name__).strip().splitlines()[0].rstrip(".")
        try:
            stage = stage or Stage(Path(options.build).resolve(), Path(sys.argv[0]).stem)
            if failed:
                print(f"not ok {number} {title}\n# an earlier step failed", flush=True)
                continue
            step(stage)
            print(f"ok {number} {title}", flush=True)
        except Exception:  # whatever it was, it is this step's failure
            failed = True
            print(f"not ok {number} {title}\n# " + traceback.format_exc().rstrip().replace("\n", "\n# "), flush=True)
            if stage:
                try:
                    stage.note_failure()
                except Exception as error:
                    print(f"# and no picture of it: {error}")
    if stage:
        stage.clear()
    sys.exit(1 if failed else 0)
