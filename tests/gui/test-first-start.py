#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From nothing to the first chat: name, relay checked live, account, own code, a contact added by address."""
import re

from gui import check, main, take_recovery_code
from conversation import open_request, write


def welcome(stage):
    """A fresh profile welcomes"""
    stage.server = stage.relay()
    stage.bob = stage.person("Bob", stage.server)
    stage.alice = stage.person("Alice")
    app = stage.app = stage.open(stage.alice)
    stage.shot(app, "1-welcome")
    app.click("button", "Get Started")
    app.find("button", "Create Account")


def bad_names(stage):
    """A name that cannot be shown, or of 10,000 letters, is refused in words"""
    app = stage.app
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable"))
    for name, word in (("Al\u202eice", "cannot be shown"), ("x" * 10000, "too long"), ("   ", None)):
        app.fill("Name", name)
        if word:
            app.sees(word)
        check("sensitive" not in app.find("button", "Create Account").states, f"{name[:20]!r} is taken for a name")


def bad_relays(stage):
    """A relay that is none, or does not answer, is said so while typing"""
    app = stage.app
    app.fill("Name", "Alice")
    for relay in ("http://127.0.0.1:1", "not a relay", "ftp://example.org", "http://192.0.2.1.example"):
        app.fill("Relay", relay)
        app.find("button", "Check Again")
        check("sensitive" not in app.find("button", "Create Account").states, f"{relay!r} is taken for a relay")
    stage.shot(app, "2-bad-relay")


def relay_goes(stage):
    """A relay that goes away before the account is made: said so, and nothing lost"""
    app = stage.app
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable and open"))
    stage.shot(app, "3-account")
    stage.server.kill()
    app.click("button", "Create Account")
    app.sees("The Account Was Not Created")
    stage.shot(app, "4-not-created")
    stage.server.start()
    app.click("button", "Try Again")


def recovery(stage):
    """The recovery code is shown, and asked for"""
    app = stage.app
    app.sees("Your Recovery Code")
    app.click("button", "I Have Written It Down", timeout=60)
    check("sensitive" not in app.find("button", "Continue").states, "nobody asks whether the code was written down")
    app.fill("The last five digits", "x1234")
    app.sees(re.compile("not the last five digits"))
    app.click("button", "Show It Again")
    stage.shot(app, "5-recovery-code")
    take_recovery_code(app)
    check((stage.alice.profile / "recovery").stat().st_mode & 0o777 == 0o600, "others may read the recovery file")
    app.sees("This Is Your Code")
    app.find("image", "Your code as a QR picture")
    stage.shot(app, "5-own-code")


def empty(stage):
    """Without chats the window leads to the next step"""
    app = stage.app
    app.click("button", "Done")
    app.sees("No Chats Yet")
    stage.shot(app, "6-empty")


def bad_addresses(stage):
    """What is no address is said so while it is typed; one's own address too"""
    app = stage.app
    app.click("button", "New Chat")
    for text in ("hello", "tessera:1/example.org/AAAA", "TESSERA:9/x/y/z", stage.bob.address()[:-5]):
        app.fill("Code, link or name@relay", text)
        check("sensitive" not in app.find("button", "Add").states, f"{text!r} is taken for an address")
    stage.shot(app, "7-bad-address")


def add(stage):
    """A pasted address becomes a chat, and a message in it arrives"""
    app = stage.app
    app.fill("Code, link or name@relay", stage.bob.address())
    app.click("button", "Add")
    app.wait_gone("dialog")
    app.find("entry", "Message")
    write(app, "Hello Bob")
    other = stage.open(stage.bob, (800, 0, 800, 700))
    other.find("row", re.compile("^1 request"))
    check(not other.all("row", re.compile("Alice")), "the stranger stands among the chats")
    stage.shot(other, "8-request")
    open_request(other, "Alice")
    other.sees("Hello Bob", role="row")
    other.click("button", "Accept")
    other.find("row", re.compile("^Alice"))
    check(not other.all("row", re.compile("request")), "the request stayed after it was accepted")
    write(other, "Hello Alice")
    app.sees("Hello Alice", role="row")
    app.find("row", re.compile("^Bob"))
    stage.shot(app, "9-chat")
    for one in (app, other):
        check(one.end() == 0, "did not end cleanly")


main(welcome, bad_names, bad_relays, relay_goes, recovery, empty, bad_addresses, add)
