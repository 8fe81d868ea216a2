#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the measurements of some suites: one JSON object a line on stdout, as docs/architecture.md says under Tests.

    bench.py --build DIR [--peers DIR] [SUITE…]

A suite is the programs that SUITES lists for it, with their arguments. The figures are CPU time, time and sizes, each beside its
floor measured in the same run; nothing here passes or fails by them. Without a suite all run but the one that takes long.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
RELAY = ("bench-relay", "--relay", "{build}/relay/tessera-relay", "--floor", "{build}/tests/bench/relay-floor",
         "--disk", "{disk}")
PEERS = ("--memory", "{memory}", "--peers", "{peers}", "--hub", f"{SOURCE}/tests/bench/peers/hub.js")
SUITES = {"session": [("bench-session",), ("bench-receive",)], "qr": [("bench-qr",)], "relay": [RELAY + PEERS],
          "relay-many": [RELAY + ("--many",)]}
ONLY_ASKED = {"relay-many"}
SECONDS = 900


def run(build, peers, command):
    """Runs one program with a folder of its own in memory and one on the disk; False when it failed or said what is no figure."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as memory, \
            tempfile.TemporaryDirectory(dir=build, prefix="measured-") as disk:
        arguments = [part.format(build=build, disk=disk, memory=memory, peers=peers) for part in command[1:]]
        environment = dict(os.environ, TMPDIR=memory, BENCH_NODE_PATH=f"{build}/peers/node_modules")
        good = True
        with subprocess.Popen([build / "tests" / "bench" / command[0], *arguments], stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, env=environment) as process:
            watchdog = threading.Timer(SECONDS, process.kill)
            watchdog.start()
            for line in process.stdout:
                good = show(command[0], line) and good
            watchdog.cancel()
        if process.returncode != 0:
            print(f"{command[0]} ended with code {process.returncode}", file=sys.stderr)
    return good and process.returncode == 0


def show(program, line):
    """Prints one figure as it comes; False when it is none."""
    try:
        print(json.dumps(json.loads(line)), flush=True)
    except ValueError:
        print(f"{program}: no figure: {line}", file=sys.stderr)
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description="run measurements")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--peers", default="/nowhere", help="a system with node and mosquitto")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=" ".join(SUITES))
    options = parser.parse_args()
    unknown = [suite for suite in options.suites if suite not in SUITES]
    if unknown:
        parser.error(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    suites = options.suites or [suite for suite in SUITES if suite not in ONLY_ASKED]
    commands = [command for suite in suites for command in SUITES[suite]]
    return 0 if all([run(options.build.resolve(), options.peers, command) for command in commands]) else 1


if __name__ == "__main__":
    sys.exit(main())
