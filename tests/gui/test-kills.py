#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app is killed in the middle of each long operation and started again: nothing is lost, nothing is there twice, and what was
under way is done or can be done again. The points of the kills are forced or watched for; those in between come from a seed."""
import json
import os
import random
import re
import signal
import time

from gui import DIGITS, check, main, press_row, take_recovery_code
from conversation import open_chat, wait_delivered, write
from driver import App, wait_for
from keyring import Keyring

SEED = int(os.environ.get("TESSERA_SEED") or random.SystemRandom().randrange(1 << 32))
CHANCE = random.Random(SEED)
BURST = 60
PASSPHRASE = "correct horse battery staple"
CALM = 60  # seconds for what takes one on a machine with nothing else to do


def kill(app):
    """As the kernel does when there is no memory left."""
    app.process.kill()
    app.process.wait()


def freeze(relay):
    """The relay stays reachable and does not answer any more."""
    os.kill(relay.process.pid, signal.SIGSTOP)
    wait_for("the relay to stop", lambda: f"({relay.program.name[:15]}) T " in open(f"/proc/{relay.process.pid}/stat").read())


def thaw(relay):
    os.kill(relay.process.pid, signal.SIGCONT)


def is_asked(relay):
    """Whether something has come to the relay that it has not read."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return any(int(row[1].rpartition(":")[2], 16) == relay.port and row[3] == "01" and int(row[4].rpartition(":")[2], 16) > 0
               for row in rows)


def sleep_some(most):
    time.sleep(CHANCE.uniform(0, most))


def bodies(person, friend, outgoing):
    """What the person's history holds of one side, in its order."""
    lines = person.cli("--json", "history", friend, "--limit", 500).splitlines()
    return [it["body"] for it in map(json.loads, lines) if it["kind"] == "text" and it["outgoing"] == outgoing]


def write_to(person, address, text):
    """The first message to somebody."""
    person.cli("add", address)
    person.cli("send", address, text)


def preferences(app):
    app.find("button", "New Chat", timeout=CALM)
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Online", timeout=CALM)


def sends(stage):
    """Killed while it sends: every message arrives, once and in order"""
    print(f"# TESSERA_SEED={SEED}", flush=True)
    stage.server = stage.relay()
    stage.alice, stage.bob, stage.carol = stage.friends(stage.server, "Alice", "Bob", "Carol")
    stage.texts = []
    app = stage.app = stage.open(stage.alice)
    for number in range(3):
        open_chat(app, "Bob")
        if number < 2:
            freeze(stage.server)
        for part in range(4):
            stage.texts.append(f"sent {number} {part}")
            write(app, stage.texts[-1])
        if number == 0:
            wait_for("something to be on its way", lambda: is_asked(stage.server))
        else:
            sleep_some(0.05)
        kill(app)
        thaw(stage.server)
        app = stage.app = stage.open(stage.alice)
    open_chat(app, "Bob")

    def all_there():
        stage.bob.cli("receive", "--timeout", "5")
        return len([text for text in bodies(stage.bob, "Alice", False) if text in stage.texts]) >= len(stage.texts)

    wait_for("all messages", all_there, CALM)
    wait_delivered(app, stage.texts[-1])
    got = [text for text in bodies(stage.bob, "Alice", False) if text.startswith("sent")]
    check(got == stage.texts, f"not what was sent: {got}")
    check(app.end() == 0, "did not end cleanly")
    kept = [text for text in bodies(stage.alice, "Bob", True) if text.startswith("sent")]
    check(kept == stage.texts, f"not what was written: {kept}")


def receives(stage):
    """Killed while a burst comes in: each message is there, once and in order"""
    texts = [f"burst {number:02}" for number in range(BURST)]
    for text in texts:
        stage.bob.cli("send", "Alice", text)
    for writes in (1, 6, 20):  # how often the database has been written by then
        app = stage.app = stage.open(stage.alice)
        written(stage.alice.profile / "database-wal", writes)
        kill(app)
    app = stage.app = stage.open(stage.alice)
    app.find("row", re.compile(f"^Bob.*{texts[-1]}"), timeout=CALM)
    open_chat(app, "Bob")
    check(app.end() == 0, "did not end cleanly")
    got = [text for text in bodies(stage.alice, "Bob", False) if text.startswith("burst")]
    check(got == texts, f"not what was sent: {got}")


def written(log, times):
    """Returns once the database's log has been written so often, or is not written any more."""
    limit, last = time.monotonic() + 3, None
    while times > 0 and time.monotonic() < limit:
        try:
            size = log.stat().st_mtime_ns
        except FileNotFoundError:
            continue
        if size != last:
            times, last, limit = times - 1, size, time.monotonic() + 3


