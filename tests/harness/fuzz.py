#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the fuzz targets under libFuzzer, for as long as asked, and says what came of it.

    fuzz.py --build DIR [--minutes N] [--target NAME]… [--jobs J]     run; the time is divided over the targets
    fuzz.py --build DIR --list                                        names, and how many inputs each keeps
    fuzz.py --build DIR --show FILE [--target NAME]                   one input as it is, and what its target makes of it
    fuzz.py --build DIR --minimise [--target NAME]…                   the working corpus into the small one of tests/fuzz/corpus

The working corpus lies in DIR/corpus and grows from run to run; a finding is kept in DIR/findings, and the command that
replays it is printed. The exit code is 1 when there were findings.
"""
import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
COMMITTED = TESTS / "fuzz" / "corpus"
DICTIONARIES = TESTS / "fuzz" / "dictionaries"
# Targets that speak JSON share its words; others have a dictionary of their own name or none.
SPEAKS_JSON = ("json", "requests", "notices", "directory", "bundle", "content", "mail", "link", "relay-services")
KEEP_FILES, KEEP_BYTES, KEEP_SIZE = 30, 150_000, 12_000
# The longest input, where it is not libFuzzer's 4 KiB.
MAX_LEN = {"json": 16384, "requests": 16384, "qr-picture": 16384, "mail": 8192, "link": 8192}
INPUT_SECONDS, MEMORY_MB = 25, 2560
MINIMISE_SECONDS = 900


def environment():
    """What sanitizers are told. A leak counts as a finding."""
    env = dict(os.environ, G_DEBUG="fatal-criticals", GSETTINGS_BACKEND="memory")
    env["ASAN_OPTIONS"] = "abort_on_error=1:detect_leaks=1:allocator_may_return_null=0:detect_stack_use_after_return=0"
    env["UBSAN_OPTIONS"] = "halt_on_error=1:abort_on_error=1:print_stacktrace=1"
    env["LSAN_OPTIONS"] = f"suppressions={TESTS / 'harness' / 'lsan.supp'}:print_suppressions=0"
    return env


class Target:
    def __init__(self, build, name):
        self.name, self.program = name, build / "tests" / "fuzz" / f"fuzz-{name}"
        self.corpus, self.log = build / "corpus" / name, build / "fuzz-logs" / f"{name}.log"
        self.findings, self.committed = build / "findings", COMMITTED / name
        self.process, self.started, self.seconds = None, 0.0, 0

    def folders(self):
        for folder in (self.corpus, self.log.parent, self.findings):
            folder.mkdir(parents=True, exist_ok=True)
        return [str(self.corpus)] + ([str(self.committed)] if self.committed.is_dir() else [])

    def options(self):
        found = [f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", "-verbosity=1", "-reload=0"]
        if self.name in MAX_LEN:
            found.append(f"-max_len={MAX_LEN[self.name]}")
        dictionary = DICTIONARIES / f"{'json' if self.name in SPEAKS_JSON else self.name}.dict"
        return found + ([f"-dict={dictionary}"] if dictionary.exists() else [])

    def start(self, seconds):
        self.seconds, self.started = seconds, time.monotonic()
        self.before = set(self.found())
        command = ["nice", "-n", "19", str(self.program), f"-max_total_time={seconds}", "-print_final_stats=1",
                   f"-artifact_prefix={self.findings}/{self.name}-", *self.options(), *self.folders()]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def found(self):
        return sorted(self.findings.glob(f"{self.name}-*-*")) if self.findings.is_dir() else []

    def stop(self):
        """Asks it to end as Ctrl+C would, so that it still counts; then ends it."""
        for sig, wait in ((signal.SIGINT, 10), (signal.SIGKILL, 5)):
            if self.process is None or self.process.poll() is not None:
                return
            self.process.send_signal(sig)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                pass

    def over(self):
        if self.process.poll() is None and time.monotonic() > self.started + self.seconds + 2 * INPUT_SECONDS + 60:
            self.stop()
        return self.process.poll() is not None

    def result(self):
        """Name, executions, executions a second, edges, features, inputs in the corpus, findings."""
        text = self.log.read_text(errors="replace")
        last = {}
        for match in re.finditer(r"^#(\d+)\t.*?cov: (\d+) ft: (\d+) corp: (\d+)/", text, re.M):
            last = dict(zip(("runs", "cov", "ft", "corp"), map(int, match.groups())))
        runs = re.search(r"number_of_executed_units: +(\d+)", text)
        count = int(runs.group(1)) if runs else last.get("runs", 0)
        spent = max(1.0, time.monotonic() - self.started)
        new = [path for path in self.found() if path not in self.before and "-slow-unit-" not in path.name]
        if self.process.returncode not in (0, -signal.SIGINT) and not new:
            new.append(self.log)
        return [self.name, count, int(count / min(spent, max(self.seconds, 1))), last.get("cov", 0), last.get("ft", 0),
                last.get("corp", 0), new]


def all_targets(build, wanted):
    names = sorted(path.name[len("fuzz-"):] for path in (build / "tests" / "fuzz").glob("fuzz-*") if path.is_file())
    unknown = [name for name in wanted if name not in names]
    if unknown or not names:
        sys.exit(f"fuzz: no such target: {' '.join(unknown)} (there are: {' '.join(names) or 'none; is this a fuzz build?'})")
    return [Target(build, name) for name in (wanted or names)]


def run(targets, minutes, jobs):
    seconds = max(5, int(minutes * 60 * jobs / len(targets)))
    whole = len(targets) * seconds / jobs / 60
    print(f"{len(targets)} targets, {seconds} s each, {jobs} at once: {whole:.1f} minutes", flush=True)
    waiting, running, done = list(targets), [], []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(waiting.pop(0))
                running[-1].start(seconds)
            time.sleep(0.5)
            for target in [target for target in running if target.over()]:
                running.remove(target)
                done.append(target.result())
                name, runs, found = done[-1][0], done[-1][1], len(done[-1][6])
                print(f"  {len(done)}/{len(targets)} {name}: {runs} executions, {found} findings", flush=True)
    except KeyboardInterrupt:
        print("stopping")
    for target in running:
        target.stop()
        done.append(target.result())
    return report(targets, done)


def report(targets, done):
    print(f"\n{'target':<16}{'executions':>12}{'exec/s':>9}{'edges':>8}{'features':>10}{'corpus':>8}{'findings':>10}")
    for row in sorted(done):
        print(f"{row[0]:<16}{row[1]:>12}{row[2]:>9}{row[3]:>8}{row[4]:>10}{row[5]:>8}{len(row[6]):>10}")
    by_name = {target.name: target for target in targets}
    for row in done:
        for path in row[6]:
            where = os.path.relpath(path)
            print(f"finding: {where}\n  replay: ./dev fuzz --show {where} --target {row[0]}")
            print(f"  said: {os.path.relpath(by_name[row[0]].log)}")
    return 1 if any(row[6] for row in done) else 0


def show(build, path, wanted):
    """The bytes, and the target's own words about them."""
    names = [target.name for target in all_targets(build, [])]
    guessed = [name for name in names if path.name.startswith(name + "-") or path.parent.name == name]
    name = (wanted or sorted(guessed, key=len)[-1:] or [None])[0]
    if name is None:
        sys.exit(f"fuzz: which target is {path} for? Say so with --target")
    data = path.read_bytes()
    print(f"{name}: {len(data)} bytes")
    for at in range(0, min(len(data), 1024), 16):
        part = data[at:at + 16]
        print(f"  {at:04x}  {part.hex(' '):<48}  {''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in part)}")
    command = [str(all_targets(build, [name])[0].program), str(path)]
    return 1 if subprocess.run(command, env=environment(), check=False).returncode else 0


