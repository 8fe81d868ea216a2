#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search everywhere and in a chat; the details of a chat, the preferences, and what the app says of itself."""
import re
import time

from gui import brightness, check, main
from conversation import open_chat
from driver import wait_for


def counted(app, words):
    """The count of what is found is a status, which a screen reader says by itself."""
    wait_for(f"the count {words!r}", lambda: words in [node.text for node in app.all("status")])


def everywhere(stage):
    """Ctrl+K finds chats by name and messages by words, and a hit opens its chat"""
    relay = stage.relay()
    stage.alice, stage.bob, stage.carol = stage.friends(relay, "Alice", "Bob", "Carol")
    for number in range(3):
        stage.bob.cli("send", "Alice", f"The lighthouse, part {number}")
    stage.carol.cli("send", "Alice", "Bobbing boats")
    app = stage.app = stage.open(stage.alice)
    app.find("row", re.compile("^Carol, .*Bobbing boats"))
    app.find("row", re.compile("^Bob, .*part 2"))
    open_chat(app, "Carol")
    app.key("ctrl+k")
    app.type("bob")
    found = app.find("list", "Search Results")
    app.find("label", "Chats", under=found)
    app.find("label", "Messages", under=found)
    app.find("row", re.compile("^Bob, "), under=found)
    hit = app.find("row", re.compile(r"^Carol, Bobbing boats, "), under=found)
    stage.shot(app, "1-everywhere")
    app.press(hit)
    app.find("row", re.compile(r"^Carol, [\d:]+: Bobbing boats"))
    app.fill("Search Chats and Messages", "lighthouse")
    app.press(app.find("row", re.compile("^Bob, The lighthouse, part 2"), under=found))
    app.find("row", re.compile(r"^Bob, [\d:]+: The lighthouse, part 2"))
    app.fill("Search Chats and Messages", "no such word")
    app.sees("Nothing Found")
    app.key("ctrl+k", "Escape")
    app.find("list", "Conversations")


def in_chat(stage):
    """Ctrl+F counts what is found, newest first, and goes through it"""
    app = stage.app
    app.key("ctrl+f")
    app.type("lighthouse")
    counted(app, "1 of 3")
    app.key("Return")
    counted(app, "2 of 3")
    app.click("button", "Previous Match")
    counted(app, "3 of 3")
    check("sensitive" not in app.find("button", "Previous Match").states, "there is one before the first")
    app.click("button", "Next Match")
    counted(app, "2 of 3")
    stage.shot(app, "2-in-chat")
    app.fill("Search in This Chat", "boats")
    counted(app, "Not found")
    app.key("ctrl+f", "Escape")
    app.wait_gone("button", "Next Match")


def details(stage):
    """A nickname is shown everywhere; a muted and a blocked chat say so"""
    app = stage.app
    app.press_secondary(app.find("row", re.compile("^Bob, "), under=app.find("list", "Conversations")))
    app.choose("t")
    app.find("button", "Copy Address")
    app.sees("Not verified")
    app.fill("Nickname, only for you", "Keeper")
    app.click("button", "Apply")
    app.sees("Calls themselves Bob")
    stage.shot(app, "3-details")
    app.close_dialog()
    app.find("row", re.compile("^Keeper, "))
    app.find("row", re.compile(r"^Keeper, [\d:]+: The lighthouse, part 2"))


def preferences(stage):
    """The style changes at once and is kept; debug information names nobody"""
    app = stage.app
    app.key("ctrl+comma")
    app.sees(stage.relays[0].origin)
    stage.shot(app, "4-preferences")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    (stage.alice.profile / "settings.ini").write_text("[settings]\nappearance=2\n")
    app = stage.app = stage.open(stage.alice)
    app.find("list", "Conversations")
    value = brightness(stage.shot(app, "5-dark"))
    check(value < 0.35, f"the dark window has a brightness of {value}")


def enter(stage):
    """Ctrl+Enter sends where a person wants that"""
    app = stage.app
    check(app.end() == 0, "did not end cleanly")
    (stage.alice.profile / "settings.ini").write_text("[settings]\nenter-sends=false\n")
    app = stage.app = stage.open(stage.alice)
    open_chat(app, "Carol")
    app.key("alt+1")
    app.fill("Message", "A line")
    app.key("Return")
    time.sleep(0.5)
    check(not app.all("row", re.compile("You.*A line")), "Enter sent it")
    app.key("ctrl+Return")
    app.sees(re.compile("A line"), role="row")
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    wait_for("its end", lambda: stage.app.process.poll() is not None)
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(everywhere, in_chat, details, preferences, enter, quiet)
