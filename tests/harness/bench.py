#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the measurements of some suites: one JSON object a line on stdout, as docs/architecture.md says under Tests.

    bench.py --build DIR [SUITE…]

A suite is every program tests/bench/bench-NAME that SUITES lists for it. The figures are CPU time and sizes, each beside its
floor measured in the same run; nothing here passes or fails by them.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SUITES = {"session": ("session", "receive")}
SECONDS = 600


def run(program):
    """Runs one program in a folder of its own in memory; False when it failed or said something that is no figure."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        done = subprocess.run([program], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=SECONDS,
                              env=dict(os.environ, TMPDIR=folder))
    for line in done.stdout.splitlines():
        try:
            figure = json.loads(line)
        except ValueError:
            print(f"{program.name}: no figure: {line}", file=sys.stderr)
            return False
        print(json.dumps(figure), flush=True)
    if done.returncode != 0:
        print(f"{program.name} ended with code {done.returncode}", file=sys.stderr)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description="run measurements")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=" ".join(SUITES))
    options = parser.parse_args()
    unknown = [suite for suite in options.suites if suite not in SUITES]
    if unknown:
        parser.error(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    folder = options.build.resolve() / "tests" / "bench"
    programs = [folder / f"bench-{name}" for suite in options.suites or SUITES for name in SUITES[suite]]
    return 0 if all([run(program) for program in programs]) else 1


if __name__ == "__main__":
    sys.exit(main())
