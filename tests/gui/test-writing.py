#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composer, and a long history: it grows with what is typed, emoji, typing notices, what failed, scrolling through all."""
import re

from gi.repository import GLib
from gui import check, main
from conversation import DELIVERED, message, open_chat, write
from driver import wait_for

PAGES = 130  # messages: several pages of the history


def composer(app):
    return app.find("entry", "Message")


def height(app):
    """Of the field, from its top to the window's lower edge."""
    return composer(app).extents()[3]


def grows(stage):
    """The field grows with its lines to the eighth, scrolls from there on, and is small again when it is empty"""
    stage.server = stage.relay()
    stage.alice, stage.bob = stage.friends(stage.server, "Alice", "Bob")
    app = stage.app = stage.open(stage.alice)
    open_chat(app, "Bob")
    heights = [height(app)]
    for number in range(9):
        if number > 0:
            app.key("shift+Return")
        app.type(f"line {number}")
        wait_for("the line", lambda n=number: composer(app).text.endswith(f"line {n}"), 5)
        last = heights[-1]
        if 0 < number < 8:
            wait_for(f"the field to grow with line {number}", lambda: height(app) > last, 5)
        heights.append(height(app))
    steps = [after - before for before, after in zip(heights, heights[1:])]
    check(steps[0] == steps[8] == 0, f"one line or a ninth made it grow: {heights}")
    # The least height of the field takes some of the second line's.
    check(min(steps[2:8]) == max(steps[2:8]) >= steps[1], f"the lines are of different heights: {heights}")
    stage.shot(app, "1-eight-lines")
    app.key("ctrl+a", "BackSpace")
    wait_for("the field to be small again", lambda: height(app) == heights[0], 5)


def emoji(stage):
    """Ctrl+. opens the emoji, one is found by its name and comes where the cursor is; alone it is shown large"""
    app = stage.app
    app.key("ctrl+period")
    app.find("search box")
    stage.shot(app, "2-emoji")
    app.type("amphora")
    app.wait_gone("grid cell", "😀")
    app.find("grid cell", "🏺")
    app.key("Down", "Return")
    wait_for("the emoji in the field", lambda: composer(app).text == "🏺", 10)
    app.key("Return")
    app.find("row", re.compile("^You, .*🏺"))
    stage.shot(app, "3-large")


def underlined(app, word):
    """Whether @word is marked as one that no dictionary knows."""
    node = composer(app)
    at = GLib.Variant("(i)", (node.text.index(word),))
    return node.call("org.a11y.atspi.Text", "GetAttributes", at, "(a{ss}ii)")[0].get("underline") == "error"


def spelling(stage):
    """A word that is in no dictionary is marked, and its menu has the one that was meant; none is when that is not wanted"""
    app = stage.app
    app.type("an old harbuor town")
    wait_for("the mark", lambda: underlined(app, "harbuor"), 10)
    check(not underlined(app, "old"), "a good word is marked")
    stage.shot(app, "3-spelling")
    app.key("ctrl+Left", "ctrl+Left", "shift+F10")
    app.find("menu item")
    app.shot(stage.keep / "3-spelling-menu.png", window=False)
    # Past Undo, Select All and Insert Emoji.
    app.key("Down", "Down", "Down", "Return")
    wait_for("the word that was meant", lambda: composer(app).text == "an old harbor town", 5)
    app.key("ctrl+a")
    app.type("an old harbuor again")
    wait_for("the mark", lambda: underlined(app, "harbuor"), 10)
    app.key("ctrl+comma")
    app.find("switch", "Check spelling")
    app.all("switch", "Check spelling")[-1].click()
    wait_for("no mark", lambda: not underlined(app, "harbuor"), 5)
    check("spelling=false" in (stage.alice.profile / "settings.ini").read_text(), "it would be marked again the next time")
    app.all("switch", "Check spelling")[-1].click()
    wait_for("the mark", lambda: underlined(app, "harbuor"), 5)
    app.close_dialog()
    app.key("ctrl+a", "BackSpace")


def typing(stage):
    """Who writes is seen writing on the other side, and no more once the message is there"""
    app = stage.app
    other = stage.open(stage.bob, (700, 0, 900, 700))
    open_chat(other, "Alice")
    wait_for("the emoji to be read", lambda: app.all("row", re.compile("^You, .*🏺.*read$")))
    app.type("I am ")
    other.find("label", re.compile("Alice.* is writing…"))
    app.type("writing")
    app.key("Return")
    other.find("row", re.compile("^Alice, .*: I am writing$"))
    other.wait_gone("label", re.compile("is writing…"), 3)
    check(other.end() == 0, "did not end cleanly")


