#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way connections go, chosen by a person: everything goes it, and what is wrong with it is said in words."""
import re

from gui import SOCKS5, SYSTEM, TOR, check, choose_way, fits, main, set_proxy, take_recovery_code, type_into
from conversation import open_chat, write
from driver import wait_for
from socks import Socks

def kept(stage):
    file = stage.alice.profile / "network.ini"
    return file.read_text() if file.exists() else None


def arrives(stage, text):
    """Bob fetches what is there until it is."""
    def probe():
        stage.bob.cli("receive", "--timeout", "10")
        return text in stage.bob.cli("history", "Alice")

    wait_for(f"{text!r} to arrive", probe, 60)


def preferences(stage):
    """A proxy is set in the preferences with the keyboard alone, and what is no proxy is refused in words"""
    stage.server, stage.socks = stage.relay(), Socks()
    stage.alice, stage.bob = stage.friends(stage.server, "Alice", "Bob")
    app = stage.app = stage.open(stage.alice)
    app.find("list", "Conversations")
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Online")
    app.sees("Relays see your network address")
    choose_way(app, SOCKS5)
    app.sees("Enter the name or address of the proxy")
    check(kept(stage) is None, "it is kept before it is said where it is")
    for host, port, words in (("pro xy", "1080", "not the name or address"), ("127.1", "1080", "not the name or address"),
                              ("127.0.0.1", "0", "a number from 1 to 65535"), ("127.0.0.1", "65536", "a number from 1 to 65535")):
        type_into(app, "Name or address", host)
        type_into(app, "Port", port)
        app.sees(words)
        app.key("Return")
    check(kept(stage) is None, "what is no proxy is kept")
    check(not stage.socks.requests, "it was asked before it was set")
    type_into(app, "Port", str(stage.socks.port))
    app.sees("not used yet")
    stage.shot(app, "1-typed")
    app.tab_to("button", "Use This Proxy")
    app.key("Return")
    app.sees("Relays see the address of the proxy")
    check(kept(stage) == f"[network]\nproxy=socks5://{stage.socks.place}\n", kept(stage))
    wait_for("the link to go through it", lambda: stage.socks.requests)
    app.sees("Online")
    stage.shot(app, "2-proxied")
    app.close_dialog()


def talk(stage):
    """What is written then goes through it, and each connection by a name of its own"""
    app = stage.app
    open_chat(app, "Bob")
    write(app, "Hello Bob")
    arrives(stage, "Hello Bob")
    asked = stage.socks.take_requests()
    check({request[:2] for request in asked} == {("127.0.0.1", stage.server.port)}, asked)
    check(len({request[2] for request in asked}) == len(asked), asked)


def away(stage):
    """A proxy that goes away is said so where the link's state is, and nothing goes past it"""
    app = stage.app
    stage.socks.stop()
    app.sees("The proxy does not answer", timeout=60)
    write(app, "Later")
    stage.shot(app, "3-away")
    stage.bob.cli("receive", "--timeout", "10")
    check("Later" not in stage.bob.cli("history", "Alice"), "it went past the proxy")
    stage.socks.start()
    app.click("button", "Try Now")
    arrives(stage, "Later")


def no_proxy(stage):
    """Something else in its place, and one that refuses, have each their own words; the system's way works again"""
    app = stage.app
    rubbish, refuses = Socks("rubbish"), Socks("refuse")
    app.key("ctrl+comma")
    app.find("dialog")
    for socks, words in ((rubbish, "it is no SOCKS5 proxy"), (refuses, "The proxy refuses the connection")):
        type_into(app, "Port", str(socks.port))
        app.key("Return")
        app.sees(words)
    stage.shot(app, "4-refused")
    app.move(0, 0, 370, 700)
    fits(app, "the preferences with a proxy")
    stage.shot(app, "5-narrow")
    app.move(0, 0, 900, 700)
    choose_way(app, SYSTEM)
    app.sees("Online")
    check(kept(stage) == "[network]\nproxy=system\n", kept(stage))
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def damaged(stage):
    """A setting that cannot be read is said so, and is mended by choosing again"""
    (stage.alice.profile / "network.ini").write_text("[network]\nproxy=direct\n")
    app = stage.app = stage.open(stage.alice)
    app.sees("The setting of the proxy cannot be read")
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Connect through")
    stage.shot(app, "6-damaged")
    choose_way(app, SYSTEM)
    app.sees("Online")
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def first_start(stage):
    """Who is to be hidden from the first connection on chooses the way before there is one"""
    socks = stage.socks
    socks.take_requests()
    stage.alice = stage.person("Carol")
    app = stage.app = stage.open(stage.alice)
    app.find("button", "Get Started")
    app.click("button", "Network…")
    app.find("dialog")
    stage.shot(app, "7-welcome-network")
    set_proxy(app, socks)
    app.sees("Relays see the address of the proxy")
    stage.shot(app, "8-welcome-proxied")
    app.close_dialog()
    check(not socks.take_requests(), "a relay was asked before anybody came to its field")
    app.click("button", "Get Started")
    app.find("button", "Check Again", timeout=60)
    check({request[:2] for request in socks.take_requests()} == {("relay.tessera.im", 443)}, "the offered relay was not asked so")
    stage.shot(app, "9-account")


def account(stage):
    """A proxy that is away is said so at the relay's field, another is taken at once, and the account is made through it"""
    app, socks, gone = stage.app, stage.socks, Socks()
    gone.stop()
    app.fill("Name", "Carol")
    app.fill("Relay", stage.server.origin)
    app.sees(re.compile("reachable and open"))
    app.click("button", "Network…")
    app.find("dialog")
    type_into(app, "Port", str(gone.port))
    app.key("Return")
    app.close_dialog()
    app.sees(re.compile("The proxy does not answer"))
    stage.shot(app, "10-account-away")
    socks.take_requests()
    app.click("button", "Network…")
    app.find("dialog")
    type_into(app, "Port", str(socks.port))
    app.key("Return")
    app.close_dialog()
    app.sees(re.compile("reachable and open"))
    app.click("button", "Create Account")
    take_recovery_code(app)
    app.click("button", "Done", timeout=60)
    app.sees("No Chats Yet")
    asked = socks.take_requests()
    check({request[:2] for request in asked} == {("127.0.0.1", stage.server.port)}, asked)
    check(len(asked) > 2 and len({request[2] for request in asked}) == len(asked), asked)


def tor(stage):
    """Tor is one choice away, and said so when it does not run"""
    app = stage.app
    app.key("ctrl+comma")
    app.find("dialog")
    app.sees("Online")
    choose_way(app, TOR)
    app.sees("Tor has to run on this computer")
    app.sees("The proxy does not answer")
    stage.shot(app, "11-tor")
    check(kept(stage) == "[network]\nproxy=tor\n", kept(stage))
    app.close_dialog()
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    lines = stage.app.log.read_text(errors="replace").splitlines()
    said = [line for line in lines if re.search(r"(CRITICAL|WARNING) \*\*", line)]
    check(not said, "\n".join(said[:20]))


main(preferences, talk, away, no_proxy, damaged, first_start, account, tor, quiet)