def claims(stage):
    """Killed while it claims a name: the name the relay keeps is the name that the app knows"""
    host = stage.server.origin.partition("://")[2]
    app = stage.app = stage.open(stage.alice)
    preferences(app)
    freeze(stage.server)
    claim(app, "alice-1")
    wait_for("the relay to be asked", lambda: is_asked(stage.server))
    kill(app)
    thaw(stage.server)
    wait_for("the relay to keep the name", lambda: "alice-1" in stage.carol.cli("look-up", f"alice-1@{host}", codes=(0, 1)))
    app = stage.app = stage.open(stage.alice)
    wait_for("the name in the preferences", lambda: named(app) == "alice-1", CALM)
    # Another one, of which the relay hears only afterwards.
    preferences(app)
    freeze(stage.server)
    claim(app, "alice-2")
    wait_for("the relay to be asked", lambda: is_asked(stage.server))
    stage.server.kill()
    kill(app)
    stage.server.start()
    app = stage.app = stage.open(stage.alice)
    wait_for("the other name in the preferences", lambda: named(app) == "alice-2", CALM)
    check("alice-2" in stage.carol.cli("look-up", f"alice-2@{host}"), "the name that is shown leads nowhere")
    stage.carol.cli("look-up", f"alice-1@{host}", codes=(1,))
    check(app.end() == 0, "did not end cleanly")


def claim(app, name):
    type_into(app, "Name to be found by at your relay", name)
    app.key("Return")


def type_into(app, name, text):
    """Types into a row of the preferences, as what applies it asks for."""
    app.tab_to("entry", name)
    app.key("ctrl+a")
    app.type(text)


def named(app):
    """The name in the preferences, opened anew."""
    preferences(app)
    name = app.find("entry", "Name to be found by at your relay").text
    app.close_dialog()
    return name


def starts(stage):
    """Killed while it makes keys and an account: the next start begins again, or goes on, up to the recovery code"""
    dora = stage.dora = stage.person("Dora")
    for file in ("profile", "database"):
        app = App(stage.desktop, dora.command(), stage.env, stage.keep / "dora.log")
        while not (dora.profile / file).exists():
            app.alive()
        kill(app)
    app = stage.app = fill_in(stage, stage.open(dora))
    freeze(stage.server)
    app.click("button", "Create Account")
    wait_for("the relay to be asked", lambda: is_asked(stage.server))
    kill(app)
    thaw(stage.server)
    app = stage.app = fill_in(stage, stage.open(dora))
    app.click("button", "Create Account")
    wait_for("the account", lambda: (dora.profile / "database-wal").exists())
    sleep_some(0.2)
    kill(app)
    app = stage.app = stage.open(dora)
    page = wait_for("a first page", lambda: app.all("button", "Get Started") or app.all("label", "Your Recovery Code"), CALM)
    if page[0].role == "button":
        fill_in(stage, app).click("button", "Create Account")
        app.sees("Your Recovery Code", timeout=CALM)
        kill(app)
        app = stage.app = stage.open(dora)
    for _ in range(2):
        app.sees("Your Recovery Code", timeout=CALM)
        app.find("label", DIGITS, timeout=CALM)
        kill(app)
        app = stage.app = stage.open(dora)
    stage.code = take_recovery_code(app)
    app.click("button", "Done")
    app.sees("No Chats Yet", timeout=CALM)
    check(app.end() == 0, "did not end cleanly")
    app = stage.app = stage.open(dora)
    app.sees("No Chats Yet", timeout=CALM)
    check(app.end() == 0, "did not end cleanly")
    write_to(stage.bob, dora.address(), "Hello Dora")
    check("Hello Dora" in dora.cli("receive", "--timeout", "10"), "what is sent to the account does not arrive")


def fill_in(stage, app):
    """First start up to the account's page, filled in."""
    app.click("button", "Get Started", timeout=CALM)
    app.find("button", "Create Account", timeout=CALM)
    app.fill("Name", "Dora")
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable"), timeout=CALM)
    return app


def open_recovery(app):
    preferences(app)
    press_row(app, "Recovery code")
    return app.find("button", re.compile("^Make a (New|Recovery) Code$"))


def show_new_code(app):
    """Lets the preferences show a new recovery code, up to what asks for its end; the code, which is not in force yet."""
    open_recovery(app).click()
    code = app.find("label", DIGITS, timeout=CALM).name.replace("\n", " ")
    app.click("button", "I Have Written It Down")
    return code


def new_code(app):
    """Makes a recovery code in the preferences, to the end; the code."""
    code = show_new_code(app)
    app.fill("The last five digits", code[-5:])
    app.sees(re.compile("That is right"), timeout=CALM)
    app.close_dialog()
    return code


def recover(stage, secret):
    """Opens Dora's app, and gives it what brings the keys back if it asks; whether it did."""
    app = stage.app = stage.open(stage.dora)
    found = wait_for("the chats, or a question", lambda: app.all("button", "New Chat") or app.all("button", "Recover"), CALM)
    asks = found[0].name == "Recover"
    if asks:
        app.fill("Recovery code", secret)
        app.click("button", "Recover")
    return asks


