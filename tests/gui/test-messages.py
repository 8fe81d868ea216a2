#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to messages: answers, reactions, edits, deletions, by mouse and keys, with the command line on the other side."""
import json
import re

from gui import check, main
from conversation import open_chat, write
from driver import wait_for

CLOCK = r"\d\d:\d\d"


def history(person, friend):
    """The messages that @person has with @friend, as the command line tells them."""
    return [json.loads(line) for line in person.cli("--json", "history", friend).splitlines()]


def identifier(person, friend, text):
    """The id that @person knows the message by."""
    found = [row["id"] for row in history(person, friend) if row["body"] == text]
    check(found, f"{person.name} has no message {text!r}")
    return found[-1]


def hears(person, friend, what, probe):
    """Waits until one of @person's messages with @friend is as @probe wants it."""
    def look():
        person.cli("receive", "--timeout", "3")
        return next((row for row in history(person, friend) if probe(row)), None)

    return wait_for(f"{person.name} to have {what}", look)


def said(text):
    """The rows of the messages whose sentence holds @text after its time; the list of chats has rows too."""
    return re.compile(rf"^(You|Bob), {CLOCK}\b.*{text}")


def row(app, text):
    return app.find("row", said(text))


def focused(app):
    return [node for node, _ in app.root().walk() if "focused" in node.states][-1]


def wait_focus(app, role, name):
    wait_for(f"the focus on {role} {name!r}", lambda: focused(app).role == role and name in focused(app).name, 5)


def menu(app, text):
    app.press_secondary(row(app, text))
    app.find("menu item")


def entry_text(app):
    return app.find("entry", "Message").text


def wait_entry(app, text):
    wait_for(f"{text!r} in the composer", lambda: entry_text(app) == text, 5)


def reply(stage):
    """An answer by the menu: the bar above the composer, the quote in the row, and on the other side"""
    stage.alice, stage.bob = stage.friends(stage.relay(), "Alice", "Bob", "Carol")[:2]
    stage.bob.cli("send", "Alice", "Which half do you have?")
    app = stage.app = stage.open(stage.alice)
    open_chat(app, "Bob")
    menu(app, ": Which half")
    stage.shot(app, "1-menu")
    app.choose("r")
    app.sees("Reply to Bob")
    wait_focus(app, "entry", "Message")
    stage.shot(app, "2-reply")
    app.type("The one with the ship")
    app.key("Return")
    app.wait_gone("label", "Reply to Bob")
    app.find("row", re.compile(f"^You, {CLOCK}, in reply to “Which half do you have\\?”: The one with the ship"))
    app.find("button", "Go to what Bob wrote: Which half do you have?")
    asked = identifier(stage.bob, "Alice", "Which half do you have?")
    hears(stage.bob, "Alice", "the answer", lambda it: it["body"] == "The one with the ship" and it["reply_to"] == asked)


def react(stage):
    """Reactions from the menu and by their chips, both ways; their names say whose they are"""
    app = stage.app
    menu(app, ": Which half")
    app.click("button", "Thumbs up")
    app.find("button", "👍 from you")
    row(app, "Which half.*, 👍 from you$")
    hears(stage.bob, "Alice", "the reaction", lambda it: it["their_reaction"] == "👍")
    stage.bob.cli("react", "Alice", identifier(stage.bob, "Alice", "Which half do you have?"), "👍")
    app.find("button", "👍 from you and Bob")
    stage.bob.cli("react", "Alice", identifier(stage.bob, "Alice", "The one with the ship"), "🏺")
    app.click("button", "🏺 from Bob")
    app.find("button", "🏺 from you and Bob")
    stage.shot(app, "3-reactions")
    app.click("button", "👍 from you and Bob")
    app.find("button", "👍 from Bob")
    hears(stage.bob, "Alice", "no reaction to it any more",
          lambda it: it["body"] == "Which half do you have?" and not it["their_reaction"])


