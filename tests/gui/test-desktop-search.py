#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's search: what it finds of a running app and of one that it starts, what it is never told, what a click does."""
import hashlib
import os
import re
import shutil
from pathlib import Path

from gui import check, main, run
from conversation import open_chat
from desktop_mocks import Service
from driver import App, wait_for
from gi.repository import Gio, GLib
from people import Person, introduce

PROVIDER = "org.gnome.Shell.SearchProvider2"
SAVER = """<node><interface name="org.gnome.ScreenSaver"><method name="GetActive"><arg type="b" direction="out"/></method>
</interface></node>"""
OF_ALICE = "José Martín"
WRONG = ["", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "0x1", "9" * 19, "9" * 30, "chat-1", "requests", "x" * 100000]


class Saver(Service):
    """The screen's locker. It is there already when whoever asks comes."""

    def __init__(self, active):
        self.active = active
        super().__init__("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", [SAVER])

    def do_GetActive(self, sender):
        return GLib.Variant("(b)", (self.active,))

    def tell(self, on):
        self.active = on
        self.emit(self.name, "ActiveChanged", GLib.Variant("(b)", (on,)))


class Search:
    """What GNOME Shell asks the app of that name on the bus."""

    def __init__(self, name):
        self.bus, self.name, self.path = Gio.bus_get_sync(Gio.BusType.SESSION), name, "/" + name.replace(".", "/")

    def call(self, method, kind, *arguments):
        return self.bus.call_sync(self.name, f"{self.path}/SearchProvider", PROVIDER, method, GLib.Variant(kind, arguments), None,
                                  Gio.DBusCallFlags.NONE, 20000, None).unpack()

    def ids(self, *terms):
        return self.call("GetInitialResultSet", "(as)", terms)[0]

    def fewer(self, ids, *terms):
        return self.call("GetSubsearchResultSet", "(asas)", ids, terms)[0]

    def metas(self, ids):
        return self.call("GetResultMetas", "(as)", ids)[0]

    def names(self, *terms):
        return [meta["name"] for meta in self.metas(self.ids(*terms))]

    def activate(self, one, *terms):
        self.call("ActivateResult", "(sasu)", one, terms, 0)

    def launch(self, *terms):
        self.call("LaunchSearch", "(asu)", terms, 0)

    def owner(self):
        """The process that has the name, or None."""
        def ask(method, kind):
            name = GLib.Variant("(s)", (self.name,))
            return self.bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", method, name, GLib.VariantType(kind),
                                      Gio.DBusCallFlags.NONE, 5000, None).unpack()[0]

        return ask("GetConnectionUnixProcessID", "(u)") if ask("NameHasOwner", "(b)") else None


def app_id(stage):
    return next((stage.build / "data").glob("*.service")).stem


def stranger(stage, name):
    """Somebody who wrote and was not answered."""
    person = stage.person(name, stage.relays[0])
    person.cli("add", stage.alice.address())
    person.cli("send", stage.alice.address(), "Buy this")
    return person


def finds(stage):
    """By the beginning of each word of a name or nickname, whatever its case and accents"""
    relay = stage.relay()
    stage.alice, stage.jose, stage.bob, carol = stage.friends(relay, "Alice", OF_ALICE, "Bob", "Carol")
    stage.alice.cli("nickname", "Bob", "Keeper of Light")
    stage.alice.cli("block", "Carol")
    stranger(stage, "Mallory")
    stage.alice.cli("receive", "--timeout", "3")
    folder = os.path.realpath(stage.alice.profile)
    stage.search = search = Search(f"{app_id(stage)}.profile{hashlib.sha256(folder.encode()).hexdigest()[:16]}")
    stage.app = app = stage.open(stage.alice)
    open_chat(app, "Keeper")
    for terms in (["mart"], ["jos", "mar"], ["JOSÉ"], ["jose", "martin"], ["mart", "j"], ["josé  ma"]):
        check(search.names(*terms) == [OF_ALICE], f"{terms} finds {search.names(*terms)}")
    for terms in (["light"], ["bob"], ["of", "keep"]):
        check(search.names(*terms) == ["Keeper of Light"], f"{terms} finds {search.names(*terms)}")
    for terms in (["osé"], ["mart", "bob"], ["hello"], ["nobody"]):
        check(search.ids(*terms) == [], f"{terms} finds {search.names(*terms)}")