def recovers(stage):
    """Killed while the recovery code is tried and the keys are put back: it asks again, and the code works"""
    keyring = Keyring()
    keys = keyring.of_profile(stage.dora.profile)
    check(len(keys) == 3, f"there are not three keys: {list(keys)}")
    for watched in (False, True):
        keyring.wipe(stage.dora.profile)
        check(recover(stage, stage.code), "nobody misses the keys")
        if watched:
            wait_for("a key in the keyring", lambda: keyring.of_profile(stage.dora.profile), CALM)
        else:
            sleep_some(0.5)
        kill(stage.app)
        recover(stage, stage.code)
        stage.app.find("button", "New Chat", timeout=CALM)
        check(keyring.of_profile(stage.dora.profile) == keys, "the keys are not back")
        check(stage.app.end() == 0, "did not end cleanly")


def codes(stage):
    """Killed while it makes a code or sets a passphrase: there is a code that works, and what is said is so"""
    file = stage.dora.profile / "recovery"
    old = file.read_bytes()
    app = stage.app = stage.open(stage.dora)
    show_new_code(app)
    kill(app)
    check(file.read_bytes() == old, "a code that nobody has written down is in force")
    comes_back(stage, stage.code)
    app = stage.app = stage.open(stage.dora)
    code = show_new_code(app)
    app.fill("The last five digits", code[-5:])
    sleep_some(1)
    kill(app)
    is_new = file.read_bytes() != old
    print(f"# the code was {'changed' if is_new else 'kept'}", flush=True)
    comes_back(stage, code if is_new else stage.code)
    app = stage.app = stage.open(stage.dora)
    stage.code = new_code(app)
    open_recovery(app)
    before = file.read_bytes()
    type_into(app, "New passphrase", PASSPHRASE)
    app.click("button", "Apply")
    sleep_some(1)
    kill(app)
    is_set = file.read_bytes() != before
    app = stage.app = stage.open(stage.dora)
    preferences(app)
    app.sees("Made, and a passphrase beside it" if is_set else "Made: it brings")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")
    comes_back(stage, PASSPHRASE if is_set else stage.code)


def comes_back(stage, secret):
    """A lost keyring, which @secret mends."""
    Keyring().wipe(stage.dora.profile)
    check(recover(stage, secret), "nobody misses the keys")
    stage.app.find("button", "New Chat", timeout=CALM)
    check(stage.app.end() == 0, "did not end cleanly")


def renews(stage):
    """Killed while the address is renewed: the relay takes the one that is shown"""
    old, host = stage.alice.address(), stage.server.origin.partition("://")[2]
    app = stage.app = stage.open(stage.alice)
    app.click("button", "New Chat", timeout=CALM)
    app.click("button", "Your Code")
    app.click("button", "Make Old Codes Useless…")
    freeze(stage.server)
    app.click("button", "Make Useless")
    wait_for("the relay to be asked", lambda: is_asked(stage.server))
    kill(app)
    thaw(stage.server)
    app = stage.app = stage.open(stage.alice)
    wait_for("another address at the relay", lambda: old not in stage.carol.cli("look-up", f"alice-2@{host}"), CALM)
    check(app.end() == 0, "did not end cleanly")
    new = stage.alice.address()
    check(new != old, "the address is the old one")
    check(new in stage.carol.cli("look-up", f"alice-2@{host}"), "the name leads to another address than is shown")
    write_to(stage.dora, new, "To the new address")
    check("To the new address" in stage.alice.cli("receive", "--timeout", "10"), "the new address does not take a message")


def deletes(stage):
    """Killed while a chat is deleted: it is gone, or whole; the others are untouched"""
    others = [bodies(stage.alice, "Bob", side) for side in (False, True)]
    whole = bodies(stage.alice, "Carol", False)
    app = stage.app = stage.open(stage.alice)
    delete(app, "Carol")
    kill(app)
    app = stage.app = stage.open(stage.alice)
    app.find("row", re.compile("^Bob"), timeout=CALM)
    if app.all("row", re.compile("^Carol")):
        app.end()
        check(bodies(stage.alice, "Carol", False) == whole, "a part of the chat is gone")
        app = stage.app = stage.open(stage.alice)
        delete(app, "Carol")
        app.wait_gone("row", re.compile("^Carol"))
    check(app.end() == 0, "did not end cleanly")
    check(bodies(stage.alice, "Carol", False) == [], "a part of the chat is still there")
    check([bodies(stage.alice, "Bob", side) for side in (False, True)] == others, "another chat is not what it was")
    stage.carol.cli("send", "Alice", "Hello again")
    app = stage.app = stage.open(stage.alice)
    app.find("row", re.compile("^Carol.*Hello again"), timeout=CALM)
    check(app.end() == 0, "did not end cleanly")
    check(bodies(stage.alice, "Carol", False) == ["Hello again"], "what was deleted is there again")


def delete(app, name):
    app.press_secondary(app.find("row", re.compile(f"^{name}"), timeout=CALM))
    app.choose("d")
    app.click("button", "Delete")


main(sends, receives, claims, starts, recovers, codes, renews, deletes)
