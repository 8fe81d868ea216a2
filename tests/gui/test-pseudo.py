#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""In a language made for the test, where each word of ours is longer and marked: nothing on the screen goes past gettext, and
everything fits into a window of 360 pixels."""
import calendar
import json
import re
from pathlib import Path

from gui import DIGITS, FRAME, check, fits, main, press_row, run, width
from driver import BUTTON, wait_for
from pseudo import install, say

SOURCE = Path(__file__).resolve().parents[2]
NARROW = (0, 0, 360 + FRAME, 730)
# What people wrote or are called, and what is nobody's language.
THEIRS = re.compile(r"(?i)tessera:1/\S+|https?://\S+|127\.0\.0\.1\S*|Tessera relay|Alice|Bob|Carol|Hello|this is|"
                    + "|".join(calendar.month_name[1:]))  # the C library's, which does not know the language either
KEYS = re.compile(r"\b(?:Shift|Ctrl|Alt|Tab|Escape|Menu|Page_(?:Up|Down)|F\d+|[A-Z])\b")
# Words of GTK and libadwaita, whose catalogues know nothing of this language.
TOOLKIT = set("""Back|Close|Close the window|Maximize|Maximize the window|Minimize|Minimize the window|Preferences|About|Details|
    Credits|Legal|Troubleshooting|Shortcuts|Search Shortcuts|Show Password|
    Avatar of Alice|Avatar of Bob""".replace("\n    ", "").split("|"))
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
TOO_WIDE = re.compile(r"WARNING|CRITICAL")


def untranslated(text):
    """Whether @text holds words that neither gettext gave nor people wrote: without brackets, or with a plain small vowel."""
    text = THEIRS.sub("", text)
    while BRACKETS.search(text):
        text = BRACKETS.sub(lambda match: "plain" if re.search("[aeiou]", match.group(0)) else "", text)
    return re.search(r"[^\W\d_]", KEYS.sub("", text)) is not None


def looks(stage, app, where, menu=False):
    """Notes what on the screen is not translated, and what lies beyond the window (a @menu is a window of its own)."""
    before = len(stage.bad)
    for _, _, name, description in app.snapshot():
        for text in (name, description):
            if text not in TOOLKIT and untranslated(text):
                stage.bad.setdefault(f"{text!r} is not translated", where)
    try:
        if not menu:
            fits(app, where)
    except AssertionError as error:
        stage.bad.setdefault(str(error), where)
    if len(stage.bad) > before:
        stage.shot(app, where)


def see(app, words, *roles):
    """The object of these words in the language of the test, waited for."""
    wanted = say(words)
    return wait_for(wanted, lambda: next((node for node, role, name, _ in app.snapshot()
                                          if name == wanted and (not roles or role in roles)), None))


def click(app, words):
    see(app, words, BUTTON).click()


def menu(app, button):
    """Opens the menu of a button."""
    app.find("button", button)
    app.all("button", button)[-1].click()
    app.find("menu item")


def opened(stage, person):
    app = stage.open(person, NARROW, **stage.language)
    wait_for("the narrow window", lambda: width(app) == 360 + FRAME)
    return app


def recovery(stage, app):
    """The recovery code of first start, and what asks whether it was written down."""
    code = app.find("label", DIGITS, timeout=60).name
    looks(stage, app, "03a-recovery-code")
    app.click("button", re.compile("Wríttén"))  # named by its label, whose mnemonic makes it longer
    app.fill(say("The last five digits"), "00000" if code[-5:] != "00000" else "11111")
    see(app, "These are not the last five digits. Look again.")
    looks(stage, app, "03b-recovery-check")
    app.fill(say("The last five digits"), code[-5:])
    see(app, "That is right. The code works now. Keep it where you will find it, and not on this computer alone.")
    app.click("button", re.compile("^⟦Cóntínúé"))


def first_start(stage):
    """First start: from the welcome to the empty list"""
    stage.bad = {}
    stage.language = install(SOURCE, stage.scratch)
    stage.server = stage.relay()
    app = stage.app = opened(stage, stage.person("Carol"))
    see(app, "Get Started")
    looks(stage, app, "01-welcome")
    click(app, "Network…")
    see(app, "Connect through")
    looks(stage, app, "01-network")
    app.close_dialog()
    click(app, "Restore a Backup")
    see(app, "Backup file")
    looks(stage, app, "01-restore")
    app.key("Escape")
    click(app, "Get Started")
    see(app, "Create Account")
    app.fill(say("Relay"), "http://127.0.0.1:1")
    see(app, "Check Again")
    looks(stage, app, "02-unreachable")
    app.fill(say("Name"), "Carol")
    app.fill(say("Relay"), stage.server.origin)
    wait_for("the relay", lambda: "sensitive" in see(app, "Create Account", BUTTON).states)
    looks(stage, app, "03-account")
    click(app, "Create Account")
    recovery(stage, app)
    see(app, "Done")
    looks(stage, app, "04-code")
    click(app, "Done")
    see(app, "New Chat")
    looks(stage, app, "05-empty")


def backup(stage):
    """What a backup is, and what opens it"""
    app = stage.app
    app.key("ctrl+comma")
    press_row(app, say("Create a Backup"))
    see(app, "What Opens It")
    looks(stage, app, "05a-backup")
    app.key("Return")
    code = app.find("label", DIGITS).name
    looks(stage, app, "05b-backup-code")
    app.click("button", re.compile("Wríttén"))
    app.fill(say("The last five digits"), code[-5:])
    see(app, "That is right: this code opens the backup. Now choose where the file is saved.")
    looks(stage, app, "05c-backup-file")
    app.key("Escape")
    see(app, "What Opens It")
    app.tab_to("row", say("A passphrase of your own"))
    app.key("Return")
    see(app, "The backup opens with this passphrase only. Tessera does not keep it.")
    looks(stage, app, "05d-backup-passphrase")
    app.close_dialog()


def windows(stage):
    """Preferences, shortcuts, the about dialog and one's own code"""
    app = stage.app
    app.key("ctrl+comma")
    see(app, "Read receipts")
    looks(stage, app, "06-preferences")
    app.close_dialog()
    menu(app, say("Main Menu"))
    looks(stage, app, "07-main-menu", menu=True)
    app.choose("a")
    see(app, "The Tessera contributors")
    looks(stage, app, "08-about")
    app.close_dialog()
    click(app, "New Chat")
    see(app, "Add")
    app.fill(say("Code, link or name@relay"), "hello")
    looks(stage, app, "09-new-chat")
    app.close_dialog()
    app.key("ctrl+question")
    see(app, "Search chats and messages")
    looks(stage, app, "10-shortcuts", menu=True)
    check(app.end() == 0, "did not end cleanly")


