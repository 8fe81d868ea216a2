#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app lock in the window: set in the preferences, asked for at the start, changed, forgotten, taken away."""
import base64
import hashlib
import re

from gi.repository import Gio, GLib
from gui import check, fits, main, press_row, run
from conversation import open_chat
from desktop_mocks import Daemon, Login
from driver import wait_for
from keyring import Keyring

FIRST, SECOND = "correct horse battery staple", "four words that fit"
ROW = "Passphrase to open Tessera"


def item(stage):
    return base64.b64decode(Keyring().of_profile(stage.alice.profile)["database"])


def is_locked(stage):
    return item(stage)[:8] == b"TESSKEYS"


def open_page(app):
    app.key("ctrl+comma")
    press_row(app, ROW)
    app.find("entry", "New passphrase")


def fill(app, **texts):
    for name, text in texts.items():
        app.fill(name.replace("_", " "), text)


def unlock(app, passphrase):
    app.fill("Passphrase", passphrase)
    app.click("button", "Unlock")


def starts_locked(stage, passphrase):
    """Opens the app, which shows nothing before @passphrase."""
    app = stage.app = stage.open(stage.alice)
    app.sees("Welcome Back")
    check(not app.all(name=re.compile("Bob")), "a name is in the tree of a locked app")
    unlock(app, "not the passphrase")
    app.sees(re.compile("not the passphrase"), timeout=60)
    unlock(app, passphrase)
    app.sees("Bob", timeout=60)
    return app


def set_lock(stage):
    """Set by the keyboard, twice typed, with a word about the recovery code"""
    stage.server = stage.relay()
    stage.alice, stage.bob = stage.friends(stage.server, "Alice", "Bob")
    stage.key = item(stage)
    check(len(stage.key) == 32, "the keyring does not hold a plain key")
    app = stage.app = stage.open(stage.alice)
    app.sees("Bob")
    open_page(app)
    app.sees(re.compile("no recovery code yet. Make one first"))
    check(not app.all("entry", "Present passphrase"), "a present passphrase is asked for where there is none")
    check(not app.all("button", "Remove App Lock"), "there is nothing to remove")
    check("sensitive" not in app.find("button", "Set Passphrase").states, "an empty passphrase can be set")
    fill(app, New_passphrase="short", New_passphrase_again="short")
    app.sees(re.compile("At least 8 characters"))
    fill(app, New_passphrase=FIRST, New_passphrase_again=FIRST + "!")
    app.sees(re.compile("not the same"))
    check("sensitive" not in app.find("button", "Set Passphrase").states, "two that differ can be set")
    fill(app, New_passphrase="", New_passphrase_again="")
    app.tab_to("entry", "New passphrase")
    app.type(FIRST)
    app.key("Return")
    app.type(FIRST)
    app.sees(re.compile("The two are the same"))
    stage.shot(app, "1-set")
    check(not is_locked(stage), "it is set before anybody said so")
    app.key("Return")
    app.sees("The app lock is set.", timeout=60)
    check(is_locked(stage), "the keyring holds the plain key still")
    stage.shot(app, "2-is-set")
    app.find("button", "Change Passphrase")
    app.key("Escape")
    app.sees(re.compile("On: Tessera asks for it"))
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def start(stage):
    """Asked for at the start, and nothing is shown before"""
    starts_locked(stage, FIRST)


def changed(stage):
    """Changed with the present one alone; and the page is usable in 360 pixels"""
    app = stage.app
    app.move(0, 0, 370, 650)
    open_page(app)
    fits(app, "the page of the app lock")
    stage.shot(app, "3-narrow")
    before = item(stage)
    fill(app, New_passphrase=SECOND, New_passphrase_again=SECOND)
    check("sensitive" not in app.find("button", "Change Passphrase").states, "it can be changed without the present one")
    fill(app, Present_passphrase="not the passphrase")
    app.click("button", "Change Passphrase")
    app.sees("The passphrase is wrong.", timeout=60)
    check(item(stage) == before, "a wrong passphrase changed the item")
    fill(app, Present_passphrase=FIRST)
    app.click("button", "Change Passphrase")
    app.sees("The passphrase was changed.", timeout=60)
    check(item(stage) != before and is_locked(stage), "the item was not changed")
    app.key("Escape")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    starts_locked(stage, SECOND)


