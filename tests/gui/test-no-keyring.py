#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop without a keyring: a passphrase instead, asked for at each start."""
import re

from gui import check, main, press_row, set_proxy
from socks import Socks

PASSPHRASE = "correct horse battery staple"
ANOTHER = "four words that fit"


def choose(stage):
    """Without a keyring first start asks for a passphrase, twice"""
    stage.server = stage.relay()
    stage.alice = stage.person("Alice")
    app = stage.app = stage.open(stage.alice)
    # Before there is a profile at all.
    stage.socks = Socks()
    app.click("button", "Network…")
    app.find("dialog")
    set_proxy(app, stage.socks)
    app.sees("Relays see the address of the proxy")
    app.close_dialog()
    check(stage.alice.profile.stat().st_mode & 0o777 == 0o700, "others may look into the profile's folder")
    app.click("button", "Get Started")
    app.sees("This desktop has no keyring")
    app.fill("Passphrase", "short")
    app.fill("Passphrase again", "short")
    check("sensitive" not in app.find("button", "Continue").states, "a passphrase of five letters is taken")
    app.fill("Passphrase", PASSPHRASE)
    app.fill("Passphrase again", PASSPHRASE + "!")
    app.sees("The two are not the same")
    check("sensitive" not in app.find("button", "Continue").states, "two different passphrases are taken")
    stage.shot(app, "1-passphrase")
    app.fill("Passphrase again", PASSPHRASE)
    app.click("button", "Continue")


def account(stage):
    """Then the account is made as always"""
    app = stage.app
    app.fill("Name", "Alice")
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable"))
    app.click("button", "Create Account")
    app.sees("This Is Your Code", timeout=60)
    app.click("button", "Done")
    app.sees("No Chats Yet")
    check(len(stage.socks.take_requests()) > 2, "it was not made through the proxy")
    check(app.end() == 0, "did not end cleanly")


def unlock(stage):
    """The next start asks for it, refuses a wrong one and opens with the right one"""
    app = stage.app = stage.open(stage.alice)
    app.sees("Welcome Back")
    app.fill("Passphrase", PASSPHRASE + "x")
    app.click("button", "Unlock")
    app.sees("This is not the passphrase", timeout=60)
    stage.shot(app, "2-wrong")
    app.fill("Passphrase", PASSPHRASE)
    app.click("button", "Unlock", timeout=60)
    app.sees("No Chats Yet", timeout=60)
    check(app.end() == 0, "did not end cleanly")


def give_passphrase(app, passphrase):
    app.fill("Passphrase", passphrase)
    app.fill("Passphrase again", passphrase)
    app.click("button", "Continue")


def restore(stage):
    """A backup comes back into a profile under a passphrase of its own, which is asked for first"""
    file = stage.scratch / "one.tessera-backup"
    app = stage.app = stage.open(stage.alice)
    app.fill("Passphrase", PASSPHRASE)
    app.click("button", "Unlock")
    app.sees("No Chats Yet", timeout=60)
    app.key("ctrl+comma")
    press_row(app, "Create a Backup")
    app.tab_to("row", "A passphrase of your own")
    app.key("Return")
    give_passphrase(app, ANOTHER)
    app.choose_file(file)
    app.sees("The Backup Is Made", timeout=60)
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.person("Again"))
    app.click("button", "Restore a Backup")
    app.sees("This desktop has no keyring")
    give_passphrase(app, PASSPHRASE)
    app.tab_to("row", "Backup file")
    app.key("Return")
    app.choose_file(file)
    app.fill("Its code or passphrase", ANOTHER)
    app.click("button", "Restore")
    app.sees("No Chats Yet", timeout=60)
    stage.shot(app, "3-restored")
    app.key("ctrl+comma")
    app.sees("Alice")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


main(choose, account, unlock, restore)
