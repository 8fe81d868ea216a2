#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev machine: a Debian 13 with systemd in an emulated machine, for what the relay does only there. It is in build-machine/.

    machine.py --system FILE         follows docs/relay.md: builds, installs, runs and mends a relay as an operator would
    machine.py --system FILE idle    the relay with 100,000 idle connections (JSON lines): many systems allow a process fewer

The machine has no network but its own loopback. Its disk is made of the packages in FILE (a .tar), and its second disk is the
source tree, as a .tar that it unpacks. What is run in it writes to its second serial port.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build-machine"
BENCH = ROOT / "build-bench"
MEASURED = ("relay/tessera-relay", "tests/bench/bench-relay", "tests/bench/relay-floor")
DISK_BYTES = 6 << 30  # sparse
KERNEL = re.compile(r"\./boot/(vmlinuz|initrd\.img)-")
# Emulated, a build takes some minutes, and 100,000 connections half an hour.
LIMIT = {"page": 3600, "idle": 7200}
GUEST = {
    "page": "exec python3 tests/machine/guest.py",
    "idle": "ulimit -n 300000; mkdir disk; ./bench-relay --relay ./tessera-relay --floor ./relay-floor --disk disk --many",
}
START = """#!/bin/sh
exec >/dev/ttyS1 2>&1 </dev/null
cd /tree
{}
"""


def say(text):
    print(f"machine: {text}", flush=True)


def make_disk(system, path):
    with tarfile.open(system) as packages:
        for member in packages:
            found = KERNEL.match(member.name)
            if found and member.isfile():
                with packages.extractfile(member) as source, open(FOLDER / found[1], "wb") as target:
                    shutil.copyfileobj(source, target)
    path.unlink(missing_ok=True)
    with open(path, "wb") as disk:
        disk.truncate(DISK_BYTES)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", system, path], check=True)


def make_tree(what, path):
    """The source tree without what was built or is not ours, and the command to run in it."""
    start = FOLDER / "start"
    start.write_text(START.format(GUEST[what]))
    start.chmod(0o755)
    with tarfile.open(path, "w") as tree:
        tree.add(start, "tree/start")
        if what == "idle":
            for name in MEASURED:
                tree.add(BENCH / name, f"tree/{Path(name).name}")
            return
        for entry in sorted(ROOT.iterdir()):
            if not entry.name.startswith(("build", ".git")):
                tree.add(entry, f"tree/{entry.name}")


def boot(what, disk, tree, words):
    command = "/bin/sh -c 'tar -x -f /dev/vdb -C /; exec /tree/start'"
    line = (f'root=/dev/vda rw console=ttyS0 quiet mitigations=off systemd.show_status=0 systemd.run="{command}" '
            "systemd.run_success_action=poweroff systemd.run_failure_action=poweroff")
    drive = "if=virtio,format=raw,file="
    return subprocess.Popen([
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "6G", "-nodefaults", "-nic", "none",
        "-display", "none", "-no-reboot", "-kernel", FOLDER / "vmlinuz", "-initrd", FOLDER / "initrd.img", "-append", line,
        "-drive", f"{drive}{disk},cache=unsafe", "-drive", f"{drive}{tree},readonly=on",
        "-serial", f"file:{FOLDER / 'console.log'}", "-serial", f"file:{words}"], stdin=subprocess.DEVNULL)


def follow(machine, words, limit):
    """Hands on each line that comes from the machine, until it ends or its time does; gives them."""
    lines, rest, end = [], "", time.monotonic() + limit
    with open(words, encoding="utf-8", errors="replace") as said:
        while True:
            over = machine.poll() is not None
            rest += said.read()
            *whole, rest = rest.split("\n")
            for text in whole:
                lines.append(text.rstrip("\r"))
                print(lines[-1], flush=True)
            if over:
                return lines
            if time.monotonic() > end:
                say(f"not done after {limit} s")
                machine.kill()
            time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(prog="./dev machine")
    parser.add_argument("--system", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("what", nargs="?", choices=tuple(GUEST), default="page")
    arguments = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    disk, tree, words = FOLDER / "disk.img", FOLDER / "tree.tar", FOLDER / f"{arguments.what}.log"
    make_disk(arguments.system, disk)
    make_tree(arguments.what, tree)
    words.write_text("")
    machine = boot(arguments.what, disk, tree, words)
    try:
        lines = follow(machine, words, LIMIT[arguments.what])
    finally:
        machine.kill()
        machine.wait()
        disk.unlink()
    if arguments.what == "idle":
        sys.exit(0 if any('"memory-100000-idle"' in text and '"value"' in text for text in lines) else 1)
    count = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1]) if lines else None
    if count is None:
        say(f"it ended before its tests did; see {FOLDER / 'console.log'}")
        print("0 passed, 1 failed")
    sys.exit(0 if count is not None and count[1] != "0" and count[2] == "0" else 1)


if __name__ == "__main__":
    main()
