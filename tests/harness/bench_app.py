#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the app in an X server of its own, beside a bare window of libadwaita in the same run. JSON lines, as bench.py.

    bench_app.py --build DIR [--messages N…] [--runs N] [--idle SECONDS]

For each N a profile with 20 chats is filled with so many messages through the store (tests/bench/app/fill.c). What is measured,
and the targets: docs/architecture.md, Tests. A target that is missed fails nothing here: `target` stands beside the figure.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from people import Person, Relay, environment, introduce  # noqa: E402
from session import Session  # noqa: E402

CHATS, BURST, SECONDS = 20, 1000, 900
UNITS = {"seconds": "s", "frames": "count", "messages": "count", "50": "count", "rss": "MiB", "pss": "MiB", "wakeups": "a_minute",
         "leak": "bytes"}
# Targets of a figure: so much more than the floor, times the floor, or at most so much.
ADDED, TIMES = {"idle-pss": 25}, {"first-frame": 1.3}
MOST = {"open-median": 100, "open-max": 100, "search-max": 100, "burst-turn-max": 50, "burst-frame-max": 50, "switch-leak": 64}


def unit_of(name):
    return "ms_cpu" if "-cpu" in name else UNITS.get(name.rpartition("-")[2], "ms")


def show(name, value, floor=None, runs=1, **more):
    line = {"suite": "app", "name": name, "value": round(value, 1), "unit": unit_of(name.partition(".")[0])}
    if floor is not None:
        line |= {"floor": round(floor, 1), "ratio": round(value / floor, 2) if floor else None}
    base = name.partition(".")[0]
    if base in ADDED and floor is not None:
        line["target"] = round(floor + ADDED[base], 1)
    elif base in TIMES and floor is not None:
        line["target"] = round(floor * TIMES[base], 1)
    elif base in MOST:
        line["target"] = MOST[base]
    print(json.dumps(line | {"runs": runs} | more), flush=True)


def skip(name, why):
    print(json.dumps({"suite": "app", "name": name, "skipped": why}), flush=True)


