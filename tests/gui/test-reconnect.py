#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay is killed in mid-conversation and comes back: no dialog, no loss, no doubles, and mail flows by itself."""
import re

from gui import check, main
from conversation import message, open_chat, wait_delivered, write
from driver import wait_for


def talk(stage):
    """A message arrives while the relay is there"""
    stage.server = stage.relay()
    people = stage.friends(stage.server, "Alice", "Bob")
    stage.pair = [stage.open(person, (number * 800, 0, 800, 900)) for number, person in enumerate(people)]
    alice, bob = stage.pair
    open_chat(alice, "Bob")
    open_chat(bob, "Alice")
    write(alice, "one")
    bob.sees(re.compile(r"\bone\b"), role="row")


def gone(stage):
    """Without it the state is said in words, and what is written waits"""
    alice, bob = stage.pair
    stage.server.kill()
    write(alice, "two")
    write(bob, "three")
    wait_for("the message to wait", lambda: "waiting" in message(alice, "two"))
    alice.find("button", "Try Now")
    check(not alice.all("dialog"), "a dialog is in the way")
    stage.shot(alice, "1-offline")


def back(stage):
    """When it is back, everything goes out and comes in by itself, once"""
    alice, bob = stage.pair
    stage.server.start()
    alice.sees("three", role="row", timeout=60)
    bob.sees("two", role="row", timeout=60)
    wait_delivered(alice, "two")
    alice.wait_gone("button", "Try Now")
    for app in stage.pair:
        for text in ("one", "two", "three"):
            seen = [row.name for row in app.all("row", re.compile(rf"\d: {text}\b"), under=app.find("list", "Message History"))]
            check(len(seen) == 1, f"{text!r} is there {len(seen)} times: {seen}")
    stage.shot(alice, "2-online")


def flood(stage):
    """Twenty messages across three more kills all arrive, in order, once"""
    alice, bob = stage.pair
    texts = [f"flood {number:02}" for number in range(20)]
    for number, text in enumerate(texts):
        write(alice, text)
        if number in (4, 10, 16):
            stage.server.kill()
            stage.server.start()
    bob.sees(texts[-1], role="row", timeout=90)
    wait_for("all of them", lambda: len(seen_in(bob)) >= len(texts), 30)
    check(seen_in(bob) == texts, f"not what was sent: {seen_in(bob)}")
    for app in stage.pair:
        check(app.end() == 0, "did not end cleanly")


def seen_in(app):
    """The flood's messages as the history shows them, in order."""
    history = app.find("list", "Message History")
    found = (re.search(r"flood \d\d", row.name) for row in app.all("row", re.compile("flood"), under=history))
    return [match.group(0) for match in found]


main(talk, gone, back, flood)