def removed(stage):
    """Taken away with the present one alone"""
    app = stage.app
    open_page(app)
    check("sensitive" not in app.find("button", "Remove App Lock").states, "it can be removed without the present one")
    fill(app, Present_passphrase=FIRST)
    app.click("button", "Remove App Lock")
    app.sees("The passphrase is wrong.", timeout=60)
    check(is_locked(stage), "a wrong passphrase took the lock away")
    fill(app, Present_passphrase=SECOND)
    app.click("button", "Remove App Lock")
    app.sees("The app lock was removed.", timeout=60)
    check(item(stage) == stage.key, "the plain key is not back")
    app.key("Escape")
    app.sees(re.compile("Off: whoever uses"))
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def forgotten(stage):
    """The recovery code opens what is locked, and the lock is gone"""
    code = stage.alice.cli("recovery-code").strip()
    app = stage.app = stage.open(stage.alice)
    app.sees("Bob")
    open_page(app)
    app.sees(re.compile("your recovery code alone still opens them"))
    fill(app, New_passphrase=FIRST, New_passphrase_again=FIRST)
    app.click("button", "Set Passphrase")
    app.sees("The app lock is set.", timeout=60)
    app.key("Escape")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.click("button", "Use the Recovery Code")
    app.sees("Without the Passphrase")
    stage.shot(app, "4-code")
    app.click("button", "Back")
    app.sees("Welcome Back")
    app.click("button", "Use the Recovery Code")
    app.fill("Recovery code", "1" * 30)
    app.click("button", "Recover")
    app.sees(re.compile("not the recovery code"), timeout=60)
    check(is_locked(stage), "a wrong code took the lock away")
    app.fill("Recovery code", code)
    app.click("button", "Recover")
    app.sees("Bob", timeout=60)
    check(item(stage) == stage.key, "the plain key is not back")
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.sees("Bob")


def refused(stage):
    """A keyring that went away meanwhile: said in words, and nothing is changed"""
    app = stage.app
    open_page(app)
    Keyring().change(stage.alice.profile, "database")
    fill(app, New_passphrase=FIRST, New_passphrase_again=FIRST)
    app.click("button", "Set Passphrase")
    app.sees(re.compile("another key than this profile’s. Nothing was changed"), timeout=60)
    Keyring().change(stage.alice.profile, "database", base64.b64encode(stage.key))
    app.click("button", "Set Passphrase")
    app.sees("The app lock is set.", timeout=60)
    wait_for("the item", lambda: is_locked(stage))
    app.key("Escape")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def names_on_the_bus(stage):
    """What the desktop's search is told of somebody called Bob."""
    digest = hashlib.sha256(str(stage.alice.profile.resolve()).encode()).hexdigest()[:16]
    name = f"{next((stage.build / 'data').glob('*.service')).stem}.profile{digest}"
    return Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
        name, f"/{name.replace('.', '/')}/SearchProvider", "org.gnome.Shell.SearchProvider2", "GetInitialResultSet",
        GLib.Variant("(as)", (["bob"],)), None, Gio.DBusCallFlags.NONE, 20000, None).unpack()[0]


