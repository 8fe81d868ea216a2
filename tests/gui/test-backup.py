#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup in the window: made under a code or a passphrase, cancelled, refused by the disk; and an account that comes back out
of one on another computer, with the relay away meanwhile."""
import re

from gui import DIGITS, check, fits, main, press_row, take_recovery_code
from conversation import open_chat
from driver import wait_for

PASSPHRASE = "correct horse battery staple"
ROW = "Create a Backup"
SAVE = "Save As…"


def focused(app, role, name):
    wait_for(f"the focus on {name!r}", lambda: "focused" in app.find(role, name).states)


def ask_passphrase(app, passphrase):
    """Goes from the choice, with the keyboard alone, to where the file is chosen."""
    focused(app, "row", "A code, made now")
    app.key("Down", "Return")
    app.sees(re.compile("opens with this passphrase only"))
    app.tab_to("entry", "Passphrase")
    app.type(passphrase)
    app.key("Return")
    app.type(passphrase)
    app.sees("The two are the same.")


def is_backup(path):
    return path.exists() and path.read_bytes()[:8] == b"TESSBKUP"


def by_code(stage):
    """With a code, by the keyboard alone: shown, written down, asked for; the preferences say when"""
    stage.server = stage.relay()
    stage.alice, stage.bob = stage.friends(stage.server, "Alice", "Bob")
    stage.file = stage.scratch / "by-code.tessera-backup"
    app = stage.app = stage.open(stage.alice)
    app.sees("Bob")
    app.key("ctrl+comma")
    app.sees(re.compile("Last backup: never"))
    press_row(app, ROW)
    app.sees(re.compile("disappear by themselves are not in it"))
    app.sees(re.compile("can read everything"))
    focused(app, "row", "A code, made now")
    stage.shot(app, "1-choose")
    app.key("Return")
    stage.code = app.find("label", DIGITS).name.replace("\n", " ")
    stage.shot(app, "2-code")
    check(not app.all("button", SAVE), "nobody asks whether the code was written down")
    app.click("button", "I Have Written It Down")
    app.fill("The last five digits", "00000" if stage.code[-5:] != "00000" else "11111")
    app.sees(re.compile("not the last five digits"))
    app.fill("The last five digits", "")
    app.type(stage.code[-5:])
    app.sees(re.compile("That is right: this code opens the backup"))
    focused(app, "button", SAVE)
    check(stage.code not in app.tree(), "the code is still on the screen")
    app.key("Return")
    app.choose_file(stage.file)
    app.sees("The Backup Is Made", timeout=60)
    app.sees(re.compile("by-code.tessera-backup.*with the code"))
    check(is_backup(stage.file), "the file is no backup")
    check(stage.file.stat().st_mode & 0o777 == 0o600, "others may read the file")
    stage.shot(app, "4-done")
    focused(app, "button", "Done")
    app.key("Return")
    app.sees("Last backup: Today")


def point(stage, folder):
    """Makes the disk of the test another folder: /proc takes no file."""
    stage.disk.unlink(missing_ok=True)
    stage.disk.symlink_to(folder)


def refused(stage):
    """What cannot be written is said so; in 360 pixels"""
    stage.folder, stage.disk = stage.scratch / "folder", stage.scratch / "disk"
    stage.folder.mkdir()
    (stage.folder / "one.tessera-backup").write_bytes(b"what was there before")
    point(stage, "/proc")
    app = stage.app
    app.move(0, 0, 370, 700)
    press_row(app, ROW)
    ask_passphrase(app, PASSPHRASE)
    app.key("Return")
    app.choose_file(stage.disk / "one.tessera-backup")
    app.sees("The Backup Was Not Made", timeout=60)
    focused(app, "button", "Try Again")
    fits(app, "the backup that was not made")
    stage.shot(app, "3-refused")


def cancelled(stage):
    """Escape ends it: the file of before stays, and what was typed; it can be tried again elsewhere"""
    app = stage.app
    point(stage, stage.folder)
    app.key("Return", "Escape")
    app.sees("The two are the same.")
    check([path.name for path in stage.folder.iterdir()] == ["one.tessera-backup"], "something is left over")
    check((stage.folder / "one.tessera-backup").read_bytes() == b"what was there before", "the file was changed")
    stage.shot(app, "5-cancelled")
    app.click("button", "Continue")
    app.choose_file(stage.folder / "other.tessera-backup")
    app.sees("The Backup Is Made", timeout=60)
    app.sees(re.compile("other.tessera-backup.*with your passphrase"))
    fits(app, "the backup that was made")
    check(is_backup(stage.folder / "other.tessera-backup"), "the file is no backup")
    app.key("Return")
    app.wait_gone("dialog", ROW)
    app.move(0, 0, 900, 700)


def under_way(stage, *keys):
    """A backup that begins anew over a file, and before it has come far, @keys."""
    app = stage.app
    point(stage, "/proc")
    press_row(app, ROW)
    ask_passphrase(app, PASSPHRASE)
    app.key("Return")
    app.choose_file(stage.disk / "one.tessera-backup")
    focused(app, "button", "Try Again")
    point(stage, stage.folder)
    app.key("Return", *keys)


def is_untouched(stage):
    wait_for("nothing to be left over", lambda: len(list(stage.folder.iterdir())) == 2)
    check((stage.folder / "one.tessera-backup").read_bytes() == b"what was there before", "the file was changed")


def unlock(app):
    app.fill("Passphrase", PASSPHRASE)
    app.click("button", "Unlock")
    app.sees("Bob", timeout=60)


def by_locking(stage):
    """Locking in the middle ends it, and nothing of it is left"""
    app = stage.app
    app.close_dialog()
    app.key("ctrl+comma")
    press_row(app, "Passphrase to open Tessera")
    app.fill("New passphrase", PASSPHRASE)
    app.fill("New passphrase again", PASSPHRASE)
    app.click("button", "Set Passphrase")
    app.sees("The app lock is set.", timeout=60)
    app.key("Escape")
    app.find("row", ROW)
    under_way(stage, "ctrl+l")
    app.sees("Tessera Is Locked")
    wait_for("the engine to be closed", lambda: "editable" in app.find("entry", "Passphrase").states)
    is_untouched(stage)
    unlock(app)


def by_quitting(stage):
    """Ctrl+Q in the middle ends the app cleanly, and leaves what was there"""
    app = stage.app
    app.key("ctrl+comma")
    under_way(stage, "ctrl+q")
    check(app.process.wait(30) == 0, "did not end cleanly")
    is_untouched(stage)


def choose_backup(app, path):
    """Opens @path in the page of first start."""
    app.tab_to("row", "Backup file")
    app.key("Return")
    app.choose_file(path)
    focused(app, "entry", "Its code or passphrase")


def wrong(stage):
    """First start: what is no backup, and a wrong code, are said where they stand; what was typed stays"""
    stage.again = stage.person("Again")
    rubbish = stage.scratch / "rubbish.tessera-backup"
    rubbish.write_bytes(b"rubbish" * 100)
    app = stage.app = stage.open(stage.again)
    app.click("button", "Restore a Backup")
    app.sees(re.compile("receives nothing any more"))
    focused(app, "row", "Backup file")
    stage.shot(app, "7-restore")
    check("sensitive" not in app.find("button", "Restore").states, "nothing can be restored from nothing")
    choose_backup(app, rubbish)
    app.sees("rubbish.tessera-backup")
    app.type("000000 " * 5)
    app.key("Return")
    app.sees(re.compile("no backup of Tessera"), timeout=60)
    choose_backup(app, stage.file)
    app.fill("Its code or passphrase", "1" * 30)
    app.key("Return")
    app.sees(re.compile("not the passphrase or the code"), timeout=60)
    focused(app, "entry", "Its code or passphrase")
    stage.shot(app, "8-wrong")
    check(app.find("entry", "Its code or passphrase").text != "", "what was typed is gone")


def stopped(stage):
    """A restoring that is cancelled leaves the page as it was; Ctrl+Q in the middle, a profile as fresh as before"""
    app = stage.app
    app.fill("Its code or passphrase", stage.code)
    app.key("Return", "Escape")
    app.sees("Backup file", role="row")
    focused(app, "entry", "Its code or passphrase")
    check(not app.all(name=re.compile("Bob")), "something was restored")
    app.key("Return", "ctrl+q")
    check(app.process.wait(30) == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.again)
    app.click("button", "Restore a Backup")
    choose_backup(app, stage.file)
    app.fill("Its code or passphrase", stage.code)


def relay_away(stage):
    """With the relay away all is there, and that it is not connected is said; also at the next start"""
    app = stage.app
    stage.server.kill()
    app.key("Return")
    app.sees("Not Connected Yet", timeout=60)
    stage.shot(app, "10-not-connected")
    app.click("button", "Network…")
    app.find("dialog")
    app.close_dialog()
    app.process.kill()
    app.process.wait()
    app = stage.app = stage.open(stage.again, (0, 0, 370, 700))
    app.sees("Not Connected Yet", timeout=60)
    check(not app.all("button", "Get Started"), "it begins anew")
    app.move(0, 0, 900, 700)


def back(stage):
    """The relay is back: a recovery code, and then the window with all chats"""
    app = stage.app
    stage.server.start()
    focused(app, "button", "Try Again")
    app.key("Return")
    take_recovery_code(app)
    open_chat(app, "Bob")
    app.sees("Hello Alice, this is Bob.", role="row")
    stage.shot(app, "11-chats")


def arrives(stage):
    """What a contact writes comes to the new device, and the answer to them"""
    app = stage.app
    stage.bob.cli("receive", "--timeout", "10")
    stage.bob.cli("send", "Alice", "Are you there again?", codes=(0, 1))
    app.sees("Are you there again?", role="row", timeout=60)
    app.fill("Message", "On a new computer")
    app.click("button", "Send")
    wait_for("the answer", lambda: (stage.bob.cli("receive", "--timeout", "5"),
                                    "On a new computer" in stage.bob.cli("history", "Alice"))[1], 60)
    check(app.end() == 0, "did not end cleanly")


def is_told(stage):
    """The contact's chat says that the device is another"""
    app = stage.open(stage.bob)
    open_chat(app, "Alice")
    app.sees(re.compile("devices or keys of .*Alice.* have changed"))
    stage.shot(app, "12-told")
    check(app.end() == 0, "did not end cleanly")


def left_behind(stage):
    """The device that made the backup says that its account is elsewhere"""
    app = stage.app = stage.open(stage.alice)
    app.sees("Welcome Back")
    unlock(app)
    app.sees(re.compile("This account was restored on another device"), timeout=60)
    stage.shot(app, "13-left-behind")
    check(app.end() == 0, "did not end cleanly")


main(by_code, refused, cancelled, by_locking, by_quitting, wrong, stopped, relay_away, back, arrives, is_told, left_behind)
