#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile has one process: a second app raises the first one's window, and the command line is refused in words."""
import subprocess
from pathlib import Path

from gi.repository import Gio, GLib
from gui import brightness, check, main, run
from driver import App, screenshot, wait_for
from people import Person
from private import check_private, without_privilege


def second_app(stage):
    """A second app on the same profile raises the window and ends"""
    stage.alice = stage.person("Alice", stage.relay())
    app = stage.app = stage.open(stage.alice)
    app.sees("No Chats Yet")
    stage.bob = stage.person("Bob", stage.relays[0])
    other = stage.open(stage.bob, ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    other.sees("No Chats Yet")
    check(on_top(stage) == "Bob", "Bob's window does not cover Alice's")
    done = run(*stage.alice.command(), env=stage.env)
    check(done.returncode == 0, f"the second process ended with code {done.returncode}: {done.stderr}")
    wait_for("Alice's window to come to the front", lambda: on_top(stage) == "Alice")
    check(len(app.windows()) == 1, "there is a second window")
    check(other.end() == 0, "did not end cleanly")
    app.sees("No Chats Yet")


def on_top(stage):
    """Whose window covers the other's: both are in the same place, Bob's is dark."""
    picture = screenshot(stage.keep / "top.png")
    return "Bob" if brightness(picture, "900x700+0+0") < 0.4 else "Alice"


def command_line(stage):
    """tessera-cli on the same profile is refused with a clear word, and changes nothing"""
    done = run(stage.build / "src" / "cli" / "tessera-cli", "--profile", stage.alice.profile, "address", env=stage.env)
    check(done.returncode == 1, f"code {done.returncode}")
    check("open" in done.stderr or "use" in done.stderr, f"it says only: {done.stderr!r}")
    stage.app.sees("No Chats Yet")


def other_profile(stage):
    """Another profile's app opens beside it, with a link of the first one's contact to add"""
    address = stage.bob.address()
    app = stage.open(stage.bob, (900, 0, 700, 700))
    app.sees("No Chats Yet")
    done = run(*stage.alice.command(), address.replace("TESSERA:", "tessera:"), env=stage.env)
    check(done.returncode == 0, f"the link's process ended with code {done.returncode}: {done.stderr}")
    stage.app.find("button", "Add")
    stage.shot(stage.app, "link")
    for one in (app, stage.app):
        check(one.end() == 0, "did not end cleanly")


def activated(stage):
    """The session bus starts the app without a window, and opens a link in it: as a click on one does"""
    person = Person(stage.build, "Carol", Path(stage.env["XDG_DATA_HOME"], "tessera"), stage.env).register(stage.relays[0])
    command = [str(stage.build / "src" / "ui" / "tessera"), "--gapplication-service"]
    app = stage.apps["Carol"] = App(stage.desktop, command, stage.env, stage.keep / "carol.log", (0, 0, 900, 700))
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    name = next((stage.build / "data").glob("*.service")).stem

    def call(interface, method, arguments, path="/" + name.replace(".", "/"), to=name):
        return bus.call_sync(to, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 20000, None).unpack()

    wait_for("the app on the bus", lambda: app.alive() and call("org.freedesktop.DBus", "NameHasOwner",
             GLib.Variant("(s)", (name,)), "/", "org.freedesktop.DBus")[0])
    check(not app.windows(), "a window came by itself")
    links = [stage.bob.address().replace("TESSERA:", "tessera:")]
    call("org.freedesktop.Application", "Open", GLib.Variant("(asa{sv})", (links, {})))
    app.wait_window().find("button", "Add")
    call("org.freedesktop.Application", "Activate", GLib.Variant("(a{sv})", ({},)))
    check(len(app.windows()) == 1, "there is a second window")
    app.find("button", "Add")
    check(app.end() == 0, "did not end cleanly")
    check("Bob" not in person.cli("contacts"), "the link alone added somebody")


def private(stage):
    """The app dumps no core and lets nobody look into its memory"""
    without_privilege()
    app = stage.open(stage.alice)
    check_private(app.process.pid, "tessera")
    check(app.end() == 0, "did not end cleanly")


def locked(stage):
    """While the command line has the profile, the app says so and what to do"""
    command = [str(stage.build / "src" / "cli" / "tessera-cli"), "--profile", str(stage.alice.profile), "receive", "--follow"]
    nothing = subprocess.DEVNULL
    holder = subprocess.Popen(command, env=stage.env, stdin=nothing, stdout=nothing, stderr=nothing)
    try:
        app = stage.open(stage.alice)
        app.sees("Tessera Is Already Open")
        stage.shot(app, "locked")
    finally:
        holder.terminate()
        holder.wait(20)
    app.click("button", "Try Again")
    app.sees("No Chats Yet")
    check(app.end() == 0, "did not end cleanly")


main(second_app, command_line, other_profile, activated, private, locked)
