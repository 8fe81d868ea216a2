#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev shots: a picture of every screen, light, dark, narrow, right-to-left, in high contrast and with large text, into
build/shots/. With --readme docs/screenshot.png instead."""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from people import PeopleError, Person, Relay, environment, introduce  # noqa: E402
from session import Session, SessionError  # noqa: E402

LOOKS = {
    "light": ((0, 0, 920, 680), "prefer-light"),
    "dark": ((0, 0, 920, 680), "prefer-dark"),
    "narrow": ((0, 0, 370, 730), "prefer-light"),
    "rtl": ((0, 0, 920, 680), "prefer-light"),
    "contrast": ((0, 0, 920, 680), "prefer-light"),
    "large": ((0, 0, 1100, 860), "prefer-light"),
}
EXTRA = {"contrast": {"ADW_DEBUG_HIGH_CONTRAST": "1"}}
DIGITS = re.compile(r"^\d{5}(\s\d{5}){5}$")
FRAME = 5  # without a compositor GTK draws a frame of its own around the window
CHAT = [
    ("Bob", "Found it! My half of the token was in grandmother's sewing box."),
    ("Alice", "No way. Is it the side with the ship?"),
    ("Bob", "With the ship, and half a name under it: “…RETIUS”."),
    ("Alice", "Then mine says LUC… 😮"),
    ("Alice", "LUC-RETIUS. The halves fit."),
    ("Bob", "Two thousand years, and it still lets us in. Dinner on Saturday?"),
    ("Alice", "Saturday it is. I bring my half, you bring the wine 🍷"),
]


def stage(build, scratch, env):
    """Alice with two friends, something said, and everybody's profile closed."""
    scratch.mkdir()
    relay = Relay(build, scratch / "relay", scratch / "relay.log", env).start()
    alice, bob, carol = (Person(build, name, scratch / name.lower(), env).register(relay) for name in ("Alice", "Bob", "Carol"))
    for friend in (bob, carol):
        introduce(alice, friend)
    people = {"Alice": alice, "Bob": bob}
    for sender, text in CHAT:
        people[sender].cli("send", "Bob" if sender == "Alice" else "Alice", text)
        for person in people.values():
            person.cli("receive", "--timeout", "5")
    carol.cli("send", "Alice", "Shall we read the next chapter together?")
    return relay, alice, bob, carol


class Camera:
    """One app in one look, and where its pictures go."""

    def __init__(self, desktop, folder, look, env, scratch):
        self.desktop, self.folder, self.look, self.scratch = desktop, folder, look, scratch
        self.place, scheme = LOOKS[look]
        self.env = {**env, "ADW_DEBUG_COLOR_SCHEME": scheme, **EXTRA.get(look, {})}
        if look == "large":
            self.enlarge(Path(env["XDG_CONFIG_HOME"]), scratch / "config")
        if look == "rtl":
            self.turn(scratch / "locale")

    def enlarge(self, usual, large):
        """Text of 200 %."""
        shutil.copytree(usual, large)
        settings = large / "gtk-4.0" / "settings.ini"
        settings.write_text(settings.read_text().replace("Inter 11", "Inter 22"))
        self.env["XDG_CONFIG_HOME"] = str(large)

    def turn(self, folder):
        """GTK takes the direction from the locale; the words, by which controls are found, stay English."""
        folder.mkdir()
        subprocess.run(["localedef", "-i", "ar_EG", "-f", "UTF-8", str(folder / "ar_EG.UTF-8")], check=True, timeout=60)
        self.env.update(LOCPATH=str(folder), LC_ALL="ar_EG.UTF-8", LANGUAGE="en")

    def open(self, person):
        from driver import App

        app = App(self.desktop, person.command(), self.env, self.scratch / f"{person.name}-{self.look}.log", self.place)
        return app.wait_window()

    def shot(self, app, name, menu=False):
        """With a @menu what lies over the window is in the picture too."""
        path = self.path(name)
        app.shot(path, window=not menu)
        x, y, width, height = self.place
        return self.keep(path, ["-crop", f"{width}x{height}+{x}+{y}", "+repage"] if menu else [])

    def path(self, name):
        return self.folder / f"{name}-{self.look}.png"

    def keep(self, path, crop=()):
        subprocess.run(["mogrify", *crop, "-shave", f"{FRAME}x{FRAME}", "+repage", str(path)], check=True, timeout=30)
        print(f"  {path}", flush=True)
        return path


