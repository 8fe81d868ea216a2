# SPDX-License-Identifier: GPL-3.0-or-later
"""The private session's keyring as a test sees it: looked into, emptied, changed behind Tessera's back."""
import base64
import configparser
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from gi.repository import Gio, GLib
from session import start_keyring

SERVICE = "org.freedesktop.secrets"
PATH = "/org/freedesktop/secrets"
NAMES = "org.freedesktop.Secret"


class Keyring:
    """@address: the session bus, else that of this process."""

    def __init__(self, address=None):
        if address is None:
            self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        else:
            flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
            self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        arguments = GLib.Variant("(sv)", ("plain", GLib.Variant("s", "")))
        self.session = self.call(PATH, "Service", "OpenSession", arguments)[1]

    def call(self, path, interface, method, arguments=None):
        return self.bus.call_sync(SERVICE, path, f"{NAMES}.{interface}", method, arguments, None, Gio.DBusCallFlags.NONE,
                                  10000).unpack()

    def items(self, **attributes):
        """The paths of what is kept with @attributes."""
        return self.call(PATH, "Service", "SearchItems", GLib.Variant("(a{ss})", (attributes,)))[0]

    def secrets(self, items):
        found = self.call(PATH, "Service", "GetSecrets", GLib.Variant("(aoo)", (items, self.session)))[0]
        return {path: bytes(secret[2]) for path, secret in found.items()}

    def of_profile(self, profile):
        """Each key of the profile in the folder @profile, by its role."""
        identity = profile_id(profile)
        return {role: self.secrets(items)[items[0]] for role in ("account", "device", "database")
                if (items := self.items(profile=identity, role=role))}

    def wipe(self, profile, **attributes):
        """Deletes the keys of the profile in the folder @profile, or those with @attributes of them; how many there were."""
        items = self.items(profile=profile_id(profile), **attributes)
        for path in items:
            self.call(path, "Item", "Delete")
        return len(items)

    def change(self, profile, role, secret=None):
        """Puts @secret, or another key, in the place of one."""
        value = base64.b64encode(bytes(range(32))) if secret is None else secret
        for path in self.items(profile=profile_id(profile), role=role):
            self.call(path, "Item", "SetSecret", GLib.Variant("((oayays))", ((self.session, b"", value, "text/plain"),)))


def stop():
    """Ends the session's keyring; nothing starts it by itself."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def ask(method):
        return bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", method, GLib.Variant("(s)", (SERVICE,)), None,
                             Gio.DBusCallFlags.NONE, 10000, None).unpack()[0]

    os.kill(ask("GetConnectionUnixProcessID"), signal.SIGTERM)
    limit = time.monotonic() + 20
    while ask("NameHasOwner"):
        if time.monotonic() > limit:
            raise AssertionError("the keyring did not end within 20 s when it was told to")
        time.sleep(0.02)


def start_anew(env):
    """The session's keyring is gone with all that was in it, and a new one is open in its place."""
    stop()
    folder = Path(env["XDG_DATA_HOME"], "keyrings")
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    start_keyring(env, subprocess.DEVNULL)


def profile_id(profile):
    file = configparser.ConfigParser()
    file.read(f"{profile}/profile")
    return file["Profile"]["Id"]


def secrets_of_all():
    """Every secret in the session's keyring, as it was stored."""
    keyring = Keyring()
    return list(keyring.secrets(keyring.items()).values())
