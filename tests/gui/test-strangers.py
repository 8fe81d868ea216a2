#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's request and a blocked contact have a bar instead of the composer; links open where they should."""
import json
import os
import re

from gui import check, main
from conversation import browser, open_chat, open_request, write
from driver import wait_for

LINK = "https://example.org/a?b=1&c=2"


def arrive(stage, text):
    """Bob sends the text, and the keyboard goes from the composer over its row into it."""
    stage.bob.cli("send", "Alice", text)
    stage.app.find("row", re.compile(rf"^Bob, \d\d:\d\d: {re.escape(text)}$"))
    stage.app.type("x")
    stage.app.key("BackSpace", "shift+Tab", "Tab")
    # AT-SPI has no links within a text; the label that holds them has the focus then.
    wait_for("the focus on the text", lambda: any(node.name == text and "focused" in node.states
                                                  for node in stage.app.all("label", text)), 5)


def request(stage):
    """A request can be read but not written in, and its sender does not learn that it was read"""
    relay = stage.relay()
    stage.alice, stage.bob = stage.friends(relay, "Alice", "Bob")
    stage.eve = stage.person("Eve", relay)
    stage.address = stage.alice.address()
    stage.dora = stage.person("Dora", relay)
    stage.eve.cli("add", stage.address)
    stage.eve.cli("send", stage.address, "Do you know me?")
    data, stage.opened = browser(stage.scratch)
    places = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    stage.app = app = stage.open(stage.alice, XDG_DATA_DIRS=f"{data}:{places}", GTK_USE_PORTAL="0", GDK_DEBUG="no-portals")
    open_request(app, "Eve")
    app.sees("Do you know me?", role="row")
    app.sees("is not a contact of yours")
    check(not app.all("entry", "Message"), "a stranger's request can be written in before it was accepted")
    stage.shot(app, "1-request")
    stage.eve.cli("receive", "--timeout", "3")
    rows = [json.loads(line) for line in stage.eve.cli("--json", "history", stage.address).splitlines()]
    check(rows[-1]["delivery"] == "on-relay", f"the stranger knows too much: {rows[-1]['delivery']}")


def accept(stage):
    """Accepted, it is a chat like others"""
    app = stage.app
    app.click("button", "Accept")
    write(app, "Now I do")

    def told():
        stage.eve.cli("receive", "--timeout", "3")
        rows = [json.loads(line) for line in stage.eve.cli("--json", "history", stage.address).splitlines()]
        return rows[0]["delivery"] == "read"

    wait_for("the stranger to learn that it was read", told, 30)
    wait_for("the request to go", lambda: not app.all("row", re.compile("request")))


def block(stage):
    """Who is blocked cannot be written to until that is taken back"""
    app = stage.app
    dora = stage.dora
    dora.cli("add", stage.address)
    dora.cli("send", stage.address, "Buy this")
    open_request(app, "Dora")
    app.click("button", "Block…")
    app.sees("Block Contact?")
    app.click("button", "Block")
    app.find("button", "Unblock")
    check(not app.all("entry", "Message"), "a blocked contact can be written to")
    stage.shot(app, "2-blocked")
    app.click("button", "Unblock")
    app.find("button", "Accept")


def remove(stage):
    """A request is deleted when that is confirmed"""
    app = stage.app
    app.click("button", "Delete…")
    app.sees("Delete Request?")
    app.click("button", "Delete")
    app.sees("No Chat Open")
    check(not app.all("row", re.compile("request")), "the request is still there")


def links(stage):
    """A link opens in the browser; an address opens New Chat; what only looks like one is text"""
    app = stage.app
    open_chat(app, "Bob")
    address = "tessera:" + stage.dora.address().partition(":")[2]
    arrive(stage, "javascript:alert(1) file:///etc/passwd")
    app.key("Return")
    arrive(stage, LINK)
    app.key("Return")
    wait_for("the browser", lambda: stage.opened.exists() and stage.opened.read_text().split() == [LINK])
    arrive(stage, address)
    app.key("Return")
    app.sees("This is a Tessera address")
    check(stage.opened.read_text().split() == [LINK], f"more was opened: {stage.opened.read_text()}")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(request, accept, block, remove, links, quiet)
