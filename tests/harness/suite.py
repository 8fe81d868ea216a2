#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the test suites of a build folder, each in a private session, and counts what passed.

    suite.py --build DIR [SUITE…]

The last line is exactly `N passed, N failed`, with `, N skipped` when there are any: a test that was skipped did not pass, so it
fails the run, as does a run without tests. Subtests of TAP programs count one each.
"""
import argparse
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from session import Session, SessionError  # noqa: E402

SUITES = ("lint", "unit", "property", "fuzz", "integration", "gui")
SERIAL = ("gui",)
BAD = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")
OUTPUT_LINES, OUTPUT_COLUMNS, OUTPUT_TESTS = 80, 400, 8


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def introspect(build, what):
    command = ["meson", "introspect", f"--{what}", str(build)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def sanitized(build):
    options = {option["name"]: option["value"] for option in introspect(build, "buildoptions")}
    return options.get("b_sanitize", "none") not in ("none", [])


def suites_of(build):
    """How many tests each suite of the build has."""
    tests = {}
    for test in introspect(build, "tests"):
        for suite in test["suite"]:
            tests.setdefault(suite.rpartition(":")[2], []).append(test["name"])
    return tests


def count_junit(path):
    """The counts, and the names of cases and programs with a failure in them."""
    count, broken = Count(), set()
    for group in ElementTree.parse(path).getroot().iter("testsuite"):
        for case in group.findall("testcase"):
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error"}:
                count.failed += 1
                broken |= {case.get("name", "").rpartition(" / ")[2], group.get("name", "").partition(".")[2]}
            elif "skipped" in kinds:
                count.skipped += 1
            else:
                count.passed += 1
    return count, broken


def root_obeys_modes(build):
    """Lets file modes bind root too in what is started from here, so that tests of unwritable folders mean something there."""
    if os.geteuid() == 0 and os.stat(build).st_uid == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def bounded(text):
    lines = [line if len(line) <= OUTPUT_COLUMNS else line[:OUTPUT_COLUMNS] + " …" for line in text.rstrip().splitlines()]
    if len(lines) <= OUTPUT_LINES:
        return lines
    # The beginning says what was asked, the end what happened.
    head = OUTPUT_LINES // 4
    return lines[:head] + [f"… {len(lines) - OUTPUT_LINES} lines left out …"] + lines[head - OUTPUT_LINES:]


def show_failure(suite, record):
    print(f"--- {suite}: {record['name']}: {record['result']} (exit code {record['returncode']}, {record['duration']:.1f} s)")
    for stream in ("stdout", "stderr"):
        for line in bounded(record.get(stream) or ""):
            print("    " + line)


def run_suite(build, suite, session, slow):
    """Runs one suite in @session; its Count."""
    base = f"testlog-{suite}"
    for kind in ("json", "junit.xml", "txt"):
        (build / "meson-logs" / f"{base}.{kind}").unlink(missing_ok=True)
    processes = "1" if suite in SERIAL else os.environ.get("MESON_TESTTHREADS") or str(max(2, os.cpu_count() or 2))
    command = ["meson", "test", "-C", str(build), "--no-rebuild", "--suite", suite, "--logbase", base]
    command += ["--num-processes", processes, "--timeout-multiplier", "4" if slow else "1"]
    env = dict(session.env, NO_COLOR="1", G_DEBUG="fatal-criticals", TESSERA_BUILD=str(build.resolve()))
    if slow:
        env["ASAN_OPTIONS"] = "halt_on_error=1:abort_on_error=1:detect_leaks=1:fast_unwind_on_malloc=0"
        env["UBSAN_OPTIONS"] = "halt_on_error=1:abort_on_error=1:print_stacktrace=1"
        env["LSAN_OPTIONS"] = f"suppressions={Path(__file__).resolve().parent / 'lsan.supp'}:print_suppressions=0"
        env["G_DEBUG"] = "fatal-criticals,gc-friendly"
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        said = []
        for line in process.stdout:
            said.append(line)
            shown = re.match(r"\s*(\d+/\d+) (?:\S+ / )?(.*)", line)
            if shown:
                print(f"  {suite} {shown.group(1)} {shown.group(2).rstrip()}", flush=True)
    return judge(build, suite, base, process.returncode, said)


def judge(build, suite, base, code, said):
    count, broken, records = Count(), set(), []
    try:
        count, broken = count_junit(build / "meson-logs" / f"{base}.junit.xml")
        with open(build / "meson-logs" / f"{base}.json", encoding="utf-8") as log:
            records = [json.loads(line) for line in log if line.strip()]
        for record in records:  # "project:suite / name" once there are several suites
            record["name"] = record["name"].rpartition(" / ")[2]
    except (OSError, ValueError, ElementTree.ParseError) as error:
        print(f"--- {suite}: no results ({error})")
    bad = [record for record in records if record["result"] in BAD]
    # A program that died between its subtests has no failing subtest to show for it.
    count.failed += sum(1 for record in bad if record["name"] not in broken)
    for record in bad[:OUTPUT_TESTS]:
        show_failure(suite, record)
    if len(bad) > OUTPUT_TESTS:
        print(f"--- {suite}: {len(bad) - OUTPUT_TESTS} more failed: {' '.join(record['name'] for record in bad[OUTPUT_TESTS:])}")
    for record in records:
        if record["result"] == "SKIP":
            print(f"--- {suite}: {record['name']} was skipped; a skipped test fails the run")
    if code != 0 and count.failed == 0:
        count.failed += 1
        print(f"--- {suite}: meson test ended with code {code}")
        print("".join(said[-20:]), end="")
    return count


def main():
    parser = argparse.ArgumentParser(description="run test suites and count what passed")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=" ".join(SUITES))
    options = parser.parse_args()
    unknown = [suite for suite in options.suites if suite not in SUITES]
    if unknown:
        parser.error(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    root_obeys_modes(options.build)
    total, tests, slow = Count(), suites_of(options.build), sanitized(options.build)
    for suite in options.suites or SUITES:
        if suite not in tests:
            if options.suites:
                print(f"{suite}: no tests")
            continue
        started = time.monotonic()
        print(f"{suite}: {len(tests[suite])} test programs" + (" (sanitized)" if slow else ""), flush=True)
        try:
            with Session() as session:
                count = run_suite(options.build, suite, session, slow)
        except SessionError as error:
            print(f"--- {suite}: {error}")
            count = Count()
            count.failed = len(tests[suite])
        total.add(count)
        print(f"{suite}: {count} ({time.monotonic() - started:.1f} s)", flush=True)
    print(total, flush=True)
    return 0 if total.passed > 0 and total.failed == 0 and total.skipped == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