def coverage(control):
    """What each input of a merge reached, by its path: (edges, features), as libFuzzer's control file has it."""
    lines = control.read_text(errors="replace").splitlines()
    paths = lines[2:2 + int(lines[0])]
    reached = {path: (set(), set()) for path in paths}
    for line in lines[2 + len(paths):]:
        words = line.split()
        if words and words[0] in ("FT", "COV"):
            reached[paths[int(words[1])]][words[0] == "FT"].update(words[2:])
    return reached


def choose(reached, kept):
    """Inputs that reach what the kept ones do not, best for their size first, within the bounds."""
    edges, features = set(), set()
    for path in kept:
        edges |= reached.get(str(path), (set(), set()))[0]
        features |= reached.get(str(path), (set(), set()))[1]
    sizes = {path: os.path.getsize(path) for path in reached}
    left = {path for path in reached if sizes[path] <= KEEP_SIZE and Path(path) not in kept}
    chosen, room = [], KEEP_BYTES - sum(path.stat().st_size for path in kept)
    while left and len(chosen) + len(kept) < KEEP_FILES:
        def worth(path):
            new = 20 * len(reached[path][0] - edges) + len(reached[path][1] - features)
            return new / (64 + sizes[path]) ** 0.5
        best = max(sorted(left), key=worth)
        left.remove(best)
        if worth(best) == 0:
            break
        if sizes[best] > room:
            continue
        chosen.append(best)
        room -= sizes[best]
        edges |= reached[best][0]
        features |= reached[best][1]
    return chosen


def minimise(targets):
    """Seeds and what once was a finding stay; the rest of a committed corpus is chosen anew."""
    for target in targets:
        folders = target.folders()
        control, merged = target.log.with_suffix(".merge"), target.corpus.with_name(target.name + ".merged")
        for leftover in (control, merged):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
        merged.mkdir()
        command = ["nice", "-n", "19", str(target.program), "-merge=1", f"-merge_control_file={control}",
                   f"-max_total_time={MINIMISE_SECONDS}", *target.options(), str(merged), *folders]
        with open(target.log.with_suffix(".merge.log"), "wb") as log:
            subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        shutil.rmtree(merged)
        target.committed.mkdir(parents=True, exist_ok=True)
        kept = sorted([*target.committed.glob("seed-*"), *target.committed.glob("found-*")])
        chosen = {path: Path(path).read_bytes() for path in choose(coverage(control), kept)}
        for path in target.committed.iterdir():
            if path not in kept:
                path.unlink()
        for data in chosen.values():
            (target.committed / f"{hashlib.sha256(data).hexdigest()[:12]}.bin").write_bytes(data)
        files = list(target.committed.iterdir())
        print(f"{target.name}: {len(files)} files, {sum(path.stat().st_size for path in files)} bytes", flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description="run the fuzz targets under libFuzzer")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--minutes", type=float, default=5.0, help="of the whole run (default 5)")
    parser.add_argument("--target", action="append", default=[], metavar="NAME", help="only this one; may come several times")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once (default 1)")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--show", type=Path, metavar="FILE")
    parser.add_argument("--minimise", action="store_true")
    options = parser.parse_args()
    build = options.build.resolve()
    targets = all_targets(build, options.target)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.list:
        for target in targets:
            kept = list(target.committed.glob("*"))
            print(f"{target.name:<16}{len(kept):>4} files {sum(path.stat().st_size for path in kept):>8} bytes")
        return 0
    if options.show:
        return show(build, options.show, options.target)
    if options.minimise:
        return minimise(targets)
    return run(targets, options.minutes, max(1, options.jobs))


if __name__ == "__main__":
    sys.exit(main())
