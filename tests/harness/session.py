#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private session around a command: home, session bus, unlocked keyring and, if asked, an X server of its own.

    session.py [--keep DIR] [--x11 WIDTHxHEIGHT] -- COMMAND…

Nothing of the caller's session is seen or touched. With --keep the home (and with it the keyring) lies in DIR and is there again
the next time; otherwise all is gone at the end. Every process that was started inside is ended by its id. The exit code is the
command's.
"""
import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEYRING_PASSWORD = b"test"
DROPPED = """DISPLAY WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS DBUS_STARTER_ADDRESS GNOME_KEYRING_CONTROL SSH_AUTH_SOCK
    AT_SPI_BUS_ADDRESS XDG_CURRENT_DESKTOP XDG_SESSION_TYPE DESKTOP_SESSION GTK_MODULES""".split()
BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
# What the private bus may start by itself. No keyring, portal or notification daemon of the system appears by accident.
BUS_SERVICES = ("org.a11y.Bus.service",)


class SessionError(Exception):
    """The session could not be made; the text says what is missing."""


def adopt_orphans():
    """Makes this process the parent of whatever its descendants leave behind, so that it can end it."""
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def descendants(pid):
    """The ids of all processes below @pid, children first."""
    children = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], list(children.get(pid, []))
    while todo:
        child = todo.pop()
        found.append(child)
        todo.extend(children.get(child, []))
    return found


def end_processes(pids, grace=3.0):
    """Asks the processes to end, waits up to @grace seconds, then ends them."""
    def alive():
        left = []
        for pid in pids:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            try:
                state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state != "Z":
                left.append(pid)
        return left

    for sig, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
        left = alive()
        for pid in left:
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass
        limit = time.monotonic() + wait
        while left and time.monotonic() < limit:
            time.sleep(0.01)
            left = alive()
        if not left:
            return


def start_xvfb(size, env, log):
    """Starts an X server of @size ("1600x900"); returns the process and its display's name."""
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset", "-dpi", "96"],
        pass_fds=(write_end,), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True)
    os.close(write_end)
    os.set_blocking(read_end, False)
    number, limit = b"", time.monotonic() + 20
    while not number.endswith(b"\n") and time.monotonic() < limit and process.poll() is None:
        try:
            number += os.read(read_end, 16)
        except BlockingIOError:
            pass
        time.sleep(0.01)
    os.close(read_end)
    if not number.endswith(b"\n"):
        end_processes([process.pid])
        raise SessionError("Xvfb did not start")
    return process, ":" + number.decode().strip()


def start_keyring(env, log):
    """Starts the Secret Service of @env's session, with a default keyring that is open; its words go to the file @log."""
    # Without a display no prompter can appear and hang the caller: a wrong password is then an error.
    blind = {key: value for key, value in env.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    try:
        command = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--daemonize"]
        done = subprocess.run(command, env=blind, timeout=20, input=KEYRING_PASSWORD, stdout=subprocess.PIPE, stderr=log,
                              check=False, start_new_session=True)
    except subprocess.TimeoutExpired:
        raise SessionError("gnome-keyring-daemon did not start within 20 s") from None
    if done.returncode != 0:
        raise SessionError("gnome-keyring-daemon could not start")
    wait_keyring(env, log)


def wait_keyring(env, log, limit=20):
    """The daemon goes to the background before its service is complete on the bus."""
    command = ["gdbus", "call", "--session", "--timeout", "5", "--dest", "org.freedesktop.secrets", "--object-path",
               "/org/freedesktop/secrets", "--method", "org.freedesktop.Secret.Service.ReadAlias", "default"]
    end = time.monotonic() + limit
    while b"collection" not in subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=log, check=False).stdout:
        if time.monotonic() > end:
            raise SessionError(f"gnome-keyring-daemon has no default keyring after {limit} s")
        time.sleep(0.02)


