#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak: two people in sandboxes write to each other and verify by camera; secrets, files, links, notifications,
backups and the bus work. For ./dev flatpak, which installs it first."""
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from gi.repository import Gio, GLib
from gui import DIGITS, check, main, press_row, run, take_recovery_code
from camera import LIBEXEC, FakeCamera, Services, asks, question
from conversation import browser, open_chat, show_code, wait_delivered, write
from desktop_mocks import Daemon
from driver import App, wait_for, xdotool
from keyring import Keyring, start_anew
from people import Person, introduce
from session import descendants

ID = next(iter(sorted(Path(__file__).resolve().parents[2].glob("flatpak/*.json")))).stem
# The session of the tests turns portals off for the app; here they are what is looked at.
DROPPED = ("ADW_DISABLE_PORTAL", "GDK_DEBUG", "GIO_USE_VFS", "GSETTINGS_BACKEND")
READY = "Hold their code in front of the camera."
ALICE_SAYS = "Is it as cosy in your sandbox as in mine?"
LINK = "https://example.org/a?b=1&c=2"
BOB_ANSWERS = "Room for a relay and a keyring. What else would one want?"


def home(env):
    """The app's part of the home, which it has for itself."""
    return Path(env["HOME"], ".var", "app", ID)


class Sandboxed(Person):
    """Somebody whose app and command line run in the sandbox; @folder is of its data, or None for where the app keeps it."""

    def __init__(self, name, folder, env):
        self.arguments = ["--profile", str(home(env) / "data" / folder)] if folder else []
        super().__init__(".", name, home(env) / "data" / (folder or "tessera"), env)

    def program(self, name):
        return ["flatpak", "run", f"--command={name}", ID, *self.arguments]


class SandboxedApp(App):
    """The sandbox numbers its processes itself, and its proxies on the buses are nobody's children: a window, and who tells a
    screen reader of it, are known by having come since."""

    def __init__(self, desktop, command, env, log, place):
        self.others, self.speaking = set(visible()), {node.sender for node in desktop.root.children}
        super().__init__(desktop, command, env, log, place)

    def windows(self):
        return [window for window in visible() if window not in self.others]

    def root(self):
        new = (node for node in self.desktop.root.children if node.sender not in self.speaking)
        return next((node for node in new if node.name == "tessera"), None)

    def end(self, timeout=10):
        names = {pid: Path("/proc", str(pid), "comm").read_text().strip() for pid in descendants(self.process.pid)}
        os.kill(next(pid for pid, name in names.items() if name == "tessera"), signal.SIGTERM)
        return self.process.wait(timeout)


