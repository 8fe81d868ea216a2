#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera: a real PipeWire, portal and backend, a camera that shows what the test wants, the app in all its states."""
from gui import brightness, check, main, run
from camera import FakeCamera, Services, asks, question
from conversation import open_chat
from desktop_mocks import Login
from driver import wait_for
from gi.repository import Gio, GLib
from private import check_private, without_privilege

SAVER, SAVER_PATH = "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"
READY = "Hold their code in front of the camera."


def open_verify(stage):
    open_chat(stage.app, "Alice")
    stage.app.click("button", "Verify")
    stage.app.find("image", "Your code as a QR picture")


def open_scan(stage):
    stage.app.click("button", "New Chat")
    stage.app.click("button", "Scan a Code")


def setting(stage):
    """A desktop with a camera that nobody has allowed yet, as somebody without privileges meets it"""
    without_privilege()
    stage.services = Services(stage.env, stage.keep / "services.log")
    stage.services.start_pipewire()
    stage.camera = FakeCamera(stage.build, stage.env, stage.scratch).look().plug()
    stage.services.start_portal()
    stage.bob, stage.alice = stage.friends(stage.relay(), "Bob", "Alice")
    stage.login = Login()
    stage.app = stage.open(stage.bob, (0, 0, 800, 900), **Login.ENV)
    check_private(stage.app.process.pid, "tessera")


def unset(stage):
    """Not yet asked: the portal asks once, however often the dialog is opened"""
    for _ in range(2):
        open_verify(stage)
        stage.app.sees("Waiting until the camera is allowed…")
        asks(stage)
        stage.shot(stage.app, "1-asking")
        stage.app.close_dialog()
    check(not stage.camera.is_on, "the camera is on")


def denied(stage):
    """Denied: the app says how to allow it, and takes typed codes as before"""
    app = stage.app
    open_verify(stage)
    asks(stage)["Deny Access"].click()
    app.sees("The Camera Is Not Allowed")
    check(not stage.camera.is_on, "the camera is on")
    stage.shot(app, "2-denied")
    app.fill("Their code", stage.alice.cli("code").strip().lower())
    wait_for("the code to fit", lambda: "sensitive" in app.find("button", "Compare").states)
    app.fill("Their code", "nonsense")
    app.sees("This is not a Tessera code.")
    app.close_dialog()
    open_verify(stage)
    app.sees("The Camera Is Not Allowed")
    check(not question(stage), "the portal asks again")
    stage.services.permit("yes")
    app.click("button", "Try Again")
    app.sees(READY)
    app.close_dialog()


def allowed(stage):
    """Allowed: what the camera sees is shown"""
    stage.services.forget()
    open_verify(stage)
    asks(stage)["Grant Access"].click()
    stage.app.sees(READY)
    stage.camera.wait_on()
    picture = stage.app.find("image", "What the camera sees")
    x, y, width, height = picture.extents()
    part = f"{width // 2}x{height // 2}+{x + width // 4}+{y + height // 4}"
    wait_for("the wall that it looks at", lambda: 0.4 < brightness(stage.shot(stage.app, "3-ready"), part) < 0.6)
    stage.app.close_dialog()
    stage.camera.wait_on(False)
    open_verify(stage)
    stage.app.sees(READY)
    check(not question(stage), "the portal asks again")


def others(stage):
    """A code of another kind is told apart, and the camera is off wherever it cannot be seen"""
    app, camera = stage.app, stage.camera
    picture = stage.scratch / "other.png"
    run("qrencode", "-s", "8", "-o", picture, "https://example.org/")
    camera.look(picture)
    app.sees("This is a code of another kind, not one of Tessera.")
    camera.look()
    app.sees(READY)
    app.click("button", "Compare Numbers Instead")
    camera.wait_on(False)
    app.click("button", "Back")
    camera.wait_on()
    app.click("button", "Open Picture…")
    camera.wait_on(False)
    app.choose_file(picture)
    app.sees("No Tessera code was found in this picture.")
    camera.wait_on()
    app.close_dialog()
    camera.wait_on(False)


def locked(stage):
    """A session that the screen's locker or logind locks ends it, and an unlocked one begins again"""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    stage.services.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", GLib.Variant("(su)", (SAVER, 0)))
    app = stage.app
    app.click("button", "New Chat")
    app.find("button", "Scan a Code")
    check(not stage.camera.is_on, "the camera is on before anybody wants it")
    app.click("button", "Scan a Code")
    app.sees(READY)
    stage.camera.wait_on()
    for active in (True, False):
        bus.emit_signal(None, SAVER_PATH, SAVER, "ActiveChanged", GLib.Variant("(b)", (active,)))
        bus.flush_sync()
        stage.camera.wait_on(not active)
    for active in (True, False):
        stage.login.turn(active)
        stage.camera.wait_on(not active)
    app.close_dialog()
    stage.camera.wait_on(False)


