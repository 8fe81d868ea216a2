#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running without a window: what closing it does then, from login on, with a portal and without one."""
import os
import shlex
import time
from pathlib import Path

from gui import check, main, run
from conversation import open_chat
from desktop_mocks import Daemon, Portal, Power
from driver import App, wait_for
from gi.repository import Gio, GLib

LOGIN = "org.freedesktop.login1"
SANDBOX = {"GTK_USE_PORTAL": "1", "GIO_USE_PORTALS": "1", "GIO_USE_PROXY_RESOLVER": "dummy", "GIO_USE_NETWORK_MONITOR": "base"}
# The session's bus for the system's too, and all in the log.
TELLING = {"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"], "G_MESSAGES_DEBUG": "all"}


def is_on(app, name):
    return "checked" in app.all("switch", name)[-1].states


def turn(app, name, on):
    """Turns a switch of the preferences, which are open, and waits for it to stand so."""
    app.find("switch", name)
    wait_for(f"{name!r} to take a click", lambda: "sensitive" in app.all("switch", name)[-1].states)
    app.all("switch", name)[-1].click()
    wait_for(f"{name!r} to be {'on' if on else 'off'}", lambda: is_on(app, name) == on)


def folder(stage):
    return Path(stage.env["XDG_CONFIG_HOME"], "autostart")


def close(stage):
    """Closes the window as a person does; the app goes on."""
    stage.app.key("ctrl+w")
    wait_for("the window to go", lambda: not stage.app.windows())
    stage.app.alive()


def start(stage):
    """Starts it as the login would."""
    app = App(stage.desktop, stage.command, stage.env, stage.keep / "alice.log", (0, 0, 900, 700))
    stage.app = stage.apps["Alice"] = app
    return app


def woken(stage):
    """The machine was asleep; says logind."""
    bus = stage.bus = Gio.bus_get_sync(Gio.BusType.SESSION)  # the name goes with it
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", GLib.Variant("(su)", (LOGIN, 0)), None,
                  Gio.DBusCallFlags.NONE, 5000, None)
    for asleep in (True, False):
        bus.emit_signal(None, "/org/freedesktop/login1", f"{LOGIN}.Manager", "PrepareForSleep", GLib.Variant("(b)", (asleep,)))


def gets(stage, text):
    """What Bob sends arrives without a window."""
    stage.bob.cli("send", "Alice", text)
    wait_for(f"{text!r} to arrive", lambda: ("Bob", text) in [one[1:] for one in stage.daemon.now()])


def closing(stage):
    """Off, as at first: closing the window ends the app"""
    stage.daemon = Daemon("body", "actions")
    relay = stage.relay()
    stage.alice, stage.bob = stage.friends(relay, "Alice", "Bob")
    app = stage.open(stage.alice)
    app.find("list", "Conversations")
    app.key("ctrl+w")
    check(app.process.wait(20) == 0, "did not end cleanly")


def background(stage):
    """On: closing the window hides it, messages come, and a second start or a notification shows it again"""
    stage.app = app = stage.open(stage.alice)
    app.find("list", "Conversations")
    app.key("ctrl+comma")
    turn(app, "Run in background", True)
    check(not folder(stage).exists() or not list(folder(stage).iterdir()), "it would start at login")
    app.close_dialog()
    close(stage)
    gets(stage, "Nobody looks")
    done = run(*stage.alice.command(), env=stage.env)
    check(done.returncode == 0, f"the second process ended with code {done.returncode}: {done.stderr}")
    app.wait_window()
    open_chat(app, "Bob")
    app.sees("Nobody looks", role="row")
    close(stage)
    gets(stage, "Look now")
    stage.daemon.choose(stage.daemon.now()[0][0], "default")
    app.wait_window().sees("Look now", role="row")


def login(stage):
    """Start at Login writes a file that starts it without a window, and only then"""
    app = stage.app
    app.key("ctrl+comma")
    turn(app, "Start at login", True)
    stage.shot(app, "1-preferences")
    app.close_dialog()
    file, = folder(stage).iterdir()
    check(run("desktop-file-validate", file).returncode == 0, "it is no valid desktop file")
    line = next(line for line in file.read_text().splitlines() if line.startswith("Exec="))
    stage.command = [word.replace("%%", "%") for word in shlex.split(line[5:])]
    check(stage.command[1:] == ["--hidden", "--profile", str(stage.alice.profile)], f"it starts {stage.command}")


