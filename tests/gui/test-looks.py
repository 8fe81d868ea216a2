#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Light, dark and as narrow as a phone: the colours are those asked for, and nothing is wider than the window."""
from gui import brightness, check, main, run
from conversation import open_chat, write
from driver import wait_for

FRAME = 10  # without a compositor GTK draws a frame of its own, 5 pixels on each side


def light(stage):
    """Light"""
    stage.people = stage.friends(stage.relay(), "Alice", "Bob")
    app = stage.open(stage.people[0], ADW_DEBUG_COLOR_SCHEME="prefer-light")
    open_chat(app, "Bob")
    write(app, "Hello in the light")
    value = brightness(stage.shot(app, "light"))
    check(value > 0.75, f"the light window has a brightness of {value}")
    check(app.end() == 0, "did not end cleanly")


def dark(stage):
    """Dark"""
    app = stage.open(stage.people[0], ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    open_chat(app, "Bob")
    value = brightness(stage.shot(app, "dark"))
    check(value < 0.35, f"the dark window has a brightness of {value}")
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    stage.shot(app, "dark-verify")
    check(app.end() == 0, "did not end cleanly")


def width(app):
    said = run("xdotool", "getwindowgeometry", "--shell", app.window).stdout
    return int(dict(line.split("=") for line in said.split())["WIDTH"])


def fits(app, what):
    """Every control on the screen lies within the window."""
    wide = width(app)
    check(wide == 360 + FRAME, f"{what}: the window is {wide - FRAME} wide, not 360")
    for role in ("button", "entry", "image", "label"):
        for node in app.all(role):
            x, _, w, _ = node.extents()  # which leave out paddings on the way: the truth lies up to 20 pixels further right
            check(w <= 0 or (x >= -20 and x + w <= 360), f"{what}: {node.describe()} lies at {x}, {w} wide")


def narrow(stage):
    """360 pixels wide: one pane at a time, and every dialog fits"""
    app = stage.open(stage.people[0], (0, 0, 360 + FRAME, 720))
    wait_for("the narrow window", lambda: width(app) == 360 + FRAME)
    app.find("button", "New Chat")
    stage.shot(app, "narrow-sidebar")
    fits(app, "the list of chats")
    app.click("button", "New Chat")
    app.find("button", "Add")
    stage.shot(app, "narrow-new-chat")
    fits(app, "the new chat dialog")
    app.close_dialog()
    app.press(app.find("row"))
    app.find("entry", "Message")
    check(not app.all("button", "New Chat"), "both panes are on the screen")
    stage.shot(app, "narrow-chat")
    fits(app, "the chat")
    app.click("button", "Verify")
    app.find("image", "Your code as a QR picture")
    stage.shot(app, "narrow-verify")
    fits(app, "the verification dialog")
    app.click("button", "Compare Numbers Instead")
    app.find("button", "Mark as Verified")
    stage.shot(app, "narrow-number")
    fits(app, "the safety number")
    app.close_dialog()
    stage.relays[0].kill()
    app.find("button", "Try Now")
    stage.shot(app, "narrow-offline")
    fits(app, "the chat without a connection")
    app.click("button", "Back")
    app.find("button", "New Chat")
    app.find("button", "Try Now")
    check(app.end() == 0, "did not end cleanly")


main(light, dark, narrow)
