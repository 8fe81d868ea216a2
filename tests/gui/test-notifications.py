#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications, as a desktop's daemon and as a portal gets them: when they come, what they say and hide, what they do."""
import json
import re
import time

from gi.repository import Gio, GLib
from gui import check, main
from conversation import open_chat, write
from desktop_mocks import Daemon, Login, Portal
from driver import wait_for

HOSTILE = "<b>Bold</b> & <a href='https://evil.example'>here</a>\n\u202egnp.exe"
PLAIN = "<b>Bold</b> & <a href='https://evil.example'>here</a> gnp.exe"
ESCAPED = "&lt;b&gt;Bold&lt;/b&gt; &amp; &lt;a href=&apos;https://evil.example&apos;&gt;here&lt;/a&gt; gnp.exe"


def shows(desktop, *wanted):
    """Waits until exactly these titles and texts are on the desktop; their numbers."""
    def probe():
        return sorted(one[1:] for one in desktop.now()) == sorted(wanted)

    try:
        wait_for(f"the notifications {wanted}", probe)
    except AssertionError as error:
        raise AssertionError(f"{error}: there are {desktop.now()}") from None
    return [next(one[0] for one in desktop.now() if one[1:] == pair) for pair in wanted]


def look_away(stage):
    """Another window has the keyboard."""
    stage.other.focus()
    wait_for("the window to be left", lambda: "active" not in stage.app.find("window").states)


def look_back(stage):
    stage.app.focus()
    wait_for("the window to be used", lambda: "active" in stage.app.find("window").states)


def switch(app, name):
    """Turns a switch of the preferences."""
    app.key("ctrl+comma")
    app.find("switch", name)
    app.all("switch", name)[-1].click()
    app.close_dialog()


def state_at(person, text):
    """How far @person's last message with that text has come, as they know it."""
    person.cli("receive", "--timeout", "3")
    rows = [json.loads(line) for line in person.cli("--json", "history", "Alice").splitlines()]
    return [row["delivery"] for row in rows if row["body"] == text][-1]


def arrives(stage):
    """A message nobody looks at makes a notification: plain text, markup escaped where the daemon reads it"""
    stage.daemon = Daemon("body", "body-markup", "actions", "persistence", "sound")
    relay = stage.relay()
    stage.alice, stage.bob, stage.carol, stage.dora = stage.friends(relay, "Alice", "Bob", "Carol", "Dora")
    stage.address = stage.alice.address()
    stage.other = stage.open(stage.person("Other"), (900, 0, 600, 600))
    stage.login = Login()
    stage.app = stage.open(stage.alice, **Login.ENV)
    open_chat(stage.app, "Carol")
    look_away(stage)
    stage.bob.cli("send", "Alice", HOSTILE)
    number, = shows(stage.daemon, ("Bob", ESCAPED))
    one = stage.daemon.shown[number]
    check(one["actions"] == {"default": "Open", "reply": "Reply", "read": "Mark as Read"}, f"it offers {one['actions']}")
    name = next((stage.build / "data").glob("*.service")).stem
    check(one["hints"]["desktop-entry"] == name and one["hints"]["category"] == "im.received", f"{one['hints']}")
    check(one["hints"]["urgency"] == 1, "it breaks through Do Not Disturb")
    check(one["hints"]["sound-name"] == "message-new-instant", "it has no sound")


def one_a_chat(stage):
    """More of it replaces it, and not for each message of a burst; another chat has its own"""
    first = stage.daemon.now()[0][0]
    before, began = stage.daemon.count, time.monotonic()
    for number in range(12):
        stage.bob.cli("send", "Alice", f"Burst {number}")
    shows(stage.daemon, ("Bob", "Burst 11"))
    said = stage.daemon.count - before
    check(said <= time.monotonic() - began + 1, f"a burst of 12 was told of {said} times")
    stage.carol.cli("send", "Alice", "Hi")
    numbers = shows(stage.daemon, ("Bob", "Burst 11"), ("Carol", "Hi"))
    check(numbers[0] == first, "there is a second one of the same chat")


def read(stage):
    """Mark as Read: it goes, the sender gets the receipt, and no window comes"""
    number = shows(stage.daemon, ("Bob", "Burst 11"), ("Carol", "Hi"))[0]
    stage.daemon.choose(number, "read")
    shows(stage.daemon, ("Carol", "Hi"))
    wait_for("the receipt", lambda: state_at(stage.bob, "Burst 11") == "read")
    check("unread" not in stage.app.find("row", re.compile("^Bob")).name, "it is still unread")
    check("active" not in stage.app.find("window").states, "the window came to the front")


