# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator meets of the relay: docs/relay.md tells of each command, event of the log and metric, and no others."""
import re

from tree import line_of, problem, without_comments

COMMANDS, METRICS, PAGE = "relay/tess-relay-commands.c", "relay/tess-relay-metrics.c", "docs/relay.md"
EVENT = re.compile(r'tess_relay_log \(\s*G_LOG_LEVEL_\w+,\s*"([\w-]+)"|#define LIBRARY_EVENT "([\w-]+)"')
METRIC = re.compile(r'\badd \(\w+, "(\w+)"|tessera_relay_(\w+)\{')
COMMAND = re.compile(r'\{ "([a-z -]+)", \d+, \d+, \w+ \}')
HELP = re.compile(r'"  (\S.*?)  +\S.*\\n"')


def words_between(text, start, end):
    """{word in backticks: its line} in the part of the page from @start to @end; both are patterns."""
    part = re.search(f"{start}(.*?){end}", text, re.S)
    return {match.group(1): line_of(text, part.start(1) + match.start())
            for match in re.finditer(r"`([a-z][a-z_-]*)`", part.group(1))} if part else {}


def page_commands(text):
    """{command with its arguments: its line} of the table, and of the one before `FILE` that stands in a sentence."""
    found, inside = {}, False
    for number, line in enumerate(text.splitlines(), 1):
        cell = re.match(r"\| `(.+?)` \|", line)
        head = bool(cell) and cell.group(1) == "admin …"
        inside = line.startswith("|") and (inside or head)
        if inside and cell and not head:
            found["admin " + cell.group(1)] = number
        backup = re.search(r"`tessera-relay --data DIR (backup FILE)`", line)
        if backup:
            found[backup.group(1)] = number
    return found


def compare(what, program, page):
    """@program: {name: the file that has it}; @page: {name: its line}."""
    return ([problem(PAGE, 1, f"the {what} {one} of {program[one]} is not told of") for one in program if one not in page]
            + [problem(PAGE, page[one], f"there is no {what} {one}") for one in page if one not in program]
            + ([] if program else [problem("relay", 1, f"no {what} was found")]))


def check_operating(tree):
    """docs/relay.md names the commands with their arguments, the events and the metrics that the program has."""
    if not tree.has(COMMANDS):
        return []
    page = tree.read(PAGE) if tree.has(PAGE) else ""
    code = {path: without_comments(tree.read(path)) for path in tree.files(".c", under="relay/")}
    commands = {name: COMMANDS for name in HELP.findall(code[COMMANDS])}
    heads = {" ".join(word for word in name.split() if word.islower()) for name in commands}
    found = [problem(COMMANDS, 1, f"{name} is no command, or is not in the help")
             for name in sorted(heads ^ set(COMMAND.findall(code[COMMANDS])))]
    found += compare("command", commands, page_commands(page))
    events = {one or other: path for path, text in code.items() for one, other in EVENT.findall(text)}
    found += compare("event", events, {name: line for name, line in words_between(page, "Events: ", "Nothing in a line").items()
                                       if "_" not in name})
    metrics = {one or other: METRICS for one, other in METRIC.findall(code.get(METRICS, ""))}
    return found + compare("metric", metrics, words_between(page, "as `tessera_relay_…`: ", "They are sums"))
