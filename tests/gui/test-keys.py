#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without a mouse: links from outside, keys and Tab; and messages made to be a burden."""
import re
import subprocess

from gui import check, main
from conversation import open_chat
from driver import App, wait_for


def link(stage):
    """A tessera: link on the command line opens New Chat filled in, and a second one does not stack another"""
    relay = stage.relay()
    stage.alice, stage.bob, _ = stage.friends(relay, "Alice", "Bob", "Carol")
    stage.bob.cli("send", "Alice", "W" * 32000)
    stage.bob.cli("send", "Alice", "\n".join(f"line {number}" for number in range(3000)))
    for number in range(30):
        stage.bob.cli("send", "Alice", f"number {number}")
    command = [*stage.alice.command(), "tessera:" + stage.person("Dora", relay).address().partition(":")[2]]
    app = App(stage.desktop, command, stage.env, stage.keep / "alice.log", (0, 0, 900, 700))
    stage.apps["Alice"] = app.wait_window()
    app.sees("This is a Tessera address")
    subprocess.run(command, env=stage.env, check=True, timeout=20)
    app.key("ctrl+n", "F6", "alt+2")
    check(len(app.all("dialog")) == 1, "dialogs are stacked")
    app.close_dialog()


def focused(app):
    return [node for node, _ in app.root().walk() if "focused" in node.states][-1].describe()


def step(app, key, wanted):
    app.key(key)
    wait_for(f"{wanted!r} to have the focus after {key}", lambda: re.search(wanted, focused(app)), 5)


def tab(stage):
    """Tab goes round, through each list in one step, and into the history where one reads"""
    app = stage.apps["Alice"]
    app.sees("number 29", role="row")
    open_chat(app, "Bob")
    app.click("button", re.compile("^Scroll to Bottom"))  # it opens where one stopped reading
    app.find("row", re.compile(r"^Bob, [\d:]+: number 29"))
    app.type("x")
    step(app, "BackSpace", "^entry 'Message'")
    for wanted in ("Insert Emoji", "New Chat", "Search", "Main Menu", "^row 'Bob", "Accept|Verify"):
        step(app, "Tab", wanted)
    while "Message" not in focused(app):
        app.key("F6")
    step(app, "shift+Tab", r"^row 'Bob, [\d:]+: number 29")
    step(app, "Home", "Hello|W")
    step(app, "F6", "^row 'Bob")
    step(app, "F6", "^entry 'Message'")


def long(stage):
    """Very long messages are cut in the chat, and read whole on request"""
    app = stage.apps["Alice"]
    label = app.find("label", re.compile("^(W{2000}|line 0)"))
    check(len(label.text) < 2100, f"{len(label.text)} characters are laid out")
    check(app.end() == 0, "did not end cleanly")


main(link, tab, long)
