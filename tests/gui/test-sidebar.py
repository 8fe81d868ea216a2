#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of chats: its menu by mouse and keys, pins, marks, archive, requests, deleting, and the keys that go through it."""
import re
import time

from gui import check, main
from conversation import open_chat, write
from driver import wait_for

REQUEST = re.compile("^1 request from somebody who is not a contact$")


def names(app):
    """The rows of the list of chats, from the top."""
    return [row.name for row in app.all("row", under=app.find("list", "Conversations"))]


def order(app, *wanted):
    wait_for(f"the chats {wanted}", lambda: [name.split(",")[0] for name in names(app)] == list(wanted))


def row(app, name):
    return app.find("row", re.compile(rf"^{name}\b"), under=app.find("list", "Conversations"))


def choose(app, name, letter):
    app.press_secondary(row(app, name))
    app.choose(letter)


def opened(app, name):
    wait_for(f"the chat with {name} to be open", lambda: "selected" in row(app, name).states)


def sentences(stage):
    """Newest first; each row is one sentence"""
    relay = stage.relay()
    stage.alice, stage.bob, stage.carol, stage.dora = stage.friends(relay, "Alice", "Bob", "Carol", "Dora")
    for person, text in ((stage.dora, "One"), (stage.carol, "Two"), (stage.bob, "Three")):
        person.cli("send", "Alice", text)
    stage.address = stage.alice.address()
    app = stage.app = stage.open(stage.alice)
    order(app, "Bob", "Carol", "Dora")
    app.find("row", re.compile(r"^Bob, 1 unread message, Three, \d\d:\d\d$"))


def pins(stage):
    """Pinned chats stand first, also after others write"""
    app = stage.app
    choose(app, "Dora", "p")
    order(app, "Dora", "Bob", "Carol")
    app.find("row", re.compile("^Dora, Pinned, "))
    open_chat(app, "Carol")
    write(app, "Up with you")
    order(app, "Dora", "Carol", "Bob")
    opened(app, "Carol")  # the mark moved with the chat
    choose(app, "Dora", "p")
    order(app, "Carol", "Bob", "Dora")


def marks(stage):
    """Muted, and marked as unread: said in the row, and taken back"""
    app = stage.app
    choose(app, "Bob", "m")
    app.find("row", re.compile("^Bob, Muted, "))
    choose(app, "Bob", "m")
    wait_for("Bob to be heard again", lambda: "Muted" not in row(app, "Bob").name)
    choose(app, "Carol", "u")
    app.find("row", re.compile("^Carol, Marked as unread, "))
    stage.shot(app, "1-marks")
    choose(app, "Carol", "r")
    wait_for("Carol to be read", lambda: "unread" not in row(app, "Carol").name)
    choose(app, "Bob", "r")
    wait_for("Bob to be read", lambda: "unread" not in row(app, "Bob").name)


def remind(stage):
    """The open chat can be marked as unread, and stays so until it is opened by hand, which it can be again"""
    app = stage.app
    opened(app, "Carol")
    for away in (False, True):
        choose(app, "Carol", "u")
        app.find("row", re.compile("^Carol, Marked as unread, "))
        if away:
            app.press(row(app, "Bob"))
            opened(app, "Bob")
            app.find("row", re.compile("^Carol, Marked as unread, "))
        app.press(row(app, "Carol"))
        wait_for("the mark to be taken off", lambda: "unread" not in row(app, "Carol").name)
        opened(app, "Carol")
    choose(app, "Carol", "u")
    app.find("row", re.compile("^Carol, Marked as unread, "))
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.find("entry", "Message")
    app.sees("Up with you", role="row")
    opened(app, "Carol")
    check("Marked as unread" in row(app, "Carol").name, "the mark went with the window")
    app.press(row(app, "Carol"))
    wait_for("the mark to be taken off", lambda: "unread" not in row(app, "Carol").name)


