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

from gui import check, main
from conversation import open_chat, wait_delivered, write
from driver import wait_for

SEED = int(os.environ.get("TESSERA_SEED") or random.SystemRandom().randrange(1 << 32))
CHANCE = random.Random(SEED)
BURST = 60
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


def reopen(stage, person):
    kill(stage.app)
    stage.app = stage.open(person)
    return stage.app


def bodies(person, friend, outgoing):
    """What the person's history holds of one side, in its order."""
    lines = person.cli("--json", "history", friend, "--limit", 500).splitlines()
    return [it["body"] for it in map(json.loads, lines) if it["kind"] == "text" and it["outgoing"] == outgoing]


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
    entry = app.find("entry", "Name to be found by at your relay")
    for _ in range(40):
        if "focused" in entry.states:
            break
        app.key("Tab")
    app.key("ctrl+a")
    app.type(name)
    app.key("Return")


def named(app):
    """The name in the preferences, opened anew."""
    preferences(app)
    name = app.find("entry", "Name to be found by at your relay").text
    app.close_dialog()
    return name


main(sends, receives, claims)
