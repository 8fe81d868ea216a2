# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop's camera inside a private session: PipeWire, the portal with its backend, cameras that show what they are told."""
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from driver import wait_for
from gi.repository import Gio, GLib

WIDTH, HEIGHT = 640, 480
LIBEXEC = Path("/usr/libexec")
PORTAL, STORE = "org.freedesktop.portal.Desktop", "org.freedesktop.impl.portal.PermissionStore"
STORE_PATH = "/org/freedesktop/impl/portal/PermissionStore"


class CameraError(AssertionError):
    """The stage could not be set; the text says what is missing."""


def wait(what, probe, limit=30):
    end = time.monotonic() + limit
    while not probe():
        if time.monotonic() > end:
            raise CameraError(f"{what}: not within {limit} s")
        time.sleep(0.02)


class Services:
    """The programs behind a camera; their words go to @log."""

    def __init__(self, env, log):
        self.env, self.log, self.processes = dict(env), Path(log), {}
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def call(self, name, path, interface, method, arguments=None):
        return self.bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 20000, None).unpack()

    def owned(self, name):
        return self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", GLib.Variant("(s)", (name,)))[0]

    def start(self, *command, name=None, ready=None, **more):
        with open(self.log, "ab") as log:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            process = subprocess.Popen([str(word) for word in command], env={**self.env, **more}, **pipes)
        key = Path(command[0]).name
        self.processes[key] = process

        def is_ready():
            return self.is_up(process, key) and (not name or self.owned(name)) and (not ready or ready())

        wait(f"{key} (see {self.log})", is_ready)

    def is_up(self, process, key):
        if process.poll() is not None:
            raise CameraError(f"{key} ended with code {process.returncode}: see {self.log}")
        return True

    def start_pipewire(self):
        socket = Path(self.env["XDG_RUNTIME_DIR"], "pipewire-0")
        self.start(LIBEXEC / "xdg-permission-store", name=STORE)
        self.start("pipewire", ready=socket.exists)
        self.start("wireplumber")

    def start_portal(self):
        config = Path(self.env["XDG_CONFIG_HOME"], "xdg-desktop-portal", "portals.conf")
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("[preferred]\ndefault=gtk\norg.freedesktop.impl.portal.Secret=gnome-keyring\n")
        self.start(LIBEXEC / "xdg-desktop-portal-gtk", name="org.freedesktop.impl.portal.desktop.gtk")
        self.start(LIBEXEC / "xdg-desktop-portal", name=PORTAL)

    def permit(self, word, app=""):
        """Stores the person's answer, "yes" or "no", for @app, or for all outside a sandbox: the portal has one for those."""
        self.call(STORE, STORE_PATH, STORE, "SetPermission", GLib.Variant("(sbssas)", ("devices", True, "camera", app, [word])))

    def forget(self):
        """Nobody has ever been asked."""
        self.call(STORE, STORE_PATH, STORE, "DeletePermission", GLib.Variant("(sss)", ("devices", "camera", "")))

    def end(self, name):
        process = self.processes.pop(name)
        process.terminate()
        process.wait(10)

    def stop(self):
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class FakeCamera:
    """A camera of that name, and what it looks at."""

    def __init__(self, build, env, folder, name="Fake camera"):
        self.program, self.env, self.name = Path(build, "tests", "gui", "fakecam"), env, name
        self.frame, self.said = Path(folder, f"{name}.rgba"), Path(folder, f"{name}.said")
        self.process = None

    def look(self, picture=None):
        """At the picture, or a gray wall."""
        source = [str(picture), "-background", "#808080"] if picture else ["xc:#808080"]
        size = f"{WIDTH}x{HEIGHT}"
        part = self.frame.with_suffix(".part")
        shape = ["-resize", f"{size}>", "-gravity", "center", "-extent", size, "-depth", "8"]
        subprocess.run(["convert", "-size", size, *source, *shape, f"rgba:{part}"], check=True, timeout=30)
        os.replace(part, self.frame)
        if self.process:
            self.process.send_signal(signal.SIGHUP)
        return self

    def plug(self):
        with open(self.said, "wb") as said:
            command = [str(self.program), str(self.frame), str(WIDTH), str(HEIGHT), self.name]
            self.process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=said)
        return self

    def unplug(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        self.process = None

    @contextlib.contextmanager
    def silenced(self):
        """Plugged in, but stuck."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def refuse(self):
        """The next one to look, once: so does a camera of which another program is just letting go."""
        self.process.send_signal(signal.SIGUSR1)

    @property
    def has_refused(self):
        return "refused" in self.said.read_text().split()

    @property
    def is_on(self):
        """Whether somebody looks through it."""
        said = self.said.read_text().split() if self.said.exists() else []
        return bool(said) and said[-1] == "streaming"

    def wait_on(self, on=True):
        wait(f"{self.name} to be {'on' if on else 'off'}", lambda: self.is_on == on)


def question(stage):
    """The buttons of the portal's question by name, while there is one; there are never two."""
    backend = stage.desktop.application(stage.services.processes["xdg-desktop-portal-gtk"].pid)
    found = {}
    for node in [node for node, _ in backend.walk() if node.role == "button"] if backend else []:
        if "showing" in node.states:
            if node.name in found:
                raise CameraError(f"there are two of {node.name!r} on the screen")
            found[node.name] = node
    return found


def asks(stage):
    """The same, once it has come."""
    return wait_for("the portal's question", lambda: question(stage))