def subsearch(stage):
    """A longer search is of what was found before"""
    search = stage.search
    jose, bob = search.ids("mart"), search.ids("keep")
    check(search.fewer(jose + bob, "k") == bob, "it is not the one that fits")
    check(search.fewer(jose, "k") == [], "it found more than before")
    check(search.fewer(WRONG + jose, "mart") == [] and search.fewer(WRONG[:5] + jose, "mart") == jose, "foreign ids are found")


def little(stage):
    """A result is a number, a name and a picture; no message, nobody blocked, no stranger"""
    search = stage.search
    one, = search.metas(search.ids("mart"))
    check(sorted(one) == ["icon", "id", "name"] and one["id"].isdigit(), f"it tells {one}")
    stage.app.find("row", re.compile("request"))
    for word in ("carol", "mallory", "buy", "hello"):
        check(search.ids(word) == [], f"{word!r} finds {search.names(word)}")
    told = [meta["name"] for number in range(1, 30) for meta in search.metas([str(number)])]
    check(sorted(told) == [OF_ALICE, "Keeper of Light"], f"it tells {told}")


def hostile(stage):
    """What is no id, no word or too much of it finds nothing and does nothing"""
    search, app = stage.search, stage.app
    for wrong in WRONG:
        check(search.metas([wrong]) == [] and search.fewer([wrong], "mart") == [], f"{wrong[:20]!r} is somebody")
        search.activate(wrong, "mart")
    check(search.metas(["1"] * 100000) == search.metas(["1"] * 8), "more than a few ids are looked at")
    for terms in ([], [""], ["", " "], ["!!!"], ["-", "."], ["🙂"], ["mart" * 100], ["mart"] * 1000, ["j" * 5000000]):
        check(search.ids(*terms) == [], f"{str(terms)[:40]} finds {search.names(*terms)}")
    app.find("entry", "Message")
    check("selected" in app.find("row", re.compile("^Keeper")).states, "another chat was opened")


def opens(stage):
    """A result opens its chat in the window, and the search itself goes on there"""
    search, app = stage.search, stage.app
    app.key("ctrl+comma")
    app.find("switch", "Read receipts")
    search.activate(search.ids("mart")[0], "mart")
    wait_for("the chat", lambda: "selected" in app.find("row", re.compile("^José")).states)
    app.sees(re.compile("Hello Alice, this is José"), role="row")
    check(not app.all("dialog"), "the preferences are still there")
    search.launch("keep", "of")
    found = app.find("list", "Search Results")
    app.find("row", re.compile("^Keeper of Light"), under=found)
    check(not app.all("row", re.compile("^José Martín, "), under=found), "it searches for something else")
    app.key("ctrl+k", "Escape")


def locked(stage):
    """While the session is locked nothing is told and nothing opens"""
    search, app = stage.search, stage.app
    one = search.ids("keep")
    stage.saver = Saver(False)
    stage.saver.tell(True)
    wait_for("nothing to be found", lambda: search.ids("keep") == [])
    check(search.metas(one) == [] and search.fewer(one, "keep") == [], "an id is still answered")
    search.activate(one[0], "keep")
    search.launch("keep")
    stage.saver.tell(False)
    wait_for("it to be found again", lambda: search.ids("keep") == one)
    check("selected" in app.find("row", re.compile("^José")).states, "another chat was opened")
    check(not app.all("list", "Search Results"), "a search was opened")
    check(app.end() == 0, "did not end cleanly")


