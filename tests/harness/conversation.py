# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation that ./dev run plays without a display and the GUI smoke test checks: Alice writes, Bob answers, Bob verifies
Alice by the picture of her code, and both sides show it."""
import re
import subprocess
import time

from driver import DriverError, wait_for

ALICE_SAYS = "Hi Bob! Did the other half of the token arrive?"
BOB_ANSWERS = "It did, and the halves fit 🏺 Naïve question: shall I scan your code?"
ALICE_AGAIN = "Yes please. Here it comes."
DELIVERED = re.compile(r"delivered|read", re.I)
CLICKS, CLICK_SECONDS = 5, 4


def open_chat(app, friend):
    """Opens the chat with @friend (the first words of the name will do) from the list, if it is not the one on the screen. What
    arrives meanwhile moves the rows: a click may open another chat, and is repeated then."""
    name = re.compile(rf"^{re.escape(friend)}\b")

    def is_open():
        return app.all("group", name) and app.all("entry", "Message")

    for _ in range(CLICKS):
        if is_open():
            return
        app.press(app.find("row", name))
        try:
            wait_for(f"the chat with {friend}", is_open, CLICK_SECONDS)
        except DriverError:
            continue
    app.find("group", name)
    app.find("entry", "Message")


def open_request(app, stranger):
    """Opens the request of @stranger from the list of requests."""
    app.press(app.find("row", re.compile("request")))
    app.find("button", "Back")
    app.press(app.find("row", re.compile(rf"^{re.escape(stranger)}, Request\b")))
    app.find("button", "Accept")


def write(app, text):
    app.fill("Message", text)
    app.click("button", "Send")
    app.sees(text, role="row")


def message(app, text):
    """The sentence that a screen reader gets for the message."""
    rows = app.all("row", re.compile(re.escape(text)))
    return rows[-1].name if rows else ""


def wait_delivered(app, text):
    wait_for(f"{text!r} to be delivered", lambda: DELIVERED.search(message(app, text)))


def show_code(app, picture):
    """Opens the verification dialog and takes a picture of the window with the code in it, as a camera would."""
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    app.wait_gone("progress bar")
    wait_for("the code", lambda: app.shot(picture) and reads(picture))


def reads(picture):
    """Whether a QR code can be read in the picture, by a decoder that is not ours."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip().upper().startswith("TESSERA:1/")


def scan_picture(app, picture, opened=False):
    """Opens the verification dialog, unless it is, and gives it a picture."""
    if not opened:
        app.click("button", "Verify")
    app.click("button", "Open Picture…")
    app.choose_file(picture)


def browser(folder):
    """Makes a program the browser of a desktop whose data lies in what is returned, and which writes down, in the other, what it
    was asked to open."""
    data, opened, program = folder / "share", folder / "opened", folder / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" >>"{opened}"\n')
    program.chmod(0o755)
    (data / "applications").mkdir(parents=True)
    (data / "applications" / "browser.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Browser\nExec={program} %u\nMimeType=x-scheme-handler/https;\n")
    (data / "applications" / "mimeapps.list").write_text("[Default Applications]\nx-scheme-handler/https=browser.desktop\n")
    return data, opened


def play_again(alice, bob, shot):
    """Later runs find the two verified: they only talk, in words that were not there before."""
    now = time.strftime("%H:%M:%S")
    for writer, reader, text in ((alice, bob, f"Good to see you again, Bob. It is {now}."),
                                 (bob, alice, f"And you, Alice. Still the right halves at {now}!")):
        write(writer, text)
        reader.sees(text, role="row")
        wait_delivered(writer, text)
    for app in (alice, bob):
        app.find("label", "Verified")
    shot("1-again")


def play(alice, bob, folder, shot):
    """Plays it in two running apps that know each other; @shot(name) is called at each step. Raises DriverError when something
    does not come."""
    open_chat(alice, "Bob")
    open_chat(bob, "Alice")
    if alice.all("label", "Verified"):
        play_again(alice, bob, shot)
        return
    shot("1-introduced")
    write(alice, ALICE_SAYS)
    bob.sees(ALICE_SAYS, role="row")
    write(bob, BOB_ANSWERS)
    alice.sees(BOB_ANSWERS, role="row")
    write(alice, ALICE_AGAIN)
    bob.sees(ALICE_AGAIN, role="row")
    wait_delivered(alice, ALICE_SAYS)
    wait_delivered(bob, BOB_ANSWERS)
    shot("2-conversation")
    picture = folder / "alice-code.png"
    show_code(alice, picture)
    bob.click("button", "Verify")
    bob.find("button", "Open Picture…")
    shot("3-codes")
    scan_picture(bob, picture, opened=True)
    bob.sees("The Halves Fit")
    alice.sees("The Halves Fit")
    shot("4-match")
    for app in (alice, bob):
        app.click("button", "Done")
        app.wait_gone("dialog")
        app.find("label", "Verified")
    shot("5-verified")