def quits(stage):
    """Ctrl+Q ends it all the same, and so does the session's end without a window"""
    stage.app.key("ctrl+q")
    check(stage.app.process.wait(20) == 0, "did not end cleanly")
    app = start(stage)
    gets(stage, "Good morning")
    check(not app.windows(), "a window came by itself")
    check(run(*stage.command, env=stage.env).returncode == 0, "a second one of it did not end")
    check(not app.windows(), "a second one of it brought the window")
    check(app.end() == 0, "did not end cleanly")
    check(not stage.daemon.now(), "its notifications are still there")


def hidden(stage):
    """Started without a window, a notification opens one; switched off, the file goes and closing ends"""
    app = start(stage)
    gets(stage, "Open this")
    stage.daemon.choose(stage.daemon.now()[0][0], "default")
    app.wait_window().sees("Open this", role="row")
    app.key("ctrl+comma")
    turn(app, "Run in background", False)
    wait_for("the file to go", lambda: not list(folder(stage).iterdir()))
    app.close_dialog()
    app.key("ctrl+w")
    check(app.process.wait(20) == 0, "did not end cleanly")


def heeds(stage, turn_to, what):
    """Turns the battery saver on and off, as the desktop does, and waits for the app to say in its log that it heard."""
    for is_on, words in ((True, "power: saved from now on"), (False, "power: not saved any more")):
        said = stage.app.log.read_text(errors="replace").count(words)
        turn_to(is_on)
        wait_for(f"{words!r}, said by {what}", lambda: stage.app.log.read_text(errors="replace").count(words) == said + 1)


def saver(stage):
    """The battery saver of power-profiles-daemon is heeded: one that is on from the start, and one turned on and off"""
    power = Power("power-saver")
    app = stage.app = stage.open(stage.alice, **TELLING)
    wait_for("it to be heeded", lambda: "power: saved from now on" in app.log.read_text(errors="replace"))
    power.turn("balanced")
    wait_for("its end to be", lambda: "power: not saved any more" in app.log.read_text(errors="replace"))
    heeds(stage, lambda is_on: power.turn("power-saver" if is_on else "performance"), "the daemon")
    check(app.end() == 0, "did not end cleanly")
    power.stop()


def asks(stage):
    """A portal is asked for both, and told how it stands; what it does not grant stays off"""
    portal = Portal()
    app = stage.app = stage.open(stage.alice, **TELLING, **SANDBOX)
    app.find("list", "Conversations")
    app.key("ctrl+comma")
    portal.grant = None
    app.find("switch", "Run in background")
    app.all("switch", "Run in background")[-1].click()
    app.sees("Your desktop does not allow this.")
    check(not is_on(app, "Run in background"), "it is on although it was not allowed")
    portal.grant = {"background"}
    turn(app, "Run in background", True)
    check(portal.asked["autostart"] is False and portal.asked["reason"], f"it was asked for {portal.asked}")
    app.all("switch", "Start at login")[-1].click()
    wait_for("the portal to be asked", lambda: portal.asked["autostart"])
    wait_for("what was not granted to be off", lambda: not is_on(app, "Start at login"))
    portal.grant = {"background", "autostart"}
    turn(app, "Start at login", True)
    check(portal.asked["commandline"] == ["tessera", "--hidden", "--profile", str(stage.alice.profile)], f"{portal.asked}")
    check(not list(folder(stage).iterdir()), "a file was written past the portal")
    app.close_dialog()
    close(stage)
    wait_for("the status", lambda: portal.status == "Receiving messages")
    stage.relays[0].kill()
    wait_for("the status without a relay", lambda: portal.status == "Waiting for a connection")
    stage.relays[0].start()
    wait_for("the status with it", lambda: portal.status == "Receiving messages", 60)
    heeds(stage, lambda is_on: portal.change(portal.POWER, "power-saver-enabled", GLib.Variant("b", is_on)), "the portal")
    portal.said.clear()
    began = time.monotonic()
    woken(stage)
    anew = ["Waiting for a connection", "Receiving messages"]
    wait_for("another connection", lambda: portal.said[:1] + portal.said[-1:] == anew)
    check(time.monotonic() - began < 2, "it took too long to connect anew")
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(closing, background, login, quits, hidden, saver, asks, quiet)
