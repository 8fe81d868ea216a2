#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Light, dark and as narrow as a phone: the colours are those asked for, and nothing is wider than the window."""
from gui import FRAME, brightness, check, fits, main, width
from conversation import open_chat, write
from driver import wait_for


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


def panes(stage):
    """In a narrow window F6 leaves the list only for a chat"""
    app = stage.open(stage.people[1], (0, 0, 360 + FRAME, 720))
    wait_for("the narrow window", lambda: width(app) == 360 + FRAME)
    app.find("button", "New Chat")
    app.key("F6", "F6", "F6")
    app.press(app.find("row"))
    app.find("entry", "Message")
    app.key("F6")
    app.find("button", "New Chat")
    check(app.end() == 0, "did not end cleanly")


main(light, dark, narrow, panes)