def edit(stage):
    """The up arrow edits the last own message; Escape gives back what was there; the other side sees the new text"""
    app = stage.app
    app.find("entry", "Message")
    app.key("Up")
    app.sees("Edit Message")
    wait_entry(app, "The one with the ship")
    app.key("Escape")
    wait_entry(app, "")
    app.wait_gone("label", "Edit Message")
    app.key("Up")
    wait_entry(app, "The one with the ship")
    stage.shot(app, "4-edit")
    app.type(" and the name")
    app.key("Return")
    row(app, "The one with the ship and the name, edited, ")
    wait_entry(app, "")
    hears(stage.bob, "Alice", "the new text", lambda it: it["body"] == "The one with the ship and the name" and it["edited"])
    stage.bob.cli("edit", "Alice", identifier(stage.bob, "Alice", "Which half do you have?"), "Which half of it do you have?")
    row(app, ": Which half of it do you have\\?, edited")


def keys(stage):
    """By keys alone: to older and newer messages to answer, the menu of a row, copying, and back to writing"""
    app = stage.app
    stage.bob.cli("send", "Alice", "Come on Saturday")
    row(app, "Come on Saturday")
    app.key("ctrl+Up")
    app.find("label", "Reply to Bob")
    app.key("ctrl+Up")
    app.find("label", "Reply to Yourself")
    app.key("ctrl+Down")
    app.find("label", "Reply to Bob")
    app.key("ctrl+Down")
    app.wait_gone("label", "Reply to Bob")
    app.key("shift+Tab")
    wait_focus(app, "row", "Come on Saturday")
    app.key("Menu")
    app.choose("c")
    wait_focus(app, "row", "Come on Saturday")
    app.type("x")
    wait_focus(app, "entry", "Message")
    wait_entry(app, "x")
    app.key("ctrl+a", "ctrl+v")
    wait_entry(app, "Come on Saturday")
    app.key("ctrl+a", "BackSpace", "shift+Tab", "shift+F10")
    app.choose("r")
    app.find("label", "Reply to Bob")
    wait_focus(app, "entry", "Message")
    app.key("Escape")
    app.wait_gone("label", "Reply to Bob")


def delete(stage):
    """A message is deleted here, another one for everyone, each only when that is confirmed"""
    app = stage.app
    menu(app, "Come on Saturday")
    app.choose("d")
    app.sees("Delete Message?")
    check(not app.all("button", "Delete for Everyone"), "somebody else's message can be taken back")
    app.key("Escape")
    app.wait_gone("button", "Delete")
    row(app, "Come on Saturday")
    menu(app, "Come on Saturday")
    app.choose("d")
    app.click("button", "Delete")
    app.wait_gone("row", said("Come on Saturday"))
    identifier(stage.bob, "Alice", "Come on Saturday")  # it is still there on the other side
    write(app, "Never mind")
    hears(stage.bob, "Alice", "it", lambda it: it["body"] == "Never mind")
    menu(app, "Never mind")
    app.choose("d")
    app.click("button", "Delete for Everyone")
    row(app, ": You deleted this message$")
    hears(stage.bob, "Alice", "the deletion", lambda it: it["deleted"])
    stage.bob.cli("send", "Alice", "Nor I")
    row(app, "Nor I")
    stage.bob.cli("delete", "Alice", identifier(stage.bob, "Alice", "Nor I"), "--for-everyone")
    row(app, ": This message was deleted$")
    stage.shot(app, "5-deleted")