def first_start(camera, build, relay):
    """Welcome, account with its words, own code, no chats."""
    profile = Path(tempfile.mkdtemp(dir=camera.scratch)) / "new"
    app = camera.open(Person(build, "Dora", profile, camera.env))
    app.find("button", "Get Started")
    camera.shot(app, "01-welcome")
    app.click("button", "Network…")
    app.find("dialog")
    camera.shot(app, "01-network")
    app.close_dialog()
    app.click("button", "Get Started")
    app.find("button", "Create Account")
    app.fill("Relay", "http://127.0.0.1:1")
    app.find("button", "Check Again")
    camera.shot(app, "02-account-unreachable")
    app.fill("Relay", relay.origin)
    app.fill("Name", "Dora")
    app.sees("reachable and open")
    camera.shot(app, "03-account")
    app.click("button", "Create Account")
    app.click("button", "I Have Written It Down", timeout=60)
    app.click("button", "Show It Again")
    camera.shot(app, "03-recovery-code")
    code = app.sees(DIGITS).name
    app.click("button", "I Have Written It Down")
    app.fill("The last five digits", code[-5:])
    app.click("button", "Continue", timeout=60)
    app.sees("This Is Your Code")
    camera.shot(app, "04-own-code")
    app.click("button", "Done")
    app.sees("No Chats Yet")
    camera.shot(app, "05-no-chats")
    app.end()


def chats(camera, alice, bob, carol):
    """The list, a chat, the dialogs, a verification that fits and one that does not."""
    import conversation

    app = camera.open(alice)
    app.find("button", "New Chat")
    camera.shot(app, "06-chats")
    conversation.open_chat(app, "Bob")
    app.sees(CHAT[-1][1], role="row")
    camera.shot(app, "07-chat")
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    camera.shot(app, "08-verify")
    app.click("button", "Compare Numbers Instead")
    app.sees("Safety Number")
    camera.shot(app, "09-number")
    app.close_dialog()
    if camera.look == "narrow":
        app.click("button", "Back")
    app.click("button", "New Chat")
    app.find("button", "Add")
    camera.shot(app, "10-new-chat")
    app.close_dialog()
    conversation.open_chat(app, "Carol")
    picture = camera.scratch / "wrong.png"
    bob.cli("code", "--png", picture)
    conversation.scan_picture(app, picture)
    app.sees("The Code Did Not Match")
    camera.shot(app, "11-mismatch")
    app.click("button", "Close")
    app.wait_gone("dialog")
    camera.shot(app, "12-stopped")
    carol.cli("code", "--png", picture)
    app.click("button", "Verify Again")
    conversation.scan_picture(app, picture, opened=True)
    app.sees("The Halves Fit")
    camera.shot(app, "13-match")
    app.click("button", "Done")
    app.wait_gone("dialog")
    camera.shot(app, "14-verified")
    app.end()


def identifier(person, friend, text):
    """The id by which @person knows the newest message that begins with @text."""
    rows = [json.loads(line) for line in person.cli("--json", "history", friend).splitlines()]
    return [row["id"] for row in rows if row["body"].startswith(text)][-1]