def chat(stage):
    """A chat, its menu and its messages, replies and reactions"""
    alice, bob = stage.alice, stage.bob = stage.friends(stage.server, "Alice", "Bob")
    bob.cli("timer", "Alice", "3600")
    alice.cli("receive", "--timeout", "5")
    alice.cli("send", "Bob", "Hello")
    newest = json.loads(alice.cli("--json", "history", "Bob").splitlines()[-1])["id"]
    alice.cli("reply", "Bob", newest, "Hello Bob")
    alice.cli("react", "Bob", newest, "👍")
    bob.cli("receive", "--timeout", "5")
    bob.cli("send", "Alice", "Hello Alice")
    app = stage.app = opened(stage, alice)
    row = app.find("row", re.compile("^Bob"))
    looks(stage, app, "11-chats")
    app.press_secondary(row)
    app.find("menu item")
    looks(stage, app, "12-chat-menu", menu=True)
    app.key("Escape")
    app.wait_gone("menu item")
    app.press(row)
    see(app, "Message")
    app.sees("Hello Alice", role="row")
    looks(stage, app, "13-chat")
    app.press_secondary(app.find("row", re.compile("Hello Alice")))
    app.find("menu item")
    looks(stage, app, "14-message-menu", menu=True)
    app.key("Escape")
    app.wait_gone("menu item")
    app.key("ctrl+f")
    see(app, "Next Match")
    looks(stage, app, "15-search")
    app.key("Escape")


def dialogs(stage):
    """Verification, safety number and details of the chat"""
    app = stage.app
    click(app, "Verify")
    see(app, "Your code as a QR picture")
    looks(stage, app, "16-verify")
    click(app, "Compare Numbers Instead")
    see(app, "Mark as Verified")
    looks(stage, app, "17-number")
    app.close_dialog()
    menu(app, say("Chat Menu"))
    app.choose("d")
    see(app, "Safety number")
    looks(stage, app, "19-details")
    app.close_dialog()
    stage.server.kill()
    see(app, "Try Now")
    looks(stage, app, "20-offline")
    check(app.end() == 0, "did not end cleanly")


def command_line(stage):
    """The command line finds the same catalogue, and data in its output stays as it is"""
    program, env = stage.build / "src/cli/tessera-cli", {**stage.env, **stage.language}
    told = run(program, "--help", env=env).stdout
    check(say("send a message") in told and say("print JSON, one object a line") in told, told)
    told = run(program, "--profile", stage.scratch / "nobody", "address", env=env)
    check(told.returncode == 1 and told.stderr.startswith("tessera-cli: ⟦Théré ís nó prófílé"), told.stderr)
    told = run(program, "--profile", stage.alice.profile, "contacts", env=env).stdout
    check(told.startswith("Bob  (unverified"), told)


def verdict(stage):
    """All of it was translated, and within the window"""
    for person in ("carol", "alice"):
        for line in (stage.keep / f"{person}.log").read_text().splitlines():
            if TOO_WIDE.search(line):
                stage.bad.setdefault(line, "the log")
    check(not stage.bad, "\n".join(f"{where}: {what}" for what, where in stage.bad.items()))


main(first_start, backup, windows, chat, dialogs, command_line, verdict)
