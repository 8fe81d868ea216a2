#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random histories of several people, and of single sessions, beyond those of the test suite.

    soak.py --build DIR [--minutes N | --histories N] [--seed S] [--jobs J]

Each history has a seed of its own, counted from the first one on. The first that fails ends the run, with what happened in it
and the command that replays it. The last line says how many passed.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BATCH = 50
PROGRAMS = ("test-histories", "test-ratchets")
TRACE_LINES = 400


def arguments():
    parser = argparse.ArgumentParser(prog="./dev soak", description="More random histories than the tests have time for.")
    parser.add_argument("--build", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, help="how long (10 when nothing is said)")
    parser.add_argument("--histories", type=int, help="how many, instead of how long")
    parser.add_argument("--seed", type=int, help="of the first one; a random one when nothing is said")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser.parse_args()


class Batch:
    """Some histories in a process of their own."""

    def __init__(self, program, count, seed):
        self.count, self.seed = count, seed
        self.output = tempfile.TemporaryFile("w+", errors="replace")
        env = {name: value for name, value in os.environ.items() if name != "TESSERA_SEED"}
        env["G_DEBUG"] = "fatal-criticals"
        self.process = subprocess.Popen([program, str(count), str(seed)], env=env, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT)

    def said(self):
        self.output.seek(0)
        return self.output.read().splitlines()


def batches(options):
    """What is to be run, in order: program, count, first seed. One batch in eight is of single sessions."""
    seed = options.seed if options.seed is not None else random.randrange(1, 1 << 31)
    left = options.histories
    number = 0
    while left is None or left > 0:
        count = BATCH if left is None else min(BATCH, left)
        yield PROGRAMS[1] if number % 8 == 7 else PROGRAMS[0], count, seed % (1 << 32) or 1
        seed += count
        number += 1
        left = None if left is None else left - count


def soak(options):
    """How many passed, and the batch that failed or None."""
    folder = options.build.resolve() / "tests" / "property"
    minutes = options.minutes or 10
    end = time.monotonic() + minutes * 60 if options.histories is None else None
    todo, running, passed, told = batches(options), [], 0, time.monotonic()
    try:
        while True:
            while len(running) < options.jobs and (end is None or time.monotonic() < end):
                batch = next(todo, None)
                if batch is None:
                    break
                running.append(Batch(folder / batch[0], *batch[1:]))
            if not running:
                return passed, None
            for batch in [batch for batch in running if batch.process.poll() is not None]:
                running.remove(batch)
                if batch.process.returncode != 0:
                    return passed, batch
                passed += batch.count
            if time.monotonic() - told > 30:
                told = time.monotonic()
                print(f"{passed} histories so far", flush=True)
            time.sleep(0.05)
    finally:
        for batch in running:
            batch.process.kill()
            batch.process.wait()


def main():
    options = arguments()
    try:
        passed, failed = soak(options)
    except KeyboardInterrupt:
        print("stopped")
        return 130
    if failed is not None:
        for line in failed.said()[-TRACE_LINES:]:
            print(line)
        print(f"a history failed (exit code {failed.process.returncode}); the line above replays it")
    print(f"{passed} histories passed" + (", 1 failed" if failed is not None else ""))
    return 1 if failed is not None else 0


if __name__ == "__main__":
    sys.exit(main())