def talk(alice, bob, carol):
    """All that can be done to messages."""
    bob.cli("receive", "--timeout", "5")
    alice.cli("reply", "Bob", identifier(alice, "Bob", "Two thousand"), "Saturday at eight. The table is booked: "
              "https://example.org/tavern?table=2000 (and they know about the wine)")
    alice.cli("react", "Bob", identifier(alice, "Bob", "With the ship"), "😮")
    alice.cli("edit", "Bob", identifier(alice, "Bob", "LUC-RETIUS"), "LUC-RETIUS! The halves fit.")
    bob.cli("receive", "--timeout", "5")
    bob.cli("react", "Alice", identifier(bob, "Alice", "Saturday at eight"), "👍")
    bob.cli("react", "Alice", identifier(bob, "Alice", "Then mine says"), "😮")
    bob.cli("timer", "Alice", "86400")
    bob.cli("send", "Alice", "🏺🍷")
    bob.cli("send", "Alice", "Oops")
    bob.cli("delete", "Alice", identifier(bob, "Alice", "Oops"), "--for-everyone")
    alice.cli("receive", "--timeout", "5")
    alice.cli("react", "Bob", identifier(alice, "Bob", "Then mine says"), "😮")
    carol.cli("receive", "--timeout", "5")


def messages(camera, alice, bob, carol):
    """What is done to messages: answers, reactions, the menu, the bars above the composer, deleting, what is new."""
    import conversation
    from driver import xdotool

    talk(alice, bob, carol)
    bob.cli("send", "Alice", "It is on the way to the museum anyway.")
    bob.cli("reply", "Alice", identifier(bob, "Alice", "Saturday it is"), "Which wine goes with clay?")
    app = camera.open(alice)
    conversation.open_chat(app, "Bob")
    app.find("label", "New Messages")
    camera.shot(app, "20-messages")
    row = app.find("row", re.compile(": Which wine goes"))
    app.press_secondary(row)
    app.find("menu item")
    camera.shot(app, "21-message-menu", menu=True)
    app.choose("r")
    app.fill("Message", "A red one.\nFrom the same island, if they have it, and old enough to know better than to be served to "
             "people who find half of a token in a sewing box.")
    camera.shot(app, "22-reply")
    app.key("Escape")
    app.fill("Message", "")
    app.key("Up")
    app.sees("Edit Message")
    camera.shot(app, "23-edit")
    app.key("Escape")
    app.press_secondary(app.find("row", re.compile(": Saturday at eight")))
    app.choose("d")
    app.sees("Delete Message?")
    camera.shot(app, "24-delete")
    app.key("Escape")
    app.wait_gone("alert dialog")
    bob.cli("typing", "Alice", "on")
    app.find("label", re.compile("is writing"))
    camera.shot(app, "25-typing")
    xdotool("mousemove", "--window", app.window, camera.place[2] // 2, camera.place[3] // 2, "click", "--repeat", "40", "4")
    app.find("button", "Scroll to Bottom")
    bob.cli("send", "Alice", "Never mind the wine")
    app.find("button", re.compile("Scroll to Bottom, 1 unread"))
    camera.shot(app, "26-scrolled-up")
    app.end()


def strangers(camera, build, relay, alice):
    """A request, and what is left of a chat with somebody blocked."""
    import conversation

    eve = Person(build, "Eve", camera.scratch / "eve", camera.env).register(relay)
    eve.cli("add", alice.address())
    eve.cli("send", alice.address(), "Hello! I bought a box of old letters, and your name is in them.")
    app = camera.open(alice)
    app.find("row", re.compile("^1 request"))
    conversation.open_request(app, "Eve")
    app.sees("your name is in them", role="row")
    camera.shot(app, "27-request")
    app.click("button", "Block…")
    app.click("button", "Block")
    app.find("button", "Unblock")
    camera.shot(app, "28-blocked")
    app.end()


def open_menu(app, name):
    """The button that can be clicked is inside the one that holds the menu."""
    app.find("button", name)
    app.all("button", name)[-1].click()
    app.find("menu item")


def to_list(camera, app):
    """Where the chat hides the list, back to it: the main menu is there."""
    if camera.look == "narrow" and not app.all("list", "Conversations"):
        app.click("button", "Back")
    app.find("list", "Conversations")


def around(camera, alice):
    """What stands around a chat: menus, search, details, preferences, help."""
    import conversation
    from driver import screenshot, xdotool

    app = camera.open(alice)
    conversation.open_chat(app, "Bob")
    open_menu(app, "Chat Menu")
    camera.shot(app, "30-chat-menu", menu=True)
    app.key("Escape")
    app.wait_gone("menu item")
    to_list(camera, app)
    app.key("F10")
    app.find("menu item")
    camera.shot(app, "31-main-menu", menu=True)
    app.key("Escape")
    app.wait_gone("menu item")
    app.key("ctrl+k")
    app.type("wine")
    app.find("list", "Search Results")
    app.sees("Messages")
    camera.shot(app, "32-search")
    app.fill("Search Chats and Messages", "no such word")
    app.sees("Nothing Found")
    camera.shot(app, "33-nothing-found")
    app.key("ctrl+k", "Escape")
    app.wait_gone("list", "Search Results")
    conversation.open_chat(app, "Bob")
    app.key("ctrl+f")
    app.type("halves")
    app.find("button", "Next Match")
    app.sees("halves", role="row")
    camera.shot(app, "34-search-in-chat")
    app.key("Escape")
    open_menu(app, "Chat Menu")
    app.choose("d")
    app.find("button", "Copy Address")
    camera.shot(app, "35-details")
    app.close_dialog()
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Send")
    camera.shot(app, "36-preferences")
    app.tab_to("combo box", "Connect through")
    camera.shot(app, "36-preferences-network")
    app.close_dialog()
    app.key("ctrl+question")
    app.sees("Search in the chat")
    shortcuts = next(window for window in app.windows() if window != app.window)
    camera.keep(screenshot(camera.path("37-shortcuts"), shortcuts))
    app.focus(shortcuts)
    xdotool("key", "Escape")
    to_list(camera, app)
    app.key("F10")
    app.choose("a")
    app.sees("Troubleshooting")
    camera.shot(app, "38-about")
    app.end()


def people(camera, build, relay, alice):
    """Who is found by a name, a contact's device, names and the recovery code in the preferences, one's own code."""
    import conversation

    fred = Person(build, "Fred", camera.scratch / "fred", camera.env).register(relay)
    fred.cli("claim-name", "fred")
    alice.cli("claim-name", "alice")
    host = relay.origin.partition("://")[2]
    app = camera.open(alice)
    app.click("button", "New Chat")
    app.fill("Code, link or name@relay", f"nobody@{host}")
    app.click("button", "Look Up")
    app.sees(f"Nobody at {host} is called “nobody”")
    camera.shot(app, "40-nobody")
    app.fill("Code, link or name@relay", f"fred@{host}")
    app.click("button", "Look Up")
    app.sees(re.compile("^Not verified. Key "))
    camera.shot(app, "41-found")
    app.click("button", "Your Code")
    app.find("image", "Your code as a QR picture")
    camera.shot(app, "42-your-code")
    app.close_dialog()
    conversation.open_chat(app, "Bob")
    open_menu(app, "Chat Menu")
    app.choose("d")
    app.find("button", "Copy Address")
    app.sees("Their only device")
    camera.shot(app, "43-device")
    app.close_dialog()
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Online")
    app.tab_to("entry", "Name to be found by at your relay")
    camera.shot(app, "44-preferences-name")
    app.tab_to("row", "Recovery code")
    app.sees(re.compile("^.* with \\d+ messages$"))
    camera.shot(app, "44-preferences-end")
    app.key("Return")
    app.find("button", re.compile("^Make a "))
    camera.shot(app, "45-recovery")
    app.click("button", re.compile("^Make a "))
    app.find("button", "I Have Written It Down")
    camera.shot(app, "45-recovery-code")
    app.close_dialog()
    app.end()


def busy(camera, app, name):
    """What is soon over, which stands still for its picture."""
    app.find("progress bar", "Progress")
    os.kill(app.pid, signal.SIGSTOP)
    try:
        camera.shot(app, name)
    finally:
        os.kill(app.pid, signal.SIGCONT)


def backup(camera, alice):
    """A backup is made: the file, and what opens it."""
    disk = camera.scratch / "disk"
    disk.symlink_to("/proc")  # which takes no file
    file = disk / "Tessera 2026-11-30.tessera-backup"
    app = camera.open(alice)
    app.find("list", "Conversations")
    app.key("ctrl+comma")
    app.tab_to("row", "Create a Backup")
    camera.shot(app, "50-preferences-backup")
    app.key("Return")
    app.sees("What Opens It")
    camera.shot(app, "50-backup")
    app.key("Return")
    code = app.sees(DIGITS).name.replace("\n", " ")
    camera.shot(app, "51-backup-code")
    app.click("button", "I Have Written It Down")
    app.find("entry", "The last five digits")
    camera.shot(app, "51-backup-check")
    app.fill("The last five digits", code[-5:])
    app.find("button", "Save As…")
    camera.shot(app, "52-backup-written")
    app.click("button", "Save As…")
    app.choose_file(file)
    app.sees("The Backup Was Not Made", timeout=60)
    camera.shot(app, "53-backup-refused")
    disk.unlink()
    disk.symlink_to(camera.scratch)
    app.key("Return")
    busy(camera, app, "54-backup-busy")
    app.sees("The Backup Is Made", timeout=60)
    camera.shot(app, "55-backup-made")
    app.click("button", "Done")
    app.sees("Last backup: Today")
    app.tab_to("row", "Create a Backup")
    app.key("Return")
    app.sees("What Opens It")
    app.tab_to("row", "A passphrase of your own")
    app.key("Return")
    app.sees("Choose a Passphrase")
    camera.shot(app, "56-backup-passphrase")
    app.close_dialog()
    app.end()
    return file, code


def restore(camera, build, relay, alice):
    """Another computer is given it, with the relay away meanwhile; and what the one says that the account has left."""
    file, code = backup(camera, alice)
    relay.kill()
    app = camera.open(Person(build, "Alice", camera.scratch / "again", camera.env))
    app.click("button", "Restore a Backup")
    app.press(app.find("row", "Backup file"))
    app.choose_file(file)
    app.fill("Its code or passphrase", "1" * 30)
    app.click("button", "Restore")
    app.sees("This is not the passphrase or the code", timeout=60)
    camera.shot(app, "57-restore-wrong")
    app.fill("Its code or passphrase", code)
    app.click("button", "Restore")
    busy(camera, app, "58-restoring")
    app.sees("Not Connected Yet", timeout=60)
    camera.shot(app, "59-not-connected")
    relay.start()
    app.click("button", "Try Again")
    app.click("button", "I Have Written It Down", timeout=60)
    app.click("button", "Show It Again")
    code = app.sees(DIGITS).name
    app.click("button", "I Have Written It Down")
    app.fill("The last five digits", code[-5:])
    app.click("button", "Continue", timeout=60)
    app.find("list", "Conversations", timeout=60)
    camera.shot(app, "60-restored")
    app.end()
    app = camera.open(alice)
    app.find("list", "Conversations")
    app.sees("This account was restored on another device", timeout=60)
    camera.shot(app, "61-left-behind")
    app.end()


def locked(camera, build, relay):
    """The app lock in the preferences, and the window under it."""
    hana = Person(build, "Hana", camera.scratch / "hana", camera.env).register(relay)
    app = camera.open(hana)
    app.find("button", "New Chat")
    app.key("ctrl+comma")
    app.tab_to("row", "Passphrase to open Tessera")
    camera.shot(app, "62-preferences-lock")
    app.key("Return")
    app.fill("New passphrase", "correct horse battery staple")
    app.fill("New passphrase again", "correct horse battery staple")
    camera.shot(app, "63-lock")
    app.click("button", "Set Passphrase")
    app.sees("The app lock is set.", timeout=60)
    camera.shot(app, "64-lock-set")
    app.key("Escape")
    app.close_dialog()
    app.key("ctrl+l")
    app.sees("Tessera Is Locked")
    app.fill("Passphrase", "not it")
    app.click("button", "Unlock")
    app.sees(re.compile("not the passphrase"), timeout=60)
    camera.shot(app, "65-locked")
    app.end()


def lost_keys(camera, build, relay):
    """A keyring that has lost the keys."""
    from keyring import Keyring

    gina = Person(build, "Gina", camera.scratch / "gina", camera.env).register(relay)
    gina.cli("recovery-code")
    Keyring().wipe(gina.profile)
    app = camera.open(gina)
    app.sees("The Keys Are Missing")
    camera.shot(app, "46-keys-missing")
    app.end()


def offline(camera, relay, alice):
    """The relay is away: the state in words, a message that waits."""
    import conversation
    from driver import wait_for

    relay.kill()
    app = camera.open(alice)
    conversation.open_chat(app, "Bob")
    app.fill("Message", "Are you there?")
    app.click("button", "Send")
    app.sees("Are you there?", role="row")
    wait_for("the state in words", lambda: app.all("button", "Try Now") or camera.look == "narrow", 30)
    camera.shot(app, "15-offline")
    app.end()
    relay.start()


def readme(camera, alice, bob, picture):
    """A chat of two people, the window alone, with rounded corners and a margin."""
    import conversation

    scan = camera.scratch / "readme.png"
    bob.cli("code", "--png", scan)
    camera.place = (0, 0, 1010, 670)
    app = camera.open(alice)
    conversation.open_chat(app, "Bob")
    conversation.scan_picture(app, scan)
    app.sees("The Halves Fit")
    app.click("button", "Done")
    app.wait_gone("dialog")
    app.find("label", "Verified")
    app.shot(scan)
    app.end()
    width, height = (side - 2 * FRAME for side in camera.place[2:])
    rounded = f"-shave {FRAME}x{FRAME} +repage -alpha set ( +clone -alpha transparent -fill white -draw @MASK@ )".split()
    rounded[rounded.index("@MASK@")] = f"roundrectangle 0,0 {width - 1},{height - 1} 14,14"
    rounded += "-compose DstIn -composite -compose Over".split()
    shadow = "( +clone -background black -shadow 38x14+0+8 ) +swap -background none -layers merge +repage".split()
    margin = "-bordercolor none -border 12 -strip -define png:compression-level=9".split()
    subprocess.run(["convert", str(scan), *rounded, *shadow, *margin, str(picture)], check=True, timeout=60)
    print(f"  {picture}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev shots", description="pictures of every screen")
    parser.add_argument("--readme", action="store_true", help="only renew docs/screenshot.png")
    parser.add_argument("--messages", action="store_true", help="only the screens of a chat")
    parser.add_argument("--safety", action="store_true", help="only the app lock and backups")
    parser.add_argument("--look", choices=LOOKS, action="append", help="only this look (as often as wanted)")
    parser.add_argument("--build", default=Path(os.environ.get("TESSERA_BUILD", "build")), type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    build, folder = options.build.resolve(), options.build.resolve() / "shots"
    if not options.readme and not options.look:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    relay = None
    try:
        with Session(x11="1200x900") as session:
            session.export()
            from driver import Desktop

            env, scratch = environment(session), session.scratch
            desktop = Desktop()
            for look in ["light"] if options.readme else options.look or LOOKS:
                relay, alice, bob, carol = stage(build, scratch / look, env)
                camera = Camera(desktop, folder, look, env, scratch / look)
                if options.readme:
                    readme(camera, alice, bob, Path("docs/screenshot.png").resolve())
                elif options.safety:
                    locked(camera, build, relay)
                    restore(camera, build, relay, alice)
                elif options.messages:
                    messages(camera, alice, bob, carol)
                    strangers(camera, build, relay, alice)
                else:
                    first_start(camera, build, relay)
                    chats(camera, alice, bob, carol)
                    messages(camera, alice, bob, carol)
                    strangers(camera, build, relay, alice)
                    around(camera, alice)
                    people(camera, build, relay, alice)
                    lost_keys(camera, build, relay)
                    offline(camera, relay, alice)
                    locked(camera, build, relay)
                    restore(camera, build, relay, alice)
                relay.stop()
            return 0
    except (PeopleError, SessionError, AssertionError) as error:
        print(f"shots: {error}", file=sys.stderr)
        return 1
    finally:
        if relay:
            relay.kill()


if __name__ == "__main__":
    sys.exit(main())