def starts(stage):
    """An app that does not run is started, shows no window, is not online, and ends when nothing more is asked"""
    home = stage.home = Person(stage.build, "Home", Path(stage.env["XDG_DATA_HOME"], "tessera"), stage.env)
    services = Path(stage.env["XDG_RUNTIME_DIR"]).parent / "services"
    service = (stage.build / "data" / f"{app_id(stage)}.service").read_text()
    service = re.sub(r"Exec=\S+", f"Exec={stage.build / 'src' / 'ui' / 'tessera'}", service)
    (services / f"{app_id(stage)}.service").write_text(service)
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ReloadConfig", None, None, Gio.DBusCallFlags.NONE, 5000,
                  None)
    search = stage.search = Search(app_id(stage))
    check(search.ids("mart") == [] and not home.profile.exists(), "a profile was made")
    ends(stage)
    home.register(stage.relays[0])
    introduce(home, stage.jose)
    stage.jose.cli("send", "Home", "Nobody is here")
    check(search.names("mart") == [OF_ALICE], f"it found {search.names('mart')}")
    check(not windows(stage), "a window came")
    ends(stage)
    check("Nobody is here" not in home.cli("history", OF_ALICE), "it was online")


def windows(stage):
    return run("xdotool", "search", "--onlyvisible", "--pid", stage.search.owner()).stdout.split()


def ends(stage):
    wait_for("the app to end by itself", lambda: stage.search.owner() is None, 60)


def quit_app(stage):
    stage.search.bus.call_sync(stage.search.name, stage.search.path, "org.freedesktop.Application", "ActivateAction",
                               GLib.Variant("(sava{sv})", ("quit", [], {})), None, Gio.DBusCallFlags.NONE, 5000, None)
    ends(stage)


def chosen(stage):
    """What is chosen of it opens in a window that was not there, and goes online"""
    search = stage.search
    one, = search.ids("mart")
    quit_app(stage)
    for wrong in ("x", "0"):
        search.activate(wrong, "mart")
    check(not windows(stage), "a window came of an id that is none")
    search.activate(one, "mart")
    wait_for("a window", lambda: windows(stage))
    wait_for("what was sent to be read", lambda: stage.jose.cli("receive", "--timeout", "1") is not None
             and '"read"' in stage.jose.cli("--json", "history", "Home").splitlines()[-1])
    quit_app(stage)


def stays(stage):
    """Started at login meanwhile, it stays and receives"""
    search = stage.search
    check(search.names("mart") == [OF_ALICE], "it is not found")
    pid = search.owner()
    done = run(stage.build / "src" / "ui" / "tessera", "--hidden", env=stage.env)
    check(done.returncode == 0 and search.owner() == pid, f"the second one ended with code {done.returncode}: {done.stderr}")
    stage.jose.cli("send", "Home", "Good morning")
    wait_for("it to be delivered", lambda: stage.jose.cli("receive", "--timeout", "1") is not None
             and '"delivered"' in stage.jose.cli("--json", "history", "Home").splitlines()[-1])
    check(not windows(stage), "a window came")
    quit_app(stage)


def shut(stage):
    """Nothing of an app that is started in a locked session, nor of one that would have to ask for something"""
    search = stage.search
    stage.saver.tell(True)
    check(search.ids("mart") == [], "it was told in a locked session")
    quit_app(stage)
    stage.saver.tell(False)
    shutil.rmtree(stage.home.profile)
    app = App(stage.desktop, [*stage.home.command()[:1]], stage.env, stage.keep / "home.log", (0, 0, 900, 700))
    stage.apps["Home"] = app
    app.wait_window().click("button", "Get Started")
    check(search.ids("mart") == [] and search.metas(["1"]) == [], "it was told at first start")
    check(app.end() == 0, "did not end cleanly")


def quiet(stage):
    """The app did not complain on its error output"""
    said = [line for log in stage.keep.glob("*.log") for line in log.read_text(errors="replace").splitlines()
            if "CRITICAL" in line or "WARNING" in line]
    check(not said, "\n".join(said[:20]))


main(finds, subsearch, little, hostile, opens, locked, starts, chosen, stays, shut, quiet)