def shows_nothing(stage):
    """Neither the window nor the bus says a word of what is in the profile, and no process has it open."""
    app = stage.app
    app.sees("Tessera Is Locked")
    app.sees(re.compile("No messages are received until"))
    wait_for("the engine to be closed", lambda: "editable" in app.find("entry", "Passphrase").states)
    tree = app.tree()
    for word in ("Bob", "Hello", "secret", "App Lock", "half a draft"):
        check(word not in tree, f"{word} is in the tree of a locked window:\n{tree}")
    check(names_on_the_bus(stage) == [], "the desktop's search finds a name")
    check(stage.daemon.now() == [], f"notifications are left: {stage.daemon.now()}")
    said = run(*stage.alice.program("tessera-cli"), "address")
    check("locked with a passphrase" in said.stderr, f"the profile is open still: {said.stderr}")


def unlock_again(stage):
    unlock(stage.app, FIRST)
    stage.app.sees("Bob", timeout=60)


def locks(stage):
    """Ctrl+L takes chats, dialog, draft and notifications away and closes the profile; the passphrase brings them back"""
    stage.daemon, stage.login = Daemon("body", "actions"), Login()
    app = stage.app = stage.open(stage.alice, **Login.ENV)
    app.sees("Welcome Back")
    unlock_again(stage)
    stage.bob.cli("send", "Alice", "a secret of Bob")
    wait_for("the notification", lambda: len(stage.daemon.now()) == 1, timeout=30)
    open_chat(app, "Bob")
    app.sees(re.compile("a secret of Bob"))
    check(names_on_the_bus(stage) != [], "the desktop's search finds nothing in an open app")
    app.type("half a draft")
    app.key("ctrl+comma")
    app.find("row", ROW)
    app.key("ctrl+l")
    shows_nothing(stage)
    stage.shot(app, "5-locked")
    stage.bob.cli("send", "Alice", "another secret")
    unlock(app, "not the passphrase")
    app.sees(re.compile("not the passphrase"), timeout=60)
    check("secret" not in app.tree(), "a wrong passphrase shows something")
    unlock_again(stage)
    app.sees(re.compile("another secret"), timeout=60)
    wait_for("the draft", lambda: "half a draft" in "".join(node.text or "" for node in app.all("entry")), timeout=20)


def by_menu(stage):
    """The menu locks too, and the code is offered"""
    app = stage.app
    app.key("F10")
    app.find("menu item")
    stage.items = len(app.all("menu item"))
    app.choose("l")
    shows_nothing(stage)
    app.find("button", "Use the Recovery Code")
    unlock_again(stage)


def with_the_screen(stage):
    """When the screen locks, once the preferences say so"""
    app = stage.app
    stage.login.hint(True)
    stage.login.hint(False)
    app.key("ctrl+comma")
    app.tab_to("combo box", "Lock by itself")
    app.key("Return")
    app.sees("Unused for an hour")
    app.key("Home", "Down", "Return")
    settings = stage.alice.profile / "settings.ini"
    wait_for("the setting", lambda: settings.exists() and "auto-lock=1" in settings.read_text())
    stage.shot(app, "6-group")
    app.close_dialog()
    app.sees("Bob")
    stage.login.hint(True)
    shows_nothing(stage)
    stage.login.hint(False)
    unlock_again(stage)
    check(app.end() == 0, "did not end cleanly")


def only_with_one(stage):
    """Without a passphrase there is nothing to lock with"""
    app = stage.app = stage.open(stage.alice, **Login.ENV)
    unlock_again(stage)
    open_page(app)
    fill(app, Present_passphrase=FIRST)
    app.click("button", "Remove App Lock")
    app.sees("The app lock was removed.", timeout=60)
    app.key("Escape")
    app.close_dialog()
    app.key("ctrl+l")
    stage.login.hint(True)
    stage.login.hint(False)
    app.key("F10")
    app.find("menu item")
    check(len(app.all("menu item")) == stage.items - 1, "the menu offers to lock")
    app.key("Escape")
    app.sees("Bob")
    check(app.end() == 0, "did not end cleanly")


main(set_lock, start, changed, removed, forgotten, refused, locks, by_menu, with_the_screen, only_with_one)