def unplugged(stage):
    """Unplugged and plugged in again; and of two cameras one is chosen, and used again the next time that it is there"""
    open_verify(stage)
    app, second = stage.app, FakeCamera(stage.build, stage.env, stage.scratch, "Second camera").look()
    app.sees(READY)
    stage.camera.unplug()
    app.sees("No Camera Found")
    stage.shot(app, "4-absent")
    stage.camera.plug()
    app.sees(READY)
    check(not app.all("button", stage.camera.name), "there is a choice of one")
    second.plug()
    app.click("button", stage.camera.name)
    stage.shot(app, "5-two")
    app.find("label", second.name)
    app.key("Down", "Return")
    second.wait_on()
    stage.camera.wait_on(False)
    app.sees(READY)
    second.unplug()
    stage.camera.wait_on()
    app.sees(READY)
    app.close_dialog()
    second.plug()
    open_verify(stage)
    second.wait_on()
    stage.camera.wait_on(False)
    app.sees(READY)
    app.find("button", second.name)
    app.close_dialog()
    second.unplug()
    kept = (stage.bob.profile / "settings.ini").read_text()
    check(f"camera={second.name}" in kept, f"the choice was not kept: {kept}")


def silent(stage):
    """A camera that gives no picture is said not to answer, and can be tried again"""
    app, camera = stage.app, stage.camera
    with camera.silenced():
        open_verify(stage)
        app.sees("The Camera Does Not Answer")
        stage.shot(app, "6-silent")
    app.click("button", "Try Again")
    app.sees(READY)
    app.close_dialog()
    camera.wait_on(False)


def busy(stage):
    """A camera that refuses once, as one does of which another program is just letting go, is tried again by itself"""
    stage.camera.refuse()
    open_verify(stage)
    stage.app.sees(READY)
    check(stage.camera.has_refused, "the camera did not refuse")
    stage.app.close_dialog()
    stage.camera.wait_on(False)


def verified(stage):
    """One scan of the code that the command line made verifies both"""
    open_verify(stage)
    stage.app.sees(READY)
    picture = stage.scratch / "alice.png"
    stage.alice.cli("code", "--for", "Bob", "--png", picture)
    stage.camera.look(picture)
    stage.app.sees("The Halves Fit")
    stage.camera.wait_on(False)
    stage.shot(stage.app, "7-match")
    stage.app.click("button", "Done")
    stage.app.wait_gone("dialog")
    stage.alice.cli("receive", "--timeout", "10")
    said = stage.alice.cli("contacts")
    check("verified" in said and "not verified" not in said, f"Alice's side: {said}")


def added(stage):
    """Scanning somebody's code in a new chat adds them, verified"""
    carol = stage.person("Carol", stage.relays[0])
    picture = stage.scratch / "carol.png"
    carol.cli("code", "--png", picture)
    stage.camera.look()
    open_scan(stage)
    stage.app.sees(READY)
    stage.camera.look(picture)
    stage.app.sees("is verified. Now let them scan your code.")
    stage.app.wait_gone("dialog")
    stage.camera.wait_on(False)
    stage.app.find("label", "Verified")
    check(stage.app.end() == 0, "did not end cleanly")


def missing(stage):
    """Without GStreamer's plugins the app starts and says so; without a portal it asks PipeWire itself"""
    nowhere = {"GST_PLUGIN_SYSTEM_PATH_1_0": "/nonexistent", "GST_REGISTRY_1_0": str(stage.scratch / "registry")}
    stage.app = stage.open(stage.bob, (0, 0, 800, 900), **nowhere)
    open_scan(stage)
    stage.app.sees("Scanning Is Not Installed")
    stage.shot(stage.app, "8-missing")
    check(stage.app.end() == 0, "did not end cleanly")
    stage.camera.look()
    for name in ("xdg-desktop-portal", "xdg-desktop-portal-gtk"):
        stage.services.end(name)
    stage.app = stage.open(stage.bob, (0, 0, 800, 900))
    open_scan(stage)
    stage.app.sees(READY)
    stage.camera.wait_on()
    check(stage.app.end() == 0, "did not end cleanly")
    stage.camera.wait_on(False)
    stage.camera.unplug()
    stage.services.stop()


main(setting, unset, denied, allowed, others, locked, unplugged, silent, busy, verified, added, missing)