def started(command, env):
    env = dict(env, BENCH_STARTED=str(time.monotonic_ns() // 1000))
    return subprocess.Popen([str(word) for word in command], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def figures(process, on_ready=None, on_figure=None):
    """What the program says of itself: a dictionary of floats, and `renderer`; each float goes to @on_figure as it comes."""
    found = {}
    for line in process.stdout:
        name, _, value = line.strip().partition(" ")
        if name == "ready" and on_ready:
            on_ready()
        elif value:
            found[name] = value if name == "renderer" else float(value)
            if on_figure and name != "renderer":
                on_figure(name, found[name])
    if process.wait(SECONDS) != 0:
        raise RuntimeError(f"{process.args[0]} ended with code {process.returncode} after {found}")
    return found


class Bench:
    def __init__(self, options, folder, env):
        self.options, self.folder, self.env = options, folder, env
        self.programs = options.build / "tests" / "bench" / "app"
        self.relay = Relay(options.build, folder / "relay", folder / "relay.log", env)
        self.profile, self.messages, self.floor = None, 0, {}

    def app(self, *arguments, **callbacks):
        return figures(started([self.programs / "bench-app", self.profile, *arguments], self.env), **callbacks)

    def bare(self, *arguments):
        return figures(started([self.programs / "bench-bare", *arguments], self.env))

    def fill(self, *arguments):
        command = [str(word) for word in (self.programs / "bench-fill", *arguments)]
        subprocess.run(command, env=self.env, check=True, timeout=SECONDS)

    def people(self, messages):
        """Alice, who has years of chats, the first of them with Bob."""
        self.messages = messages
        place = self.folder / str(messages)
        self.alice, self.bob = (Person(self.options.build, name, place / name.lower(), self.env) for name in ("Alice", "Bob"))
        for person in (self.alice, self.bob):
            person.register(self.relay)
        introduce(self.alice, self.bob)
        self.profile = self.alice.profile
        began = time.monotonic()
        self.fill(self.profile, "messages", CHATS, messages)
        seconds = time.monotonic() - began
        (self.profile / "window.ini").write_text("[window]\nwidth=940\nheight=680\nconversation=1\n")
        size = sum(path.stat().st_size for path in self.profile.iterdir() if path.is_file())
        print(f"{messages} messages stored in {seconds:.0f} s, {size >> 20} MiB", file=sys.stderr)

    def name(self, name):
        return f"{name}.{self.messages}"

    def start(self):
        """Starting, and memory when nothing happens: app and bare window by turns."""
        app, bare = [], []
        for _ in range(self.options.runs + 1):  # the first fills the caches
            bare.append(self.bare())
            app.append(self.app("-"))
        for name in ("first-frame", "first-frame-cpu", "usable", "usable-cpu", "idle-rss", "idle-pss"):
            value, floor = (statistics.median(run[name] for run in runs[1:]) for runs in (app, bare))
            show(self.name(name), value, floor, self.options.runs, renderer=app[0]["renderer"])
        self.floor = {name: statistics.median(run[name] for run in bare[1:]) for name in ("idle-rss", "idle-pss")}

    def work(self):
        """What one does with chats, and the wake-ups when one does nothing."""
        wakeups = self.bare(self.options.idle)["wakeups"]
        floors = {"wakeups": wakeups, "chats-rss": self.floor.get("idle-rss"), "chats-pss": self.floor.get("idle-pss")}

        def on_figure(name, value):
            if name.partition("-")[0] in ("open", "chats", "scroll", "search", "switch", "wakeups"):
                show(self.name(name), value, floors.get(name))

        self.app(self.options.work, CHATS, self.options.idle, self.messages // CHATS, on_figure=on_figure)

    def burst(self):
        """A thousand messages that waited on the relay come at once, into the open chat."""
        self.fill(self.bob.profile, "say", BURST)
        self.relay.stop()
        found = self.app("b", on_ready=self.relay.start)
        for name, value in found.items():
            if name.startswith("burst"):
                show(self.name(name), value)


def dino():
    """Another messenger of the same toolkit, where it is installed: when its first window is there."""
    if shutil.which("dino-im") is None:
        skip("dino-im", "dino-im is not installed")
        return
    began = time.monotonic()
    process = subprocess.Popen(["dino-im"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = ["xdotool", "search", "--sync", "--onlyvisible", "--pid", str(process.pid)]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)
    show("dino-im-window", (time.monotonic() - began) * 1000)
    time.sleep(5)
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in rollup if line.startswith(("Rss", "Pss:"))}
    show("dino-im-rss", sizes["Rss:"])
    show("dino-im-pss", sizes["Pss:"])
    process.terminate()
    process.wait(20)


def main():
    parser = argparse.ArgumentParser(description="measure the app")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--messages", type=int, nargs="+", default=[100000, 1000000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--idle", type=int, default=60, help="seconds in which wake-ups are counted")
    parser.add_argument("--renderer", default="cairo", help="of both; GL in software would be most of what is seen")
    parser.add_argument("--work", default="wosfc", help="letters: w wakeups, o opening, s scrolling, f finding, c changing chats")
    parser.add_argument("--parts", nargs="+", default=["start", "work", "burst", "dino"], help="start work burst dino")
    options = parser.parse_args()
    options.build = options.build.resolve()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with Session(x11="1280x900") as session, tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
        session.export()
        bench = Bench(options, Path(folder), environment(session, GSK_RENDERER=options.renderer))
        for messages in options.messages:
            bench.relay.start()
            bench.people(messages)
            for part in ("start", "work", "burst"):
                if part in options.parts:
                    getattr(bench, part)()
            bench.relay.stop()
        if "dino" in options.parts:
            dino()
    return 0


if __name__ == "__main__":
    sys.exit(main())
