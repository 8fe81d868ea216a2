#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A keyring that loses its keys: the app asks for the recovery code, and puts them back, or does without a keyring."""
import re

from gui import DIGITS, check, main, press_row, take_recovery_code
from driver import wait_for
from keyring import Keyring, stop

PASSPHRASE = "correct horse battery staple"
NEW = "four words that fit"
ROLES = {"account", "device", "database"}


def keys(stage):
    return Keyring().of_profile(stage.alice.profile)


def lose(stage):
    check(Keyring().wipe(stage.alice.profile) == 3, "there were no three keys to lose")
    app = stage.app = stage.open(stage.alice)
    app.sees("The Keys Are Missing")
    return app


def give(app, code):
    app.fill("Recovery code", code)
    app.click("button", "Recover", timeout=60)


def made(stage):
    """First start makes a code"""
    stage.server = stage.relay()
    stage.alice = stage.person("Alice")
    app = stage.app = stage.open(stage.alice)
    app.click("button", "Get Started")
    app.find("button", "Create Account")
    app.fill("Name", "Alice")
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable"))
    app.click("button", "Create Account")
    stage.code = take_recovery_code(app)
    app.click("button", "Done")
    app.sees("No Chats Yet")
    check(app.end() == 0, "did not end cleanly")
    stage.keys = keys(stage)
    check(set(stage.keys) == ROLES, "the keys are not in the keyring")


def wrong(stage):
    """An emptied keyring: a wrong code is told so in words, and nothing changes"""
    app = lose(stage)
    before = (stage.alice.profile / "recovery").read_bytes()
    check("sensitive" not in app.find("button", "Recover").states, "an empty code can be tried")
    give(app, "12345")
    app.sees(re.compile("has 30 digits"), timeout=60)
    give(app, " ".join(["12345"] * 6))
    app.sees(re.compile("not the recovery code"), timeout=60)
    stage.shot(app, "1-wrong")
    check(not keys(stage), "a wrong code wrote keys")
    check((stage.alice.profile / "recovery").read_bytes() == before, "a wrong code changed the file")
    app.click("button", "Look in the Keyring Again")
    wait_for("the page anew", lambda: "sensitive" not in app.find("button", "Recover").states)


def right(stage):
    """The right code, however it is grouped, opens the chats and mends the keyring"""
    app = stage.app
    digits = stage.code.replace(" ", "")
    give(app, f" {digits[:7]}  {digits[7:]}")
    app.sees("No Chats Yet", timeout=60)
    check(keys(stage) == stage.keys, "the keys are not back")
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.sees("No Chats Yet")


def show_new_code(app):
    """Lets the preferences show a new code, up to what asks for its end; the code."""
    app.key("ctrl+comma")
    press_row(app, "Recovery code")
    app.click("button", "Make a New Code")
    app.sees(re.compile("Your old code works until"))
    code = app.find("label", DIGITS).name.replace("\n", " ")
    app.click("button", "I Have Written It Down")
    app.find("entry", "The last five digits")
    return code


def unconfirmed(stage):
    """A new code that was shown, and whose end nobody typed, leaves the old one in force"""
    app = stage.app
    file = stage.alice.profile / "recovery"
    before = file.read_bytes()
    new = show_new_code(app)
    app.fill("The last five digits", "00000" if new[-5:] != "00000" else "11111")
    app.sees(re.compile("not the last five digits"))
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    check(file.read_bytes() == before, "the file was changed")
    app = lose(stage)
    give(app, new)
    app.sees(re.compile("not the recovery code"), timeout=60)
    give(app, stage.code)
    app.sees("No Chats Yet", timeout=60)
    check(keys(stage) == stage.keys, "the keys are not back")


def unwritten(stage):
    """A new code that cannot be written is told so, changes nothing, and can be tried again"""
    app = stage.app
    file, obstacle = stage.alice.profile / "recovery", stage.alice.profile / "recovery.part"
    before = file.read_bytes()
    stage.new = show_new_code(app)
    obstacle.mkdir()
    app.fill("The last five digits", stage.new[-5:])
    app.sees(re.compile("does not work yet, and your old one still does"), timeout=60)
    stage.shot(app, "2-unwritten")
    check(file.read_bytes() == before, "the file was changed")
    obstacle.rmdir()
    app.fill("The last five digits", stage.new[-5:])
    app.sees(re.compile("That is right"), timeout=60)
    check(file.read_bytes() != before, "the file is the old one")


def beside(stage):
    """A passphrase is set beside the new code"""
    app = stage.app
    app.tab_to("entry", "New passphrase")
    app.type(PASSPHRASE)
    app.click("button", "Apply")
    app.sees("The passphrase is set", timeout=60)
    stage.shot(app, "2-preferences")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def by_either(stage):
    """The old code works no more; the new one does, and the passphrase"""
    app = lose(stage)
    give(app, stage.code)
    app.sees(re.compile("neither the recovery code nor"), timeout=60)
    check(not keys(stage), "the old code wrote keys")
    give(app, stage.new)
    app.sees("No Chats Yet", timeout=60)
    check(keys(stage) == stage.keys, "the keys are not back")
    check(app.end() == 0, "did not end cleanly")
    app = lose(stage)
    give(app, PASSPHRASE)
    app.sees("No Chats Yet", timeout=60)
    check(keys(stage) == stage.keys, "the keys are not back")
    check(app.end() == 0, "did not end cleanly")


def damaged(stage):
    """A damaged recovery file has words of its own; nothing is made anew over the old messages"""
    file = stage.alice.profile / "recovery"
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    Keyring().wipe(stage.alice.profile)
    app = stage.app = stage.open(stage.alice)
    app.sees("The Recovery File Is Damaged")
    stage.shot(app, "3-damaged")
    check(not keys(stage), "keys were made")
    check(app.end() == 0, "did not end cleanly")
    data[100] ^= 1
    file.write_bytes(data)


def gone(stage):
    """No keyring at all: what recovers leads to a passphrase, and nothing is changed before that is chosen"""
    stop()
    before = (stage.alice.profile / "recovery").read_bytes()
    app = stage.app = stage.open(stage.alice)
    app.sees("The Keyring Does Not Answer")
    stage.shot(app, "4-away")
    give(app, "12345 " * 6)
    app.sees(re.compile("neither the recovery code nor"), timeout=60)
    give(app, PASSPHRASE)
    app.sees("Choose a Passphrase", timeout=60)
    check(not (stage.alice.profile / "keys").exists(), "keys are kept under something that nobody chose")
    stage.shot(app, "5-instead")
    check(app.end() == 0, "did not end cleanly")
    check((stage.alice.profile / "recovery").read_bytes() == before, "the recovery file was changed")


def instead(stage):
    """The passphrase takes the keyring's place, now and at the next start"""
    app = stage.app = stage.open(stage.alice)
    app.sees("The Keyring Does Not Answer")
    give(app, PASSPHRASE)
    app.sees("Choose a Passphrase", timeout=60)
    app.fill("Passphrase", NEW)
    app.fill("Passphrase again", NEW)
    app.click("button", "Continue")
    app.sees("No Chats Yet", timeout=60)
    check(not (stage.alice.profile / "recovery").exists(), "the old code still opens the keys")
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.sees("Welcome Back")
    app.fill("Passphrase", NEW)
    app.click("button", "Unlock", timeout=60)
    app.sees("No Chats Yet", timeout=60)
    check(app.end() == 0, "did not end cleanly")


main(made, wrong, right, unconfirmed, unwritten, beside, by_either, damaged, gone, instead)
