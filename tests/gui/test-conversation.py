#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation of ./dev run, and that it is all there again after both apps were closed."""
from gui import check, main
import conversation
from conversation import ALICE_SAYS, BOB_ANSWERS, open_chat


def play(stage):
    """Alice writes, Bob answers, Bob verifies Alice by a picture of her code"""
    stage.people = stage.friends(stage.relay(), "Alice", "Bob")
    alice, bob = (stage.open(person, (number * 800, 0, 800, 900)) for number, person in enumerate(stage.people))
    conversation.play(alice, bob, stage.keep, lambda name: stage.shot(alice, name))


def names(stage):
    """Every control on the screen that can be used has a name"""
    for app in stage.apps.values():
        controls = [node for role in ("button", "entry", "menu button") for node in app.all(role)]
        nameless = [node for node in controls if not node.name]
        check(not nameless, f"without a name: {[node.describe() for node in nameless]}")


def close(stage):
    """Both apps end cleanly when told to"""
    for app in stage.apps.values():
        code = app.end()
        check(code == 0, f"ended with code {code}:\n{app.log.read_text(errors='replace')[-2000:]}")


def quiet(stage):
    """Neither app complained on its error output"""
    for app in stage.apps.values():
        said = [line for line in app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
        check(not said, "\n".join(said[:20]))


def again(stage):
    """Opened again, the chat, its messages and the verification are there"""
    alice, bob = (stage.open(person, (number * 800, 0, 800, 900)) for number, person in enumerate(stage.people))
    for app, friend in ((alice, "Bob"), (bob, "Alice")):
        open_chat(app, friend)
        app.sees(ALICE_SAYS, role="row")
        app.sees(BOB_ANSWERS, role="row")
        app.find("label", "Verified")
    conversation.write(bob, "Good night")
    alice.sees("Good night", role="row")
    for app in (alice, bob):
        app.end()


main(play, names, close, quiet, again)
