# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop answers on the session bus, played: a notification daemon, and portals. They remember what they were told."""
import os
import threading

from gi.repository import Gio, GLib

DAEMON = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
    <arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface></node>"""
PORTAL = """<node><interface name="org.freedesktop.portal.Notification">
  <method name="AddNotification"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
  <method name="RemoveNotification"><arg type="s" direction="in"/></method>
  <property name="version" type="u" access="read"/><property name="SupportedOptions" type="a{sv}" access="read"/>
</interface><interface name="org.freedesktop.portal.Background">
  <method name="RequestBackground"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
  </method>
  <method name="SetStatus"><arg type="a{sv}" direction="in"/></method>
  <property name="version" type="u" access="read"/>
</interface><interface name="org.freedesktop.portal.Inhibit">
  <method name="CreateMonitor"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
  </method>
</interface><interface name="org.freedesktop.portal.PowerProfileMonitor">
  <property name="version" type="u" access="read"/><property name="power-saver-enabled" type="b" access="read"/>
</interface></node>"""
POWER = """<node><interface name="org.freedesktop.UPower.PowerProfiles">
  <property name="ActiveProfile" type="s" access="read"/>
</interface></node>"""

LOGIN = """<node><interface name="org.freedesktop.login1.Manager">
  <method name="GetSession"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
</interface></node>"""
SESSION = """<node><interface name="org.freedesktop.login1.Session">
  <property name="LockedHint" type="b" access="read"/>