def kept(stage):
    """What one is writing stays an answer while another message is changed and in another chat, until its source is erased"""
    app = stage.app
    stage.bob.cli("send", "Alice", "Until Sunday, then")
    menu(app, "Until Sunday")
    app.choose("r")
    app.sees("Reply to Bob")
    app.type("Yes")
    menu(app, "The one with the ship")
    app.choose("e")
    app.sees("Edit Message")
    app.key("Escape")
    app.sees("Reply to Bob")
    wait_entry(app, "Yes")
    open_chat(app, "Carol")
    wait_entry(app, "")
    check(not app.all("label", "Reply to Bob"), "another chat answers too")
    open_chat(app, "Bob")
    app.sees("Reply to Bob")
    wait_entry(app, "Yes")
    stage.shot(app, "5-kept")
    sunday = identifier(stage.bob, "Alice", "Until Sunday, then")
    stage.bob.cli("edit", "Alice", sunday, "Until Monday, then")
    wait_for("the bar to show what was changed", lambda: app.all("label", "Until Monday, then"))
    stage.bob.cli("delete", "Alice", sunday, "--for-everyone")
    app.wait_gone("label", "Reply to Bob")
    wait_entry(app, "Yes")
    stage.bob.cli("send", "Alice", "Which harbour?")
    menu(app, ": Which harbour")
    app.choose("r")
    app.sees("Reply to Bob")
    menu(app, ": Which harbour")
    app.choose("d")
    app.click("button", "Delete")
    app.wait_gone("label", "Reply to Bob")
    wait_entry(app, "Yes")
    app.key("ctrl+a", "BackSpace")


def jump(stage):
    """The quote goes to its source, far up, and Scroll to Bottom back"""
    app = stage.app
    asked = identifier(stage.bob, "Alice", "Which half of it do you have?")
    for number in range(110):
        stage.bob.cli("send", "Alice", f"number {number}")
    stage.bob.cli("reply", "Alice", asked, "So, which?")
    row(app, "So, which")
    check(not app.all("row", said(": Which half of it do you have.*edited")), "the source is on the screen already")
    app.click("button", re.compile("^Go to what Bob wrote: Which half of it"))
    row(app, ": Which half of it do you have\\?, edited")
    wait_focus(app, "row", "Which half of it")
    stage.shot(app, "6-jumped")
    app.click("button", "Scroll to Bottom")
    app.wait_gone("button", "Scroll to Bottom")
    row(app, "So, which")


def draft(stage):
    """What was typed, and what it answers, stays with its chat, also when the app was closed"""
    app = stage.app
    asked = identifier(stage.bob, "Alice", "So, which?")
    menu(app, ": So, which")
    app.choose("r")
    app.sees("Reply to Bob")
    app.type("Half a tho")
    wait_entry(app, "Half a tho")
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.find("row", re.compile("^Bob, .*Draft: Half a tho"))
    wait_entry(app, "Half a tho")
    app.sees("Reply to Bob")
    app.type("ught")
    app.key("Return")
    row(app, "Half a thought")
    hears(stage.bob, "Alice", "the answer", lambda it: it["body"] == "Half a thought" and it["reply_to"] == asked)
    wait_for("the draft to go", lambda: not app.all("row", re.compile("Draft")))


def typing(stage):
    """That the other one writes is said under the messages"""
    app = stage.app
    stage.bob.cli("typing", "Alice", "on")
    app.find("label", re.compile("Bob.* is writing…"))
    stage.shot(app, "7-typing")
    stage.bob.cli("send", "Alice", "That was it")
    row(app, "That was it")
    app.wait_gone("label", re.compile("is writing…"))


def unread(stage):
    """Where one reads stays, the button counts; opened again there is a line above what is new"""
    app = stage.app
    app.key("shift+Tab", "Home")
    app.find("button", "Scroll to Bottom")
    for text in ("One more", "A slip", "And another"):
        stage.bob.cli("send", "Alice", text)
    app.find("button", "Scroll to Bottom, 3 unread messages")
    stage.bob.cli("delete", "Alice", identifier(stage.bob, "Alice", "A slip"), "--for-everyone")
    app.find("button", "Scroll to Bottom, 2 unread messages")
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(stage.alice)
    app.find("label", "New Messages", under=row(app, ": One more"))
    row(app, "And another")
    wait_for("all to be read", lambda: not app.all("row", re.compile("unread message")))
    stage.shot(app, "8-new")


def quiet(stage):
    """The app did not complain on its error output"""
    check(stage.app.end() == 0, "did not end cleanly")
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(reply, react, edit, keys, delete, kept, jump, draft, typing, unread, quiet)
