#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the crypto layer under Valgrind with every secret tainted: no branch and no index of ours may depend on one.

    ct.py --build DIR [FLOW…]

The driver (tests/secrets/ct-driver.c) marks secrets as undefined where they come into being, and what is public by construction
as defined, each with its reason (tests/secrets/taint.c). First come leaks that were planted, each of which has to be found. A
finding is named with the lines that lead to it. The last line has the counts; exit code 1 for a finding, or for a run that proves
nothing.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUPPRESSIONS = HERE.parent / "secrets" / "ct.supp"
PLANTED = ("planted-branch", "planted-index", "planted-compare")
SECONDS = 240
FRAMES = 8


class Broken(Exception):
    """The run itself failed: it says nothing about the code."""


def place(frame):
    name, file, line = (frame.findtext(tag) for tag in ("fn", "file", "line"))
    return f"{name or '?'} ({file}:{line})" if file else f"{name or '?'} in {Path(frame.findtext('obj') or '?').name}"


def run(driver, flow):
    """One flow: the findings as texts, how many were suppressed, and the driver's counts."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = ["valgrind", "--xml=yes", f"--xml-file={report.name}", "--child-silent-after-fork=yes",
                   f"--suppressions={SUPPRESSIONS}", "--num-callers=20", "--leak-check=no", str(driver), flow]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                              timeout=SECONDS, check=False)
        if done.returncode != 0:
            raise Broken(f"{flow} ended with code {done.returncode}: {done.stderr.strip()}")
        root = ElementTree.parse(report.name).getroot()
    findings = []
    for error in root.iter("error"):
        frames = [place(frame) for frame in error.find("stack").iter("frame")][:FRAMES]
        findings.append(f"{flow}: {error.findtext('what')}\n" + "\n".join(f"    {frame}" for frame in frames))
    suppressed = sum(int(pair.findtext("count")) for pair in root.iterfind("suppcounts/pair"))
    lines = done.stdout.strip().splitlines()
    return findings, suppressed, json.loads(lines[-1]) if lines else {}


def check_build(build):
    """What is measured has to be what a compiler makes of the code when it may turn it around."""
    said = subprocess.run(["meson", "introspect", "--buildoptions", str(build)], check=True, stdout=subprocess.PIPE).stdout
    options = {option["name"]: option["value"] for option in json.loads(said)}
    if options["optimization"] not in ("2", "3") or not options["debug"]:
        raise Broken(f"{build} is not built with -g and -O2: meson configure {build} --buildtype=debugoptimized")


def main():
    parser = argparse.ArgumentParser(description="look for branches and indices that depend on secrets")
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("flows", nargs="*", metavar="FLOW")
    options = parser.parse_args()
    driver, started = options.build.resolve() / "tests" / "secrets" / "ct-driver", time.monotonic()
    findings, suppressed, total = [], 0, {}
    try:
        check_build(options.build)
        if not driver.exists():
            raise Broken(f"{driver} is not built: Valgrind's headers are missing, or this is a sanitized build")
        for leak in PLANTED:
            if not run(driver, leak)[0]:
                raise Broken(f"the control {leak} was not found: this run proves nothing")
        flows = options.flows or subprocess.run([driver], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        for flow in flows:
            found, quiet, counts = run(driver, flow)
            print(f"{flow}: {len(found)} findings, {counts['secrets']} secrets, {counts['keys']} uses of a secret key",
                  flush=True)
            print("".join(text + "\n" for text in found), end="")
            findings += found
            suppressed += quiet
            total = {name: total.get(name, 0) + count for name, count in counts.items()}
        if total["lost"] > 0 or total["keys"] == 0 and not options.flows:
            raise Broken(f"{total['lost']} keys had lost their taint: this run proves nothing")
    except (Broken, subprocess.SubprocessError, OSError, ElementTree.ParseError) as error:
        print(f"ct: {error}", file=sys.stderr)
        return 1
    print(f"{len(findings)} findings in {len(flows)} flows, {len(PLANTED)} planted leaks found, "
          f"{total['secrets']} secrets tainted, {total['published']} declared public, "
          f"{suppressed} suppressed inside libsodium and libcrypto "
          f"({time.monotonic() - started:.0f} s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
