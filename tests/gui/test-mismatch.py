#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A code that does not match: a red alarm, and nothing is sent until a person has decided."""
import re

from gui import check, main, run
from conversation import open_chat, reads, scan_picture, show_code, write
from driver import wait_for


def words(stage):
    """What is not a code of Alice's has each its own sentence, and changes nothing"""
    stage.people = stage.friends(stage.relay(), "Bob", "Alice", "Carol")
    bob, alice, _ = stage.people
    own, right = bob.cli("code").strip(), alice.cli("code").strip()
    _, _, account, *rest = right.split("/")
    app = stage.bob = stage.open(bob, (0, 0, 800, 900))
    open_chat(app, "Alice")
    app.click("button", "Verify")
    for code, sentence in (("TESSERA:2/" + right[10:], "needs a newer version"), (right[:60], "its end is missing"),
                           ("https://example.org", "not a Tessera code")):
        app.fill("Their code", code)
        app.sees(re.compile(sentence))
    text = stage.keep / "shopping.txt"
    text.write_text("bread\n")
    app.drop(text, 380, 420)
    app.sees("This is not a picture that can be read.")
    elsewhere = "/".join(["TESSERA:1", "ELSEWHERE.EXAMPLE", account, *rest])
    for code, sentence in ((own, "your own code"), (elsewhere, "names the relay elsewhere.example"),
                           (alice.address(), "take the code that .*Alice.* shows")):
        app.fill("Their code", code)
        app.click("button", "Compare")
        app.sees(re.compile(sentence))
    check(not app.all("label", "The Code Did Not Match"), "an alarm where there is no reason")
    app.close_dialog()
    app.key("ctrl+n")
    app.fill("Code, link or name@relay", elsewhere)
    app.sees(re.compile("You know .*Alice.* already, at the relay 127.0.0.1"))
    app.fill("Code, link or name@relay", "")
    picture = stage.keep / "elsewhere.png"
    run("qrencode", "-s", "8", "-o", picture, elsewhere)
    app.drop(picture, 380, 420)
    app.sees(re.compile("You know .*Alice.* already, at the relay 127.0.0.1"))
    app.find("button", "Add")
    app.click("button", "Your Code")
    link = app.find("label", re.compile("^tessera:1/")).name
    app.click("button", "Make Old Codes Useless…")
    app.click("button", "Make Useless")
    app.sees("Old codes and links are useless now")
    wait_for("another link", lambda: [node for node in app.all("label", re.compile("^tessera:1/")) if node.name != link])
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    check("elsewhere" not in bob.cli("--json", "contacts").lower(), "a picture led Alice's mail elsewhere")


def mismatch(stage):
    """Bob drops the picture of Carol's code for Alice's, and is told so"""
    bob, alice, carol = stage.people
    picture = stage.keep / "carol.png"
    carol.cli("code", "--png", picture)
    check(reads(picture), "the picture that the command line made cannot be read")
    app = stage.bob = stage.open(bob, (0, 0, 800, 900))
    stage.alice = stage.open(alice, (800, 0, 800, 900))
    open_chat(app, "Alice")
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    app.drop(picture, 380, 420)
    app.sees("The Code Did Not Match")
    app.sees(re.compile("This is the code of .*Carol.*, not of .*Alice"))
    stage.shot(app, "1-mismatch")


def stopped(stage):
    """Nothing can be sent to her now, and the chat says why"""
    app = stage.bob
    app.click("button", "Close")
    app.wait_gone("dialog")
    app.sees("Nothing is sent to this contact until this is resolved")
    app.sees("The Code Did Not Match")
    check(not app.all("entry", "Message"), "the composer is still there")
    stage.shot(app, "2-stopped")


def kept(stage):
    """Closed and opened again, it is still so"""
    check(stage.bob.end() == 0, "did not end cleanly")
    app = stage.bob = stage.open(stage.people[0], (0, 0, 800, 900))
    app.press(app.find("row", re.compile("^Alice")))
    app.sees("Nothing is sent to this contact until this is resolved")
    check(not app.all("entry", "Message"), "the composer is back")


def resolved(stage):
    """The right code resolves it, and both are verified"""
    app, other = stage.bob, stage.alice
    open_chat(other, "Bob")
    picture = stage.keep / "alice.png"
    show_code(other, picture)
    app.click("button", "Verify Again")
    scan_picture(app, picture, opened=True)
    app.sees("The Halves Fit")
    other.sees("The Halves Fit")
    for one in (app, other):
        one.click("button", "Done")
        one.wait_gone("dialog")
    write(app, "It was Carol's, sorry")
    other.sees("It was Carol's, sorry", role="row")
    stage.shot(app, "3-resolved")


def numbers(stage):
    """The safety number is read digit by digit, and what one copies is the same on the other side"""
    app, other = stage.bob, stage.alice
    for one in (app, other):
        one.find("button", "Chat Menu")
        one.all("button", "Chat Menu")[-1].click()
        one.choose("n")
    spoken = re.compile(r"^\d( \d){4}(, \d( \d){4}){11}$")
    wait_for("the number", lambda: app.all(None, spoken) and other.all(None, spoken))
    check(app.all(None, spoken)[0].name == other.all(None, spoken)[0].name, "the numbers differ")
    app.click("button", "Compare With Clipboard")
    app.sees("The clipboard holds no safety number.")
    other.click("button", "Copy")
    other.sees("Number copied")
    app.click("button", "Compare With Clipboard")
    app.sees(re.compile("The number in the clipboard is the same"))
    stage.shot(app, "4-number")
    for one in (app, other):
        check(one.end() == 0, "did not end cleanly")


main(words, mismatch, stopped, kept, resolved, numbers)