def opens(stage):
    """The notification itself opens its chat; who looks at a chat is told nothing, and what is read is withdrawn"""
    stage.bob.cli("send", "Alice", "Open me")
    number = shows(stage.daemon, ("Bob", "Open me"), ("Carol", "Hi"))[0]
    stage.daemon.choose(number, "default")
    stage.app.sees("Open me", role="row")
    look_back(stage)
    shows(stage.daemon, ("Carol", "Hi"))
    before = stage.daemon.count
    stage.bob.cli("send", "Alice", "You see this")
    stage.app.sees("You see this", role="row")
    wait_for("it to be read", lambda: state_at(stage.bob, "You see this") == "read")
    check(stage.daemon.count == before, "somebody who looks was told")
    open_chat(stage.app, "Carol")
    shows(stage.daemon)


def reply(stage):
    """Reply opens the chat, ready to write"""
    look_away(stage)
    stage.bob.cli("send", "Alice", "Answer me")
    number, = shows(stage.daemon, ("Bob", "Answer me"))
    stage.daemon.choose(number, "reply")
    stage.app.sees("Answer me", role="row")
    look_back(stage)
    wait_for("the composer to have the keyboard", lambda: "focused" in stage.app.find("entry", "Message").states)
    shows(stage.daemon)


def changes(stage):
    """A text that is changed is changed there without a sound, one that is taken back goes; what was dismissed stays so"""
    app = stage.app
    look_away(stage)
    bob = stage.open(stage.bob, (900, 0, 600, 600))
    open_chat(bob, "Alice")
    write(bob, "Frist")
    number, = shows(stage.daemon, ("Bob", "Frist"))
    bob.key("Up")
    bob.fill("Message", "First")
    bob.key("Return")
    check(shows(stage.daemon, ("Bob", "First")) == [number], "it is another one")
    check(stage.daemon.shown[number]["hints"].get("suppress-sound"), "a change makes a sound")
    bob.press_secondary(bob.find("row", re.compile("First")))
    bob.choose("d")
    bob.click("button", "Delete for Everyone")
    shows(stage.daemon)
    write(bob, "Dismissed")
    number, = shows(stage.daemon, ("Bob", "Dismissed"))
    stage.daemon.dismiss(number)
    bob.key("Up")
    bob.fill("Message", "Changed")
    bob.key("Return")
    app.find("row", re.compile("^Bob.*Changed"))
    write(bob, "New")
    shows(stage.daemon, ("Bob", "New"))
    check(bob.end() == 0, "did not end cleanly")


def hidden(stage):
    """Without message text, and while the screen is locked, nothing of it is on the bus"""
    app = stage.app
    look_back(stage)
    shows(stage.daemon)
    open_chat(app, "Dora")
    switch(app, "Show message text")
    look_away(stage)
    stage.bob.cli("send", "Alice", "Hidden")
    shows(stage.daemon, ("Bob", "1 new message"))
    stage.bob.cli("send", "Alice", "Secret")
    shows(stage.daemon, ("Bob", "2 new messages"))
    saver = Gio.bus_get_sync(Gio.BusType.SESSION)

    def lock(on):
        saver.emit_signal(None, "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", GLib.Variant("(b)", (on,)))

    arguments = GLib.Variant("(su)", ("org.gnome.ScreenSaver", 0))
    saver.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", arguments, None, Gio.DBusCallFlags.NONE,
                    5000, None)
    lock(True)
    shows(stage.daemon, ("Tessera", "2 new messages"))
    check("Secret" not in str(stage.daemon.shown) and "Bob" not in str(stage.daemon.shown), f"it says {stage.daemon.shown}")
    lock(False)
    shows(stage.daemon, ("Bob", "2 new messages"))
    for step in (lambda: stage.login.turn(True), lambda: stage.login.hint(True)):
        step()
        shows(stage.daemon, ("Tessera", "2 new messages"))
    stage.login.hint(False)  # all that many a locker tells of its end
    shows(stage.daemon, ("Bob", "2 new messages"))
    look_back(stage)
    switch(app, "Show message text")
    shows(stage.daemon, ("Bob", "Secret"))
    switch(app, "Tell of new messages")
    shows(stage.daemon)
    switch(app, "Tell of new messages")


def muted(stage):
    """A muted chat is silent, and what it shows when that begins is withdrawn"""
    app = stage.app
    look_away(stage)
    stage.carol.cli("send", "Alice", "Loud")
    shows(stage.daemon, ("Carol", "Loud"))
    app.press_secondary(app.find("row", re.compile("^Carol"), under=app.find("list", "Conversations")))
    app.choose("m")
    shows(stage.daemon)
    look_away(stage)
    before = stage.daemon.count
    stage.carol.cli("send", "Alice", "Quiet")
    app.find("row", re.compile("^Carol.*Quiet"))
    stage.bob.cli("send", "Alice", "After it")
    shows(stage.daemon, ("Bob", "After it"))
    check(stage.daemon.count == before + 1, "a muted chat was told of")


