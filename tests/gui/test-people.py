#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""First contact: finding somebody by a name at a relay, and what is known of a contact's devices."""
import re

from gui import check, main, run
from conversation import open_chat
from driver import wait_for

NAME = "Code, link or name@relay"


def settings(stage):
    """Somebody claims a name to be found by in the preferences, and hears when it is taken"""
    relay = stage.relay()
    stage.host = relay.origin.partition("://")[2]
    stage.alice, stage.bob = stage.friends(relay, "Alice", "Bob")
    stage.carol = stage.person("Carol", relay)
    stage.carol.cli("claim-name", "carol")
    stage.app = app = stage.open(stage.alice)
    app.find("button", "New Chat")
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Online")
    app.tab_to("entry", "Name to be found by at your relay")
    for name, says in (("carol", "Somebody has this name already"), ("Alice-1", f"Others find you as alice-1@{stage.host}")):
        app.key("ctrl+a")
        app.type(name)
        app.key("Return")
        app.sees(re.compile(re.escape(says)))
    stage.shot(app, "1-preferences")
    app.close_dialog()
    check("alice-1" in stage.carol.cli("look-up", f"alice-1@{stage.host}"), "the name does not lead to its owner")


def unknown(stage):
    """A name without a relay, a name that nobody has and a relay that is not there are said in words"""
    app = stage.app
    app.click("button", "New Chat")
    app.fill(NAME, "carol")
    app.sees(re.compile(f"add the relay: carol@{stage.host}"))
    app.fill(NAME, f"nobody@{stage.host}")
    app.click("button", "Look Up")
    app.sees(f"Nobody at {stage.host} is called “nobody”")
    stage.shot(app, "2-nobody")
    app.fill(NAME, "carol@127.0.0.1:1")
    app.click("button", "Look Up")
    app.sees("The relay cannot be reached")


def own(stage):
    """Whoever looks up their own name is not to be added"""
    app = stage.app
    app.fill(NAME, f"alice-1@{stage.host}")
    app.click("button", "Look Up")
    app.sees("This is you")
    check(not app.all("button", "Add alice-1"), "one can add oneself")


def found(stage):
    """Who is found is said to be unverified before they are added, and stays so"""
    app = stage.app
    app.fill(NAME, f"Carol@{stage.host}")
    app.click("button", "Look Up")
    app.sees(re.compile("^Not verified. Key "))
    app.sees(f"Only the relay {stage.host} says so")
    stage.shot(app, "3-found")
    app.click("button", "Add carol")
    app.wait_gone("dialog")
    app.find("row", re.compile("^carol"))
    app.find("button", "Verify")
    app.find("entry", "Message")


def known(stage):
    """Who is known already is opened, not added again"""
    app = stage.app
    app.click("button", "New Chat")
    app.fill(NAME, f"carol@{stage.host}")
    app.click("button", "Look Up")
    app.sees("You know this person already")
    app.click("button", "Open the chat with carol")
    app.wait_gone("dialog")


def details(stage, friend):
    open_chat(stage.app, friend)
    stage.app.find("button", "Chat Menu")
    stage.app.all("button", "Chat Menu")[-1].click()
    stage.app.find("menu item")
    stage.app.choose("d")
    stage.app.find("button", "Copy Address")


def devices(stage):
    """The details list the devices of a contact since when they are known, and say when none are"""
    app = stage.app
    details(stage, "carol")
    app.sees("Not known yet")
    app.close_dialog()
    details(stage, "Bob")
    app.sees("Their only device")
    app.sees(re.compile(r"^Known to you since \d+ \w+ \d{4}$"))
    stage.shot(app, "4-devices")
    app.close_dialog()


def custom_timer(stage):
    """A time that is being chosen stays when a message comes meanwhile, and the keyboard where it is"""
    app = stage.app
    details(stage, "Bob")
    app.tab_to("combo box", "Disappearing messages")
    app.key("Return")
    app.sees("4 weeks")
    app.key("End", "Return")
    app.find("button", "Set This Time")
    stage.bob.cli("send", "Alice", "while you choose")
    app.sees(re.compile("while you choose"))
    check(app.all("button", "Set This Time"), "the choice is gone")
    stage.shot(app, "4-custom")
    app.close_dialog()


def invitation(stage):
    """An invitation is copied in words, and the link within is found when it is pasted whole"""
    app = stage.app
    app.click("button", "New Chat")
    app.click("button", "Your Code")
    app.click("button", "Copy Invitation")
    app.sees("Invitation copied")
    stage.shot(app, "5-code")
    app.close_dialog()
    app.click("button", "New Chat")
    app.click("button", "Paste")
    app.sees("This is your own address.")
    app.close_dialog()
    open_chat(app, "Bob")
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    app.key("ctrl+v")  # wherever the keyboard is
    wait_for("the code to fit", lambda: "sensitive" in app.find("button", "Compare").states)
    app.close_dialog()


def shown_code(stage, name):
    """The code on the screen, as a camera reads it."""
    def read():
        picture = stage.shot(stage.app, name)
        said = run("zbarimg", "--quiet", "--raw", picture).stdout.strip()
        return said if said.startswith("TESSERA:1/") else None
    return wait_for("the code", read)


def fresh(stage):
    """Once somebody has scanned the code that is shown, a fresh one stands there, with a word on who it was"""
    app = stage.app
    app.click("button", "New Chat")
    app.click("button", "Your Code")
    first = shown_code(stage, "6-first")
    dora = stage.person("Dora", stage.relays[0])
    dora.cli("add", first)
    dora.cli("verify", first, "--code", first)
    app.sees(re.compile("Dora.* has scanned your code and is a contact now. This is a fresh one."))
    wait_for("another code", lambda: shown_code(stage, "7-fresh") != first)
    second = shown_code(stage, "7-fresh")
    check(second.rpartition("/")[0] == first.rpartition("/")[0], "it is another address")
    eve = stage.person("Eve", stage.relays[0])
    eve.cli("add", second)
    eve.cli("verify", second, "--code", second)
    app.sees(re.compile("Eve.* has scanned your code"))
    app.close_dialog()


def ends(stage):
    """The app ends cleanly, and did not complain on its error output"""
    check(stage.app.end() == 0, "did not end cleanly")
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(settings, unknown, own, found, known, devices, custom_timer, invitation, fresh, ends)
