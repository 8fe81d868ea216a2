# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay's settings: docs/relay.md tells an operator of each that the program knows, with the default that it has."""
import re

from tree import problem, without_comments

PROGRAM, PAGE, LIMITS = "relay/tess-relay-config.c", "docs/relay.md", "src/base/tess-limits.h"
SETTING = re.compile(r'\{\s*"(\w+)",\s*"(\w+)",\s*(KIND_\w+),\s*AT \((\w+)\)')
WORD = re.compile(r'\[(TESS_RELAY_\w+)\] = "([^"]*)"')
# What a setting without an initializer is: nothing, or the first of its words.
UNSET = {"KIND_SWITCH": "false", "KIND_POLICY": "open", "KIND_FORWARDED": "x-forwarded-for"}
# Made when the relay starts, of the port that it got.
COMPUTED = {("relay", "origin"): "http://127.0.0.1:PORT"}


def program_settings(tree):
    """{(group, key): default as the page writes it} of the table and the initializer in the program."""
    text = without_comments(tree.read(PROGRAM))
    words = dict(WORD.findall(text))
    limits = dict(re.findall(r"(?m)^#define (\w+) (\d+)\b", tree.read(LIMITS))) if tree.has(LIMITS) else {}
    initializer = re.search(r"\*self = \(TessRelayConfig\) \{(.*?)\n  \};", text, re.S)
    values = dict(re.findall(r"\.(\w+) = (.+?),\n", initializer.group(1) + "\n")) if initializer else {}
    found = {}
    for group, key, kind, member in SETTING.findall(text):
        value = values.get(member)
        string = re.fullmatch(r'g_strdup \("(.*)"\)', value or "")
        if (group, key) in COMPUTED:
            value = COMPUTED[group, key]
        elif string:
            value = string.group(1)
        elif kind in ("KIND_LIST", "KIND_PROXIES") or value is None:
            value = UNSET.get(kind, "none")
        found[group, key] = words.get(value, limits.get(value, value))
    return found


def page_settings(tree):
    """The same of the tables on the page, and {(group, key): its line}. A row may tell of several keys."""
    found, lines, group = {}, {}, None
    for number, line in enumerate(tree.read(PAGE).splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        head = re.fullmatch(r"`\[(\w+)\]`", cells[0]) if cells else None
        if head or not cells:
            group = head.group(1) if head else None
            continue
        keys = re.findall(r"`(\w+)`", cells[0]) if group else []
        defaults = [one.strip().strip("`") for one in cells[1].split(",")] if keys else []
        for place, key in enumerate(keys):
            lines[group, key] = number
            found[group, key] = defaults[0] if len(defaults) == 1 else defaults[place] if place < len(defaults) else None
    return found, lines


def check_settings(tree):
    """docs/relay.md names the settings that the program has, each with its default, and no others."""
    if not tree.has(PROGRAM):
        return []
    program = program_settings(tree)
    page, lines = page_settings(tree) if tree.has(PAGE) else ({}, {})
    found = [problem(PROGRAM, 1, "no settings were found")] if not program else []
    for (group, key), value in program.items():
        if (group, key) not in page:
            found.append(problem(PAGE, 1, f"[{group}] {key} is not told of"))
        elif page[group, key] != value:
            found.append(problem(PAGE, lines[group, key], f"[{group}] {key} is {value} unless set, not {page[group, key]}"))
    return found + [problem(PAGE, lines[one], f"[{one[0]}] {one[1]} is no setting") for one in page if one not in program]