def keys(stage):
    """The same by keys alone: through the chats, to the unread ones, the menu of a row"""
    app = stage.app
    order(app, "Carol", "Bob", "Dora")
    for key, wanted in (("alt+3", "Dora"), ("ctrl+Page_Up", "Bob"), ("ctrl+Tab", "Dora"), ("ctrl+shift+Tab", "Bob"),
                        ("ctrl+Page_Down", "Dora"), ("alt+1", "Carol")):
        app.key(key)
        opened(app, wanted)
    choose(app, "Bob", "u")
    app.find("row", re.compile("^Bob, Marked as unread"))
    app.key("alt+3")
    app.key("ctrl+shift+Page_Up")
    opened(app, "Bob")
    app.key("F6", "Menu")
    app.choose("p")
    order(app, "Bob", "Carol", "Dora")
    while "focused" not in row(app, "Bob").states:
        app.key("F6")
        time.sleep(0.3)
    app.key("shift+F10")
    app.choose("p")
    order(app, "Carol", "Bob", "Dora")


def archive(stage):
    """An archived chat is behind a row of its own, and comes back"""
    app = stage.app
    choose(app, "Bob", "a")
    order(app, "Carol", "Dora", "1 archived chat")
    app.press(app.find("row", "1 archived chat"))
    archived = app.find("list", "Archived")
    app.find("row", re.compile("^Bob"), under=archived)
    stage.shot(app, "2-archived")
    app.press_secondary(app.find("row", re.compile("^Bob"), under=archived))
    app.choose("a")
    order(app, "Carol", "Bob", "Dora")


def requests(stage):
    """A stranger is a request, not a chat; accepting makes them a chat"""
    app = stage.app
    eve = stage.person("Eve", stage.relays[0])
    eve.cli("add", stage.address)
    eve.cli("send", stage.address, "Do you know me?")
    app.find("row", REQUEST)
    check(not app.all("row", re.compile("^Eve")), "a stranger stands among the chats")
    app.press(app.find("row", REQUEST))
    listed = app.find("list", "Requests")
    app.find("row", re.compile("^Eve, Request, 1 unread message, Do you know me"), under=listed)
    stage.shot(app, "3-requests")
    app.press_secondary(app.find("row", re.compile("^Eve"), under=listed))
    app.choose("a")
    order(app, "Eve", "Carol", "Bob", "Dora")


def delete(stage):
    """A chat is deleted when that is confirmed, and an open one is closed"""
    app = stage.app
    open_chat(app, "Dora")
    choose(app, "Dora", "d")
    app.sees("Delete Chat?")
    app.key("Escape")
    app.wait_gone("button", "Delete")
    order(app, "Eve", "Carol", "Bob", "Dora")
    choose(app, "Dora", "d")
    app.click("button", "Delete")
    order(app, "Eve", "Carol", "Bob")
    app.sees("No Chat Open")


def again(stage):
    """Whose chat was deleted is a contact still: found by name and in New Chat; who is blocked besides, in the preferences"""
    app = stage.app
    app.key("ctrl+k")
    app.type("dora")
    app.press(app.find("row", re.compile("^Dora"), under=app.find("list", "Search Results")))
    app.find("entry", "Message")
    app.key("ctrl+k", "Escape")
    order(app, "Eve", "Carol", "Bob", "Dora")
    choose(app, "Dora", "d")
    app.click("button", "Delete")
    app.sees("No Chat Open")
    app.key("ctrl+n")
    app.sees("Contacts Without a Chat")
    stage.shot(app, "4-without-chat")
    app.press(app.find("row", "Dora"))
    app.find("entry", "Message")
    order(app, "Eve", "Carol", "Bob", "Dora")
    choose(app, "Dora", "t")
    app.tab_to("button", "Block…")
    app.key("Return")
    app.click("button", "Block")
    app.find("button", "Unblock")
    app.close_dialog()
    choose(app, "Dora", "d")
    app.click("button", "Delete")
    app.sees("No Chat Open")
    app.key("ctrl+comma")
    app.tab_to("button", "Unblock")
    app.key("Return")
    app.wait_gone("button", "Unblock")
    app.close_dialog()


def notes(stage):
    """Note to Self is reached from New Chat"""
    app = stage.app
    app.key("ctrl+n")
    app.click("button", "Note to Self")
    app.find("entry", "Message")
    opened(app, "Note to Self")
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(sentences, pins, marks, remind, keys, archive, requests, delete, again, notes, quiet)