def strangers(stage):
    """Strangers make one notification together, which says nothing of theirs"""
    for name in ("Eve", "Mallory"):
        stranger = stage.person(name, stage.relays[0])
        stranger.cli("add", stage.address)
        stranger.cli("send", stage.address, "Buy this")
        stage.app.find("row", re.compile(r"request"))
    stage.app.find("row", re.compile("2 requests"))
    numbers = shows(stage.daemon, ("Bob", "After it"),
                    ("Message Request", "Somebody who is not a contact wants to write with you."))
    one = stage.daemon.shown[numbers[1]]
    check(list(one["actions"]) == ["default"], f"a stranger's offers {one['actions']}")
    check("Buy" not in str(one) and "Eve" not in str(one) and "Mallory" not in str(one), f"it says {one}")
    stage.daemon.choose(numbers[1], "default")
    stage.app.find("button", "Accept")


def quits(stage):
    """When the app quits, nothing of it stays on the desktop"""
    look_away(stage)
    stage.bob.cli("send", "Alice", "Still here")
    wait_for("it", lambda: any(one[2] == "Still here" for one in stage.daemon.now()))
    check(stage.app.end() == 0, "did not end cleanly")
    check(not stage.daemon.now(), f"there is still {stage.daemon.now()}")


def begins(stage):
    """An app that starts while the session is locked, and is not told in which session, hides it too"""
    stage.login.hint(True)
    stage.app = app = stage.open(stage.alice, **{**Login.ENV, "XDG_SESSION_ID": ""})
    open_chat(app, "Dora")
    look_away(stage)
    stage.bob.cli("send", "Alice", "In the night")
    wait_for("the name to be hidden", lambda: [one[1] for one in stage.daemon.now()] == ["Tessera"])
    stage.login.hint(False)
    shows(stage.daemon, ("Bob", "In the night"))
    check(app.end() == 0, "did not end cleanly")


def locks(stage, turn, text):
    """What the portal was told of Bob's message, while the session is locked and after it."""
    turn(True)
    shows(stage.portal, ("Tessera", "1 new message"))
    check("Bob" not in str(stage.portal.shown) and text not in str(stage.portal.shown), f"it says {stage.portal.shown}")
    turn(False)
    shows(stage.portal, ("Bob", text))


def portal(stage):
    """Through the portal: plain text, and an answer written in the notification is sent"""
    stage.portal = Portal()
    stage.app = app = stage.open(stage.alice, GTK_USE_PORTAL="1", GIO_USE_PROXY_RESOLVER="dummy", GIO_USE_NETWORK_MONITOR="base")
    before = stage.daemon.count
    open_chat(app, "Dora")
    look_away(stage)
    stage.bob.cli("send", "Alice", HOSTILE)
    key, = shows(stage.portal, ("Bob", PLAIN))
    one = stage.portal.shown[key]
    check([button.get("purpose") for button in one["buttons"]] == ["im.reply-with-text", None], f"its buttons: {one['buttons']}")
    check(one["category"] == "im.received" and one["sound"] == "default", f"it is {one}")
    check("hide-content-on-lockscreen" in one["display-hint"], f"it is {one}")
    stage.portal.choose(key, "reply", "Written over there")
    shows(stage.portal)
    wait_for("what was answered to be read", lambda: state_at(stage.bob, HOSTILE) == "read")
    wait_for("the answer", lambda: stage.bob.cli("receive", "--timeout", "1") is not None
             and "Written over there" in stage.bob.cli("history", "Alice"))
    stage.bob.cli("send", "Alice", "And now open")
    key, = shows(stage.portal, ("Bob", "And now open"))
    locks(stage, stage.portal.turn, "And now open")
    for version, inline in ((1, True), (2, False)):
        stage.portal.stop()
        stage.portal = Portal(version, inline, locked=True)
        shows(stage.portal, ("Tessera", "1 new message"))
        locks(stage, stage.portal.turn, "And now open")
        key, = shows(stage.portal, ("Bob", "And now open"))
        one = stage.portal.shown[key]
        check([(button["action"], button.get("purpose")) for button in one["buttons"]] == [("reply", None), ("read", None)],
              f"its buttons: {one['buttons']}")
        check(("sound" in one, "display-hint" in one) == (version > 1, version > 1), f"of version {version} it is told {one}")
    stage.portal.choose(key, "default")
    app.sees("And now open", role="row")
    look_back(stage)
    shows(stage.portal)
    check(stage.daemon.count == before, "the daemon was told too")
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    said = [line for line in stage.app.log.read_text(errors="replace").splitlines() if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(arrives, one_a_chat, read, opens, reply, changes, hidden, muted, strangers, quits, begins, portal, quiet)
