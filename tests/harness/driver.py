# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the app as a person does: finds controls by role and name through AT-SPI, clicks, types, looks.

AT-SPI is spoken directly over D-Bus: libatspi keeps a cache that is only right while a main loop runs. Everything that waits
has a limit, and what does not come in time is an error that says what it was. Runs inside a session of session.py.
"""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402
from session import descendants  # noqa: E402

WAIT = 20.0
# With TESSERA_GDB=1 in the environment a crash leaves its backtrace in the app's log.
GDB = ["gdb", "-batch", "-ex", "handle SIGTERM nostop noprint pass", "-ex", "run", "-ex", "bt 40", "--args"]
ACCESSIBLE, ACTION, TEXT, EDITABLE = (f"org.a11y.atspi.{name}" for name in ("Accessible", "Action", "Text", "EditableText"))
# Numbers of roles as a snapshot has them: what is to be read or pressed.
IMAGE, LABEL, BUTTON, TOGGLE, ENTRY = 27, 29, 43, 62, 79
STATES = {"active": 1, "checked": 4, "editable": 7, "enabled": 8, "focused": 12, "selected": 23, "sensitive": 24, "showing": 25}
# GTK's own names for what AT-SPI has called differently over time.
ROLES = {"push button": "button", "toggle button": "button", "text": "entry", "text box": "entry", "password text": "entry",
         "static": "label", "list item": "row", "list box row": "row", "frame": "window", "img": "image"}


class DriverError(AssertionError):
    """Something expected did not come within its time."""


class Node:
    """One accessible object."""

    def __init__(self, desktop, sender, path):
        self.desktop, self.sender, self.path = desktop, sender, path

    def call(self, interface, method, arguments=None, reply=None):
        return self.desktop.call(self.sender, self.path, interface, method, arguments, reply)

    def get(self, interface, name):
        return self.call("org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)), "(v)")[0]

    @property
    def name(self):
        return self.get(ACCESSIBLE, "Name")

    @property
    def description(self):
        return self.get(ACCESSIBLE, "Description")

    @property
    def role(self):
        role = self.call(ACCESSIBLE, "GetRoleName", None, "(s)")[0]
        return ROLES.get(role, role)

    @property
    def states(self):
        low, high = self.call(ACCESSIBLE, "GetState", None, "(au)")[0]
        return {name for name, bit in STATES.items() if (low | high << 32) >> bit & 1}

    @property
    def children(self):
        found = self.call(ACCESSIBLE, "GetChildren", None, "(a(so))")[0]
        return [Node(self.desktop, sender, path) for sender, path in found if not path.endswith("/null")]

    @property
    def text(self):
        """What a label, view or entry holds."""
        return self.call(TEXT, "GetText", GLib.Variant("(ii)", (0, -1)), "(s)")[0]

    @property
    def pid(self):
        return self.desktop.pid_of(self.sender)

    def interfaces(self):
        return self.call(ACCESSIBLE, "GetInterfaces", None, "(as)")[0]

    def walk(self, depth=0):
        """This object and all below it, with their depth; what vanishes meanwhile is left out."""
        yield self, depth
        try:
            children = self.children
        except GLib.Error:
            return
        for child in children:
            yield from child.walk(depth + 1)

    def click(self):
        if not self.call(ACTION, "DoAction", GLib.Variant("(i)", (0,)), "(b)")[0]:
            raise DriverError(f"{self.role} {self.name!r} did not take the click")

    def set_text(self, text):
        if not self.call(EDITABLE, "SetTextContents", GLib.Variant("(s)", (text,)), "(b)")[0]:
            raise DriverError(f"{self.role} {self.name!r} did not take the text")

    def extents(self):
        """x, y, width, height within the window."""
        arguments = GLib.Variant("(u)", (1,))
        return self.call("org.a11y.atspi.Component", "GetExtents", arguments, "((iiii))")[0]

    def describe(self):
        try:
            kind, name = self.role, self.name
            extra = ""
            if TEXT in self.interfaces() and kind != "label":
                extra = f" text={self.text[:60]!r}"
            hidden = "" if "showing" in self.states else " (hidden)"
            description = f" description={self.description!r}" if self.description else ""
            return f"{kind} {name!r}{extra}{description}{hidden}"
        except GLib.Error:
            return "(gone)"


class Desktop:
    """The accessibility bus of this session."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        answer = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, GLib.VariantType("(s)"),
                                   Gio.DBusCallFlags.NONE, 10000, None)
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(answer.unpack()[0], flags, None, None)
        self.root = Node(self, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        self.pids = {}

    def call(self, sender, path, interface, method, arguments, reply):
        kind = GLib.VariantType(reply) if reply else None
        answer = self.bus.call_sync(sender, path, interface, method, arguments, kind, Gio.DBusCallFlags.NONE, 5000, None)
        return answer.unpack()

    def pid_of(self, sender):
        if sender not in self.pids:
            name = GLib.Variant("(s)", (sender,))
            answer = self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetConnectionUnixProcessID", name, "(u)")
            self.pids[sender] = answer[0]
        return self.pids[sender]

    def application(self, pid):
        for node in self.root.children:
            try:
                if node.pid == pid:
                    return node
            except GLib.Error:
                continue
        return None

    def describe(self):
        """Who is on the bus, for whoever reads of a failure."""
        found = []
        for node in self.root.children:
            try:
                found.append(f"{node.name!r} ({node.sender}, process {node.pid})")
            except GLib.Error as error:
                found.append(f"{node.sender} ({error.message})")
        return ", ".join(found) or "nobody"


def wait_for(what, probe, timeout=WAIT):
    """The first true answer of @probe; D-Bus errors of vanishing objects count as "not yet"."""
    limit, last = time.monotonic() + timeout, None
    while True:
        try:
            answer = probe()
            if answer:
                return answer
        except GLib.Error as error:
            last = error
        if time.monotonic() > limit:
            raise DriverError(f"{what}: not within {timeout:g} s" + (f" ({last.message})" if last else ""))
        time.sleep(0.03)


def matches(wanted, name):
    return wanted is None or (bool(wanted.search(name)) if isinstance(wanted, re.Pattern) else wanted == name)


class App:
    """A running tessera and its accessible tree."""

    def __init__(self, desktop, command, env, log, place=None):
        self.desktop, self.place, self.log = desktop, place, Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        debugged = env.get("TESSERA_GDB")
        with open(log, "ab") as output:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            self.process = subprocess.Popen([*(GDB if debugged else []), *command], env=env, **pipes)
        self.pid = self.process.pid
        if debugged:
            self.pid = wait_for("gdb's child", lambda: next(iter(descendants(self.process.pid)), None))

    def wait_window(self, timeout=WAIT):
        """Waits until a window is on the screen, puts it in its place and gives it the keyboard."""
        self.window = wait_for("a window", lambda: self.alive() and self.find_window(), timeout)
        wait_for("the window's accessible tree", self.root, timeout)
        if self.place:
            self.move(*self.place)
        self.focus()
        return self

    def alive(self):
        if self.process.poll() is not None:
            said = self.log.read_text(errors="replace")[-3000:]
            raise DriverError(f"the app ended with code {self.process.returncode}:\n{said}")
        return True

    def windows(self):
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()

    def find_window(self):
        found = self.windows()
        return found[-1] if found else None

    def focus(self, window=None):
        xdotool("windowraise", window or self.window, "windowfocus", "--sync", window or self.window)

    def move(self, x, y, width, height):
        xdotool("windowsize", "--sync", self.window, width, height)
        xdotool("windowmove", self.window, x, y)

    def root(self):
        return self.desktop.application(self.pid)

    def all(self, role=None, name=None, under=None):
        """Every object on the screen of that role and name (a text, or a compiled pattern to search for)."""
        root = under or self.root()
        if root is None:
            return []
        found = []
        for node, _ in root.walk():
            try:
                if (role is None or node.role == role) and matches(name, node.name) and "showing" in node.states:
                    found.append(node)
            except GLib.Error:
                continue
        return found

    def snapshot(self):
        """All that is on the screen, asked for at once: [(object, number of its role, name, description)]."""
        root = self.root()
        for _ in root.walk():  # GTK tells only of what somebody came by
            pass
        items = self.desktop.call(root.sender, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems", None,
                                  "(a((so)(so)(so)iiassusau))")[0]
        return [(Node(self.desktop, *item[0]), item[7], item[6], item[8]) for item in items
                if (item[9][0] | item[9][1] << 32) >> STATES["showing"] & 1]

    def find(self, role, name=None, timeout=WAIT, under=None):
        """The first such object on the screen, waited for."""
        def probe():
            self.alive()
            found = self.all(role, name, under)
            return found[0] if found else None

        return wait_for(f"{role} {getattr(name, 'pattern', name)!r}", probe, timeout)

    def wait_gone(self, role, name=None, timeout=WAIT):
        wait_for(f"{role} {getattr(name, 'pattern', name)!r} to go", lambda: not self.all(role, name), timeout)

    def click(self, role, name=None, timeout=WAIT):
        """Clicks the control once it can be clicked."""
        def probe():
            self.alive()
            return next((node for node in self.all(role, name) if "sensitive" in node.states), None)

        wait_for(f"{role} {getattr(name, 'pattern', name)!r} to click", probe, timeout).click()

    def press(self, node):
        """Clicks with the mouse in the middle of @node: for rows, whose action is not everybody's."""
        x, y, width, height = node.extents()
        self.focus()
        xdotool("mousemove", "--window", self.window, x + width // 2, y + height // 2, "click", "1")

    def press_secondary(self, node):
        """The same with the other button: the menu of a row."""
        x, y, width, height = node.extents()
        self.focus()
        xdotool("mousemove", "--window", self.window, x + width // 2, y + height // 2, "click", "3")

    def choose(self, mnemonic, timeout=WAIT):
        """Chooses from the menu that is open by the underlined letter (GTK's menu items have no names in AT-SPI)."""
        self.find("menu item", timeout=timeout)
        self.key(mnemonic)
        self.wait_gone("menu item")

    def close_dialog(self, timeout=WAIT):
        """Presses Escape until no dialog is open."""
        def probe():
            if self.all("dialog"):
                self.key("Escape")
                time.sleep(0.3)
            return not self.all("dialog")

        wait_for("the dialog to close", probe, timeout)

    def fill(self, name, text, timeout=WAIT):
        """Replaces what stands in the entry or view of that name."""
        def probe():
            self.alive()
            found = [node for node in self.all(None, name) if EDITABLE in node.interfaces()]
            return found or [inner for node in self.all(None, name) for inner, _ in node.walk() if EDITABLE in inner.interfaces()]

        wait_for(f"an entry {name!r}", probe, timeout)[0].set_text(text)

    def sees(self, wanted, timeout=WAIT, role=None):
        """Waits for an object whose name or text holds @wanted (a text or a pattern)."""
        pattern = wanted if isinstance(wanted, re.Pattern) else re.compile(re.escape(wanted))

        def probe():
            self.alive()
            return next(iter(self.all(role, pattern)), None)

        return wait_for(f"{wanted!r} on the screen", probe, timeout)

    def tab_to(self, role, name):
        """Goes on with Tab until what is called so has the focus, and with it is in view; it."""
        node = self.find(role, name)
        for _ in range(40):
            if "focused" in node.states:
                return node
            self.key("Tab")
        raise AssertionError(f"Tab does not come to {name!r}")

    def key(self, *keys):
        self.focus()
        xdotool("key", "--clearmodifiers", *keys)

    def type(self, text):
        self.focus()
        xdotool("type", "--delay", "8", "--", text)

    def choose_file(self, path, timeout=WAIT, replace=False):
        """Answers the file dialog that is open: GTK's own, which takes a typed path. With @replace it asks about a file that is
        there, and is told yes."""
        dialog = wait_for("a file dialog", lambda: next((w for w in self.windows() if w != self.window), None), timeout)
        # Dialogs of the app's own lie inside its window; the file dialog is a window beside it.
        tree = wait_for("its tree", lambda: next((n for n in self.root().children if n.role == "dialog"), None), timeout)
        xdotool("windowfocus", "--sync", dialog)
        wait_for("the dialog's keyboard focus", lambda: any("focused" in node.states for node, _ in tree.walk()), timeout)
        xdotool("type", "--", str(path)[:1])  # a slash opens the entry for a path
        # What is typed gets completed meanwhile, and not to what was meant: the whole path at once is left alone.
        self.find("entry", timeout=timeout, under=tree).set_text(str(path))
        xdotool("key", "Return")
        if replace:
            self.click("button", "Replace", timeout=timeout)
        wait_for("the file dialog to close", lambda: self.alive() and dialog not in self.windows(), timeout)
        self.focus()

    def drop(self, path, x, y, timeout=WAIT):
        """Drags the file @path from a window of another program to @x, @y of this one."""
        title = f"drag {os.getpid()} {time.monotonic_ns()}"
        source = subprocess.Popen([sys.executable, str(Path(__file__).with_name("drag.py")), str(path), title])
        try:
            search = ["xdotool", "search", "--onlyvisible", "--name", title]
            window = wait_for("the window to drag from", lambda: subprocess.run(
                search, capture_output=True, text=True, check=False, timeout=20).stdout.split(), timeout)[-1]
            xdotool("windowmove", "--sync", window, self.place[0] + x + 400, self.place[1] + y)
            xdotool("windowraise", window)
            xdotool("mousemove", "--window", window, 70, 70, "mousedown", "1")
            # A drag begins, and is followed, by many small motions: one leap would be none.
            for step in range(470, -1, -10):
                xdotool("mousemove", "--window", self.window, x + step, y + 70 * step // 470)
                time.sleep(0.01)
            xdotool("mouseup", "1")
            time.sleep(0.3)
        finally:
            source.terminate()
            source.wait()

    def tree(self):
        root = self.root()
        return "\n".join("  " * depth + node.describe() for node, depth in root.walk()) if root else "(no accessible tree)"

    def shot(self, path, window=True):
        return screenshot(path, self.window if window else "root")

    def end(self, timeout=10):
        """Ends the app as a session that logs out does; its exit code."""
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise DriverError("the app did not end within its time when it was told to") from None
        return self.process.returncode


def xdotool(*arguments):
    subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=20, stdout=subprocess.DEVNULL)


def screenshot(path, window="root"):
    """What is on the screen, once nothing moves any more (two looks are the same, at most 2 s)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    limit, last = time.monotonic() + 2, None
    while True:
        subprocess.run(["import", "-window", str(window), str(path)], check=True, timeout=30)
        look = subprocess.run(["identify", "-format", "%#", str(path)], check=True, capture_output=True, timeout=30).stdout
        if look == last or time.monotonic() > limit:
            return path
        last = look
        time.sleep(0.08)