class Session:
    """A private home, bus and keyring as a context manager; `env` is the environment to start programs in."""

    def __init__(self, keep=None, x11=None, keyring=True, display=None):
        self.keep = Path(keep).resolve() if keep else None
        self.x11, self.keyring, self.display = x11, keyring, display or {}
        self.env, self.scratch = {}, None

    def __enter__(self):
        for tool in ["dbus-daemon"] + ["gnome-keyring-daemon"] * self.keyring + ["Xvfb"] * bool(self.x11):
            if shutil.which(tool) is None:
                raise SessionError(f"{tool} is not installed; ./dev runs this where it is")
        adopt_orphans()
        self.started = set(descendants(os.getpid()))
        self.scratch = Path(tempfile.mkdtemp(prefix="tessera-"))
        try:
            self.make_environment()
            self.make_settings()
            with open(self.scratch / "session.log", "wb") as log:
                if self.x11:
                    _, self.env["DISPLAY"] = start_xvfb(self.x11, self.env, log)
                    self.env["GDK_BACKEND"] = "x11"
                self.env.update(self.display)
                self.start_bus(log)
                if self.keyring:
                    start_keyring(self.env, log)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        end_processes([pid for pid in descendants(os.getpid()) if pid not in self.started])
        for _ in range(3):
            shutil.rmtree(self.scratch, ignore_errors=True)
            if not self.scratch.exists():
                break
            time.sleep(0.1)

    def make_settings(self):
        """What a desktop's settings daemon would say: the desktop's font; and nothing that moves, where nobody looks."""
        folder = Path(self.env["XDG_CONFIG_HOME"], "gtk-4.0")
        folder.mkdir(parents=True, exist_ok=True)
        still = "gtk-enable-animations=false\ngtk-cursor-blink=false\n" if self.x11 else ""
        (folder / "settings.ini").write_text(f"[Settings]\ngtk-font-name=Inter 11\n{still}")

    def export(self):
        """Lets this very process, too, live in the session from now on."""
        for name in DROPPED:
            os.environ.pop(name, None)
        os.environ.update(self.env)

    def make_environment(self):
        home = self.keep or self.scratch / "home"
        folders = {f"XDG_{name.upper()}_HOME": home / name for name in ("config", "data", "cache", "state")}
        folders |= {"HOME": home, "XDG_RUNTIME_DIR": self.scratch / "run", "TMPDIR": self.scratch / "tmp"}
        for folder in folders.values():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folders["XDG_DATA_HOME"] / "keyrings").mkdir(mode=0o700, exist_ok=True)
        self.env = {key: value for key, value in os.environ.items() if key not in DROPPED}
        self.env.update({key: str(value) for key, value in folders.items()})
        self.env.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", GSETTINGS_BACKEND="keyfile", GIO_USE_VFS="local")
        self.env.update(ADW_DISABLE_PORTAL="1", GDK_DEBUG="no-portals", PYTHONDONTWRITEBYTECODE="1")

    def start_bus(self, log):
        services = self.scratch / "services"
        services.mkdir()
        for name in BUS_SERVICES:
            source = Path("/usr/share/dbus-1/services", name)
            if source.exists():
                shutil.copy(source, services / name)
        path = Path(self.env["XDG_RUNTIME_DIR"], "bus")
        config = self.scratch / "bus.conf"
        config.write_text(BUS_CONFIG.format(path=path, services=services))
        process = subprocess.Popen(["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}"], env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        limit = time.monotonic() + 10
        while not path.exists():
            if time.monotonic() > limit or process.poll() is not None:
                raise SessionError("the session bus did not start")
            time.sleep(0.005)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"


def run(session, command):
    """Runs @command in @session; its exit code. Ctrl+C and SIGTERM go to the command."""
    process = subprocess.Popen(command, env=session.env)
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda number, _: process.send_signal(number))
    signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends it to the command too
    code = process.wait()
    return code if code >= 0 else 128 - code


def main():
    parser = argparse.ArgumentParser(description="run a command in a private session (bus, keyring, home)")
    parser.add_argument("--keep", metavar="DIR", help="keep home and keyring in DIR")
    parser.add_argument("--x11", metavar="WIDTHxHEIGHT", help="with an X server of its own")
    parser.add_argument("--no-keyring", action="store_true", help="without a Secret Service")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("a command is missing")
    try:
        with Session(keep=options.keep, x11=options.x11, keyring=not options.no_keyring) as session:
            return run(session, command)
    except (SessionError, FileNotFoundError) as error:
        print(f"session: {error}", file=sys.stderr)
        return 125


if __name__ == "__main__":
    sys.exit(main())