def failed(stage):
    """What failed says why and can be tried again, which then succeeds"""
    app = stage.app
    stage.server.admin("delete", stage.bob.address())
    write(app, "Where are you?")
    app.find("row", re.compile("^You, .*Where are you.*not sent$"))
    app.find("label", re.compile("relay does not take your messages any more"))
    check("does not take" in app.find("button", "Retry").description, "the button does not say why")
    stage.shot(app, "4-failed")
    stage.bob.cli("receive", "--timeout", "3")  # registers anew
    app.click("button", "Retry")
    app.find("row", re.compile("^You, .*Where are you\\?, sent$"))

    def delivered():
        stage.bob.cli("receive", "--timeout", "5")
        return DELIVERED.search(message(app, "Where are you?"))

    wait_for("the message to be delivered", delivered, 40)
    app.wait_gone("button", "Retry")


def kept(stage):
    """A message that could only be deleted here says so until it is deleted on the other side too"""
    app = stage.app
    stage.server.admin("delete", stage.bob.address())
    app.press_secondary(app.find("row", re.compile("^You, .*Where are you")))
    app.choose("d")
    app.click("button", "Delete for Everyone")
    app.find("row", re.compile("^You, .*: You deleted this message, not deleted on the other side$"))
    app.find("label", re.compile("^It was deleted here, but not on the other side. This person’s"))
    stage.shot(app, "5-kept")
    stage.bob.cli("receive", "--timeout", "3")  # registers anew
    app.click("button", "Retry")
    app.find("row", re.compile("^You, .*: You deleted this message$"))
    app.wait_gone("button", "Retry")

    def deleted():
        stage.bob.cli("receive", "--timeout", "5")
        return '"deleted":true' in stage.bob.cli("--json", "history", "Alice").replace(" ", "")

    wait_for("the deletion on the other side", deleted, 40)


def timer_failed(stage):
    """How long messages stay, when the other side does not hear of it, says so at its notice, until it does"""
    app = stage.app
    stage.server.admin("delete", stage.bob.address())
    app.all("button", "Chat Menu")[-1].click()
    app.find("menu item")
    app.choose("d")
    app.find("button", "Copy Address")
    app.tab_to("combo box", "Disappearing messages")
    app.key("Return")
    app.sees("4 weeks")
    app.key("End", "Up", "Return")
    app.close_dialog()
    app.find("row", re.compile("disappear.*, not sent$"))
    app.find("label", re.compile("^What you changed here could not be sent. This person’s"))
    stage.shot(app, "7-timer")
    stage.bob.cli("receive", "--timeout", "3")  # registers anew
    app.click("button", "Retry")
    app.wait_gone("button", "Retry")
    app.find("row", re.compile("disappear.*(?<!not sent)$"))

    def heard():
        stage.bob.cli("receive", "--timeout", "5")
        return "timer" in stage.bob.cli("history", "Alice") or "disappear" in stage.bob.cli("history", "Alice")

    wait_for("the other side to hear of it", heard, 40)


def numbers(app):
    """What is on the screen: number of the message -> its top and height."""
    found = {}
    for node in app.all("row", re.compile(r"^Bob, \d\d:\d\d: number \d+$")):
        x, y, width, tall = node.extents()
        if tall > 0 and y + tall > 60 and y < 640:
            found[int(re.search(r"(\d+)$", node.name).group(1))] = (y, tall)
    return found


def older(stage):
    """Scrolling up loads older messages in one order without a gap, to the first; nothing that is read moves away"""
    app = stage.app
    check(app.end() == 0, "did not end cleanly")
    for number in range(PAGES):
        stage.bob.cli("send", "Alice", f"number {number}")
    app = stage.app = stage.open(stage.alice)
    open_chat(app, "Bob")
    app.find("row", re.compile(f"number {PAGES - 1}$"))
    seen = set(numbers(app))
    app.key("shift+Tab")
    for _ in range(60):
        app.key("Page_Up")
        wait_for("messages on the screen", lambda: numbers(app), 5)
        shown = numbers(app)
        check(sorted(shown) == list(range(min(shown), max(shown) + 1)), f"a gap: {shown}")
        tops = [shown[number][0] for number in sorted(shown)]
        check(tops == sorted(tops), f"not in their order: {shown}")
        check(not seen or max(shown) >= min(seen) - 2, f"jumped from {min(seen)} to {max(shown)}")
        seen |= set(shown)
        if 0 in seen:
            break
    check(seen == set(range(PAGES)), f"never shown: {sorted(set(range(PAGES)) - seen)[:20]}")
    stage.shot(app, "6-first")


def newer(stage):
    """Down again to the newest, and what comes while one reads above does not move it"""
    app = stage.app
    stage.bob.cli("send", "Alice", "one that comes meanwhile")
    before = numbers(app)
    app.find("button", re.compile("^Scroll to Bottom"))
    check(numbers(app) == before, f"what was read moved: {before} {numbers(app)}")
    app.click("button", re.compile("^Scroll to Bottom"))
    app.find("row", re.compile("one that comes meanwhile"))
    app.wait_gone("button", re.compile("^Scroll to Bottom"))


def quiet(stage):
    """The app did not complain on its error output"""
    check(stage.app.end() == 0, "did not end cleanly")
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(grows, emoji, spelling, typing, failed, kept, older, newer, timer_failed, quiet)