def visible():
    command = ["xdotool", "search", "--onlyvisible", "--class", "tessera"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


def start(stage, person, place):
    app = SandboxedApp(stage.desktop, person.command(), stage.env, stage.keep / f"{person.name.lower()}.log", place)
    stage.apps[person.name] = app
    return app.wait_window(60)


def bare(stage):
    """A desktop with a keyring but no portals is to the sandbox one without a keyring: first start asks for a passphrase"""
    for name in DROPPED:
        stage.env.pop(name, None)
    app = start(stage, Sandboxed("Carol", "carol", stage.env), (0, 0, 900, 800))
    app.click("button", "Get Started")
    app.sees("This desktop has no keyring")
    check(app.end() == 0, "did not end cleanly")


def setting(stage):
    """Portals, a camera, a relay; Alice and Bob get accounts inside the sandbox and know each other"""
    data, stage.opened = browser(stage.scratch)
    stage.services = Services({**stage.env, "XDG_DATA_DIRS": f"{data}:/usr/local/share:/usr/share"}, stage.keep / "services.log")
    stage.daemon = Daemon("body", "actions")
    stage.services.start_pipewire()
    stage.camera = FakeCamera(stage.build, stage.env, stage.scratch).look().plug()
    # What is shown of the host's files is at a place that goes by the user's number, in the sandbox and out of it.
    documents = Path("/run/user", str(os.getuid()))
    documents.mkdir(mode=0o700, exist_ok=True)
    stage.services.start(LIBEXEC / "xdg-document-portal", name="org.freedesktop.portal.Documents", XDG_RUNTIME_DIR=str(documents))
    stage.services.start_portal()
    server = stage.relay()
    stage.alice, stage.bob = Sandboxed("Alice", None, stage.env), Sandboxed("Bob", "bob", stage.env)
    for person in (stage.alice, stage.bob):
        person.register(server)
    introduce(stage.alice, stage.bob)


def secrets(stage):
    """The keys are in a keyring of the app's own, which the portal's secret opens; the desktop's has nothing else of it"""
    stage.code = stage.alice.cli("recovery-code").strip()
    keyring = Keyring()
    check((home(stage.env) / "data" / "keyrings" / "default.keyring").exists(), "there is no keyring inside")
    check(len(keyring.items(app_id=ID)) == 1, "the portal gave no secret")
    for role in ("account", "device", "database"):
        check(not keyring.items(role=role), f"the {role} key lies in the desktop's keyring")


def confined(stage):
    """The sandbox shows nothing of the home, and no device"""
    secret = Path(stage.env["HOME"], "secret.txt")
    secret.write_text("nobody else's business")
    look = f"echo looking; cat '{secret}'; ls -A ~; ls -d /dev/video* /dev/snd"
    seen = run("flatpak", "run", "--command=sh", ID, "-c", look, env=stage.env).stdout
    check("looking" in seen, "it could not look")
    check("business" not in seen and "secret.txt" not in seen and "/dev" not in seen, f"the sandbox sees {seen!r}")


def conversation(stage):
    """Two sandboxed apps: Alice writes, Bob answers, both arrive; the portal tells Bob's desktop, until he has seen it"""
    stage.one = start(stage, stage.alice, (0, 0, 900, 800))
    stage.other = start(stage, stage.bob, (950, 0, 900, 800))
    open_chat(stage.one, "Bob")
    open_chat(stage.other, "Alice")
    stage.one.focus()
    write(stage.one, ALICE_SAYS)
    stage.other.sees(ALICE_SAYS, role="row")
    wait_for("the notification", lambda: [one[1:] for one in stage.daemon.now()] == [("Alice", ALICE_SAYS)])
    stage.other.focus()
    write(stage.other, BOB_ANSWERS)
    stage.one.sees(BOB_ANSWERS, role="row")
    wait_for("Bob's notification to go", lambda: "Alice" not in [one[1] for one in stage.daemon.now()])
    wait_delivered(stage.one, ALICE_SAYS)
    wait_delivered(stage.other, BOB_ANSWERS)
    stage.shot(stage.one, "1-alice")
    stage.shot(stage.other, "2-bob")


def verification(stage):
    """The portal asks once for the camera; by it Bob sees Alice's code: the halves fit, on both sides"""
    stage.one.click("button", "Verify")
    asks(stage)["Grant Access"].click()
    stage.one.sees(READY)
    stage.one.close_dialog()
    picture = stage.scratch / "code.png"
    show_code(stage.one, picture)
    stage.other.click("button", "Verify")
    stage.other.sees(READY)
    check(not question(stage), "the portal asks again")
    stage.shot(stage.other, "3-camera")
    stage.camera.look(picture)
    for app in (stage.one, stage.other):
        app.sees("The Halves Fit")
    stage.shot(stage.other, "4-match")
    for app in (stage.one, stage.other):
        app.click("button", "Done")
        app.wait_gone("dialog")
        app.find("label", "Verified")
    stage.camera.unplug()


def choose(stage, app, path, name, keys=("ctrl+l",)):
    """Answers the portal's file dialog, a window of its own, with @path; @keys lead to where it is typed."""
    backend = str(stage.services.processes["xdg-desktop-portal-gtk"].pid)
    find = ["xdotool", "search", "--onlyvisible", "--pid", backend]
    window = wait_for("the portal's file dialog", lambda: run(*find).stdout.split())[-1]
    xdotool("windowraise", window, "windowfocus", "--sync", window)
    stage.shot(app, name)
    xdotool("key", *keys)
    xdotool("type", "--delay", "20", "--", str(path))
    # The first may be for what the dialog proposes as one types.
    wait_for("the dialog to go", lambda: xdotool("key", "Return") or time.sleep(1) or not run(*find).stdout.split())


def file(stage):
    """A picture outside the sandbox: the portal asks which, in a window of its own, and shows that one file to the app"""
    picture = Path(stage.env["HOME"], "dora.png")
    stage.person("Dora", stage.relays[0]).cli("code", "--png", picture)
    stage.one.key("ctrl+n")
    stage.one.click("button", "Open Picture…")
    choose(stage, stage.one, picture, "5-file")
    stage.one.focus()
    stage.one.sees(re.compile("nobody stands between you"))


def opens(stage):
    """A link in a message opens in the desktop's browser, by the portal"""
    open_chat(stage.one, "Bob")
    write(stage.other, LINK)
    stage.one.focus()
    stage.one.find("row", re.compile(rf"^Bob, \d\d:\d\d: {re.escape(LINK)}$"))
    stage.one.type("x")
    stage.one.key("BackSpace", "shift+Tab", "Tab")
    wait_for("the focus on the link", lambda: any("focused" in node.states for node in stage.one.all("label", LINK)))
    stage.one.key("Return")
    wait_for("the browser", lambda: stage.opened.exists() and stage.opened.read_text().split() == [LINK])


def link(stage):
    """A tessera: link opens in the app that runs"""
    address = stage.person("Carol", stage.relays[0]).address()
    done = run("flatpak", "run", ID, address.replace("TESSERA:", "tessera:"), env=stage.env)
    check(done.returncode == 0, f"the link's process ended with code {done.returncode}: {done.stderr}")
    stage.one.find("button", "Add")
    stage.one.close_dialog()


def ends(stage):
    """Both end in order when they are told to"""
    for app in (stage.one, stage.other):
        check(app.end() == 0, "did not end cleanly")


def lost(stage):
    """The desktop's keyring is lost with the portal's secret: the app says so, and the recovery code brings all back"""
    start_anew(stage.env)
    app = start(stage, stage.alice, (0, 0, 900, 800))
    app.sees("The Keys Are Missing")
    app.fill("Recovery code", stage.code)
    app.click("button", "Recover", timeout=60)
    app.find("row", re.compile("^Bob"), timeout=60)
    check(app.end() == 0, "did not end cleanly")
    check("Bob" in stage.alice.cli("contacts"), "the keys that came back were not kept")


def backed_up(stage):
    """A backup goes to where the portal's dialog says, and nothing else comes there"""
    stage.backup = Path(stage.env["HOME"], "Backups", "alice.tessera-backup")
    stage.backup.parent.mkdir()
    app = start(stage, stage.alice, (0, 0, 900, 800))
    app.find("row", re.compile("^Bob"), timeout=60)
    app.key("ctrl+comma")
    app.sees(re.compile("Last backup: never"))
    press_row(app, "Create a Backup")
    app.find("row", "A code, made now")
    app.key("Return")
    stage.code = app.find("label", DIGITS).name.replace("\n", " ")
    app.click("button", "I Have Written It Down")
    app.fill("The last five digits", stage.code[-5:])
    app.click("button", "Save As…")
    choose(stage, app, stage.backup, "6-backup", ("ctrl+a",))
    app.focus()
    app.sees("The Backup Is Made", timeout=60)
    stage.shot(app, "7-backed-up")
    check([path.name for path in stage.backup.parent.iterdir()] == [stage.backup.name], "something else lies beside it")
    check(stage.backup.read_bytes()[:8] == b"TESSBKUP", "the file is no backup")
    check(stage.backup.stat().st_mode & 0o777 == 0o600, "others may read the file")
    check(app.end() == 0, "did not end cleanly")


def restored(stage):
    """Another app in a sandbox, without an account, restores it from there"""
    stage.again = Sandboxed("Again", "again", stage.env)
    app = start(stage, stage.again, (0, 0, 900, 800))
    app.click("button", "Restore a Backup")
    app.tab_to("row", "Backup file")
    app.key("Return")
    choose(stage, app, stage.backup, "8-restore")
    app.focus()
    app.fill("Its code or passphrase", stage.code)
    app.key("Return")
    take_recovery_code(app)
    open_chat(app, "Bob")
    app.sees(BOB_ANSWERS, role="row")
    stage.shot(app, "9-restored")
    check(app.end() == 0, "did not end cleanly")


def activated(stage):
    """The session bus starts the app by what the Flatpak exports"""
    services = Path(stage.env["XDG_RUNTIME_DIR"]).parent / "services"
    shutil.copy(Path(os.environ["FLATPAK_USER_DIR"], "exports", "share", "dbus-1", "services", f"{ID}.service"), services)
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def call(name, path, interface, method, arguments=None):
        return bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 60000, None)

    call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig")
    path, before = "/" + ID.replace(".", "/"), set(visible())
    call(ID, path, "org.freedesktop.Application", "Activate", GLib.Variant("(a{sv})", ({},)))
    wait_for("its window", lambda: set(visible()) - before, 60)
    call(ID, path, "org.freedesktop.Application", "ActivateAction", GLib.Variant("(sava{sv})", ("quit", [], {})))
    wait_for("its window to go", lambda: not set(visible()) - before)


main(bare, setting, secrets, confined, conversation, verification, file, opens, link, ends, activated, lost, backed_up, restored)