</interface></node>"""


class Service:
    """Objects under one name of the session bus, in a thread of their own. A method NAME is answered by do_NAME."""

    def __init__(self, name, path, descriptions, others=()):
        self.name, self.path, self.objects = name, path, [(path, one) for one in descriptions] + list(others)
        self.lock, self.context, self.ready = threading.RLock(), GLib.MainContext(), threading.Event()
        self.loop = GLib.MainLoop(self.context)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        if not self.ready.wait(20):
            raise AssertionError(f"{name} did not come onto the bus")

    def run(self):
        self.context.push_thread_default()
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(os.environ["DBUS_SESSION_BUS_ADDRESS"], flags, None, None)
        for path, description in self.objects:
            for interface in Gio.DBusNodeInfo.new_for_xml(description).interfaces:
                self.bus.register_object(path, interface, self.on_call, self.on_get, None)
        arguments = GLib.Variant("(su)", (self.name, 0))
        self.bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", arguments, None,
                           Gio.DBusCallFlags.NONE, 5000, None)
        self.ready.set()
        self.loop.run()

    def on_call(self, bus, sender, path, interface, method, arguments, invocation):
        with self.lock:
            invocation.return_value(getattr(self, f"do_{method}")(sender, *arguments.unpack()))

    def on_get(self, bus, sender, path, interface, name):
        with self.lock:
            return self.properties[interface, name]

    def emit(self, interface, signal, arguments, path=None, to=None):
        self.bus.emit_signal(to, path or self.path, interface, signal, arguments)

    def change(self, interface, name, value, path=None):
        """Gives a property another value, and tells."""
        with self.lock:
            self.properties[interface, name] = value
        changed = GLib.Variant("(sa{sv}as)", (interface, {name: value}, []))
        self.emit("org.freedesktop.DBus.Properties", "PropertiesChanged", changed, path)

    def stop(self):
        self.loop.quit()
        self.thread.join(5)
        self.bus.close_sync(None)


class Daemon(Service):
    """org.freedesktop.Notifications. `shown` has what is on the screen, by number; `count` how often something was said."""

    def __init__(self, *abilities):
        self.abilities, self.shown, self.count, self.last = abilities, {}, 0, 0
        super().__init__("org.freedesktop.Notifications", "/org/freedesktop/Notifications", [DAEMON])

    def do_GetCapabilities(self, sender):
        return GLib.Variant("(as)", (self.abilities,))

    def do_Notify(self, sender, name, replaces, icon, title, body, actions, hints, timeout):
        if replaces not in self.shown:
            self.last += 1
            replaces = self.last
        pairs = dict(zip(actions[::2], actions[1::2]))
        self.shown[replaces] = {"title": title, "body": body, "actions": pairs, "hints": hints, "icon": icon}
        self.count += 1
        return GLib.Variant("(u)", (replaces,))

    def do_CloseNotification(self, sender, number):
        if self.shown.pop(number, None):
            self.emit(self.name, "NotificationClosed", GLib.Variant("(uu)", (number, 3)))

    def now(self):
        """[(number, title, body)] on the screen."""
        with self.lock:
            return [(number, one["title"], one["body"]) for number, one in sorted(self.shown.items())]

    def choose(self, number, action, text=None):
        """A person presses a button, or the notification itself ("default"), or sends what they typed; then it goes."""
        if text is None:
            self.emit(self.name, "ActionInvoked", GLib.Variant("(us)", (number, action)))
        else:
            self.emit(self.name, "NotificationReplied", GLib.Variant("(us)", (number, text)))
        self.dismiss(number)

    def dismiss(self, number):
        with self.lock:
            self.shown.pop(number, None)
        self.emit(self.name, "NotificationClosed", GLib.Variant("(uu)", (number, 2)))


class Portal(Service):
    """org.freedesktop.portal.Desktop: notifications (@inline: they can be answered in place), and running in the background:
    `asked` is what was asked for last, `grant` what is answered (None: the person said no), `said` what was told of how it
    stands, `status` the last of it; and whether the session is locked, which those who asked are told."""

    NOTIFICATION, BACKGROUND = "org.freedesktop.portal.Notification", "org.freedesktop.portal.Background"
    POWER = "org.freedesktop.portal.PowerProfileMonitor"

    def __init__(self, version=2, inline=True, locked=False):
        self.shown, self.count = {}, 0
        self.asked, self.grant, self.status = None, {"background", "autostart"}, None
        self.said = []
        self.locked, self.monitors = locked, {}
        options = {"category": GLib.Variant("as", ["im.received"])}
        if inline:
            options["button-purpose"] = GLib.Variant("as", ["im.reply-with-text"])
        self.properties = {(self.NOTIFICATION, "version"): GLib.Variant("u", version),
                           (self.NOTIFICATION, "SupportedOptions"): GLib.Variant("a{sv}", options),
                           (self.BACKGROUND, "version"): GLib.Variant("u", 2),
                           (self.POWER, "version"): GLib.Variant("u", 1),
                           (self.POWER, "power-saver-enabled"): GLib.Variant("b", False)}
        super().__init__("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", [PORTAL])

    def do_AddNotification(self, sender, key, words):
        self.shown[key], self.caller = words, sender
        self.count += 1

    def do_RequestBackground(self, sender, window, options):
        self.asked = options
        path = f"{self.path}/request/{sender[1:].replace('.', '_')}/{options['handle_token']}"
        wanted = {"background", "autostart"} if options["autostart"] else {"background"}
        results = {name: GLib.Variant("b", name in wanted & (self.grant or set())) for name in ("background", "autostart")}
        answer = GLib.Variant("(ua{sv})", (1, {}) if self.grant is None else (0, results))
        self.emit("org.freedesktop.portal.Request", "Response", answer, path, sender)
        return GLib.Variant("(o)", (path,))

    def do_CreateMonitor(self, sender, window, options):
        path = f"{self.path}/session/{sender[1:].replace('.', '_')}/{options['session_handle_token']}"
        self.monitors[path] = sender
        self.tell(path)
        return GLib.Variant("(o)", (path,))

    def tell(self, path):
        state = {"screensaver-active": GLib.Variant("b", self.locked), "session-state": GLib.Variant("u", 1)}
        self.emit("org.freedesktop.portal.Inhibit", "StateChanged", GLib.Variant("(oa{sv})", (path, state)),
                  to=self.monitors[path])

    def turn(self, locked):
        with self.lock:
            self.locked = locked
            for path in self.monitors:
                self.tell(path)

    def do_SetStatus(self, sender, options):
        self.status = options["message"]
        self.said.append(self.status)

    def do_RemoveNotification(self, sender, key):
        self.shown.pop(key, None)

    def now(self):
        with self.lock:
            return [(key, one["title"], one["body"]) for key, one in sorted(self.shown.items())]

    def choose(self, key, action, text=None):
        values = [GLib.Variant("a{sv}", {"activation-token": GLib.Variant("s", "token")})]
        values += [GLib.Variant("s", text)] if text is not None else []
        self.emit(self.NOTIFICATION, "ActionInvoked", GLib.Variant("(ssav)", (key, action, values)), to=self.caller)


class Power(Service):
    """power-profiles-daemon, for an app whose system bus is the session's."""

    INTERFACE = "org.freedesktop.UPower.PowerProfiles"

    def __init__(self, profile):
        self.properties = {(self.INTERFACE, "ActiveProfile"): GLib.Variant("s", profile)}
        super().__init__(self.INTERFACE, "/org/freedesktop/UPower/PowerProfiles", [POWER])

    def turn(self, profile):
        self.change(self.INTERFACE, "ActiveProfile", GLib.Variant("s", profile))


class Login(Service):
    """org.freedesktop.login1, for an app whose system bus is the session's (`ENV`)."""

    SESSION, INTERFACE = "/org/freedesktop/login1/session/c1", "org.freedesktop.login1.Session"
    ENV = {"DBUS_SYSTEM_BUS_ADDRESS": os.environ.get("DBUS_SESSION_BUS_ADDRESS", ""), "XDG_SESSION_ID": "c1"}

    def __init__(self):
        self.properties = {(self.INTERFACE, "LockedHint"): GLib.Variant("b", False)}
        super().__init__("org.freedesktop.login1", "/org/freedesktop/login1", [LOGIN], [(self.SESSION, SESSION)])

    def do_GetSession(self, sender, name):
        if name not in (self.ENV["XDG_SESSION_ID"], "auto"):
            raise AssertionError(f"there is no session {name}")
        return GLib.Variant("(o)", (self.SESSION,))

    def turn(self, locked):
        self.emit(self.INTERFACE, "Lock" if locked else "Unlock", None, self.SESSION)

    def hint(self, locked):
        """A locker tells that it stands before the session, or that it has gone."""
        self.change(self.INTERFACE, "LockedHint", GLib.Variant("b", locked), self.SESSION)
