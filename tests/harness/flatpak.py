#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev flatpak: builds the Flatpak from the manifest as it stands, runs its tests inside, makes a bundle of one file, installs
that for a user of its own, and plays a conversation between two sandboxed apps. All of it is in build-flatpak/.

GNOME's runtime is not always within reach: its place is taken by one of Debian 13's packages with the same name and branch.
"""
import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build-flatpak"
MANIFEST = next(iter(sorted((ROOT / "flatpak").glob("*.json"))))
# The same files, by their checksums, where Debian keeps them: for a machine that reaches a mirror of Debian and nothing else.
DEBIAN = {
    "blueprint-compiler": "b/blueprint-compiler/blueprint-compiler_{}.orig.tar.bz2",
    "openssl": "o/openssl/openssl_{}.orig.tar.gz",
    "libsodium": "libs/libsodium/libsodium_{}.orig.tar.gz",
    "libspelling": "libs/libspelling/libspelling_{}.orig.tar.xz",
    "sqlcipher": "s/sqlcipher/sqlcipher_{}.orig.tar.gz",
    "qrencode": "q/qrencode/qrencode_{}.orig.tar.bz2",
    "zbar": "z/zbar/zbar_{}.orig.tar.gz",
}
# The stand-in brings these as well, for where neither place has them.
BROUGHT = ("libspelling",)
METADATA = """[Runtime]
name=org.gnome.{kind}
runtime=org.gnome.Platform/{arch}/{branch}
sdk=org.gnome.Sdk/{arch}/{branch}

[Environment]
GI_TYPELIB_PATH=/app/lib/girepository-1.0
GST_PLUGIN_SYSTEM_PATH=/app/lib/gstreamer-1.0:/usr/lib/{arch}-linux-gnu/gstreamer-1.0
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/user-share:/run/host/share
"""
# What flatpak-builder comes to, each of which takes its time.
PARTS = re.compile(r"^Building module \S+ in |^Running tests$")
# What a runtime gets from the host, and must not bring.
OF_HOST = """passwd passwd- group group- shadow shadow- gshadow gshadow- subuid subgid resolv.conf hosts hostname machine-id mtab
    localtime ld.so.cache""".split()


class Failure(Exception):
    """A step failed; the text says which, and where its words are."""


def say(text):
    print(f"flatpak: {text}", flush=True)


def run(what, *command, parts=None, **env):
    """Runs a command to its end; its words go to a file in build-flatpak/, the last of them to whoever sees it fail. Which of its
    @parts it comes to, a pattern of such lines, is said at once."""
    path = FOLDER / f"{what.replace(chr(32), chr(45))}.log"
    started = time.monotonic()
    with open(path, "wb") as output, open(path, encoding="utf-8", errors="replace") as said:
        words, pipes = [str(word) for word in command], {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        process = subprocess.Popen(words, env={**os.environ, **env}, cwd=ROOT, **pipes)
        while process.poll() is None:
            for line in said:
                if parts and parts.search(line):
                    say(f"  {time.monotonic() - started:4.0f} s: {line.partition(' in /')[0].strip()}")
            time.sleep(0.2)
    if process.returncode != 0:
        last = "\n".join(path.read_text(errors="replace").splitlines()[-40:])
        raise Failure(f"{what}: {command[0]} ended with code {process.returncode}. The last words of {path}:\n{last}")
    say(f"{what} ({time.monotonic() - started:.0f} s)")


def flatpak(what, *arguments, **env):
    run(what, "flatpak", *arguments, **env)


def make_runtime(standin, kind, arch, branch):
    """A runtime of the files in @kind.tar, exported to the stand-in's repository."""
    tree, archive = standin / f"tree-{kind}", standin / f"{kind}.tar"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "whole").mkdir(parents=True)
    run(f"unpacking {kind}", "tar", "-x", "-f", archive, "-C", tree / "whole", "--no-same-owner", "--exclude=./dev/*")
    files = tree / "files"
    (tree / "whole" / "usr").rename(files)
    (tree / "whole" / "etc").rename(files / "etc")
    shutil.rmtree(tree / "whole")
    for name in ("share/doc", "share/man", "share/info", "etc/apt"):
        shutil.rmtree(files / name, ignore_errors=True)
    for name in OF_HOST:
        (files / "etc" / name).unlink(missing_ok=True)
    (files / "etc" / "ld.so.conf").write_text("")
    if (files / "lib64").is_symlink():
        (files / "lib64").unlink()
    shutil.rmtree(files / "lib64", ignore_errors=True)
    (files / "lib64").symlink_to(f"lib/{arch}-linux-gnu")
    (tree / "metadata").write_text(METADATA.format(kind=kind, arch=arch, branch=branch))
    flatpak(f"exporting {kind}", "build-export", "--runtime", "--files=files", "--disable-fsync", standin / "repo", tree, branch)
    shutil.rmtree(tree)


def make_standin(standin, arch, branch):
    """org.gnome.Platform and org.gnome.Sdk of that branch as an installation, once."""
    made = standin / "made"
    if made.exists() and made.read_text() == branch:
        return
    say("making runtimes of Debian's packages, once")
    for name in ("repo", "flatpak"):
        shutil.rmtree(standin / name, ignore_errors=True)
    env = {"FLATPAK_USER_DIR": str(standin / "flatpak")}
    run("making their repository", "ostree", "init", f"--repo={standin / 'repo'}", "--mode=bare-user-only")
    for kind in ("Platform", "Sdk"):
        make_runtime(standin, kind, arch, branch)
    flatpak("naming it", "--user", "remote-add", "--no-gpg-verify", "standin", f"file://{standin / 'repo'}", **env)
    flatpak("installing them", "--user", "install", "-y", "--noninteractive", "standin", f"org.gnome.Platform//{branch}",
            f"org.gnome.Sdk//{branch}", **env)
    made.write_text(branch)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(url, path, checksum):
    """Whether the file with that checksum could be had from there."""
    part = path.with_suffix(".part")
    try:
        with urllib.request.urlopen(url, timeout=60) as source, open(part, "wb") as target:
            shutil.copyfileobj(source, target)
    except OSError:
        return False
    if digest(part) != checksum:
        say(f"{url} is another file than the manifest's")
        return False
    part.rename(path)
    return True


def fetch_sources(manifest):
    """Puts each archive where flatpak-builder looks before it asks the network: by its checksum. Gives the names of those modules
    that the stand-in brings instead."""
    brought = set()
    mirror = (os.environ.get("DEBIAN_MIRROR") or "http://deb.debian.org/debian").rstrip("/")
    for module in manifest["modules"]:
        for source in module["sources"]:
            if source["type"] != "archive":
                continue
            path = FOLDER / "state" / "downloads" / source["sha256"] / source["url"].rpartition("/")[2]
            if path.exists() and digest(path) == source["sha256"]:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            version = re.search(r"\d+(\.\d+)+", path.name).group(0)
            places = [source["url"], f"{mirror}/pool/main/{DEBIAN[module['name']].format(version)}"]
            if any(fetch(place, path, source["sha256"]) for place in places):
                continue
            if module["name"] in BROUGHT:
                say(f"{module['name']} is out of reach: Debian's build of it takes its place, and its module is not tried")
                brought.add(module["name"])
            else:
                raise Failure(f"{module['name']}: neither of these gives {source['sha256']}:\n" + "\n".join(places))
    return brought


def build(manifest, branch, brought):
    """The app in a repository, and that in one file."""
    path = MANIFEST
    if brought:
        path = FOLDER / "manifest.json"
        modules = [module for module in manifest["modules"] if module["name"] not in brought]
        path.write_text(json.dumps({**manifest, "modules": modules}))
    for name in ("app", "repo", "user"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    say(f"building against org.gnome.Platform {branch} (stand-in): the modules, the app, and the unit tests inside")
    run("building", "flatpak-builder", "--user", "--force-clean", "--disable-rofiles-fuse", "--default-branch=stable",
        f"--state-dir={FOLDER / 'state'}", f"--repo={FOLDER / 'repo'}", FOLDER / "app", path, parts=PARTS)
    flatpak("making the bundle", "build-bundle", FOLDER / "repo", FOLDER / "tessera.flatpak", manifest["id"], "stable")


def check_build(manifest):
    """What is exported bears the application's id, and nothing of building is left."""
    app, identity = FOLDER / "app", manifest["id"]
    for name in (f"applications/{identity}.desktop", f"metainfo/{identity}.metainfo.xml", f"dbus-1/services/{identity}.service",
                 f"gnome-shell/search-providers/{identity}.search-provider.ini",
                 f"icons/hicolor/scalable/apps/{identity}.svg", f"icons/hicolor/symbolic/apps/{identity}-symbolic.svg"):
        if not (app / "export" / "share" / name).exists():
            raise Failure(f"share/{name} is not exported")
    unwanted = ("include", "lib/pkgconfig", "lib/*.a", "lib/*.la", "share/man", "share/doc", "bin/blueprint-compiler")
    left = [path for pattern in unwanted for path in (app / "files").glob(pattern)]
    if left:
        raise Failure("left over from building: " + ", ".join(str(path) for path in left))


def passed_inside():
    """How many of the tests inside passed, by flatpak-builder's words."""
    lines = (FOLDER / "building.log").read_text(errors="replace").splitlines()
    counts = [int(line.split()[-1]) for line in lines if line.startswith("Ok:")]
    if not counts or not counts[-1]:
        raise Failure("no test ran inside the sandbox")
    return counts[-1]


def play(options):
    """The GUI test: two sandboxed apps in an X server, session bus and keyring of their own."""
    session, test = ROOT / "tests" / "harness" / "session.py", ROOT / "tests" / "gui" / "test-flatpak.py"
    command = [sys.executable, session, "--x11", "1900x900", "--", sys.executable, test, "--build", options.build]
    return subprocess.run([str(word) for word in command], check=False, cwd=ROOT, stdin=subprocess.DEVNULL).returncode


def main():
    parser = argparse.ArgumentParser(description="build, test and play the Flatpak")
    parser.add_argument("--build", default="build", help="the build folder with the relay and the test's helpers")
    parser.add_argument("--standin", required=True, type=Path, help="where the stand-in of GNOME's runtime is kept")
    parser.add_argument("--play", action="store_true", help="only play what was built before")
    options = parser.parse_args()
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    arch, branch = platform.machine(), manifest["runtime-version"]
    FOLDER.mkdir(exist_ok=True)
    os.environ.update(FLATPAK_USER_DIR=str(FOLDER / "user"), FLATPAK_SYSTEM_DIR=str(options.standin / "flatpak"))
    try:
        make_standin(options.standin, arch, branch)
        if not options.play:
            build(manifest, branch, fetch_sources(manifest))
            check_build(manifest)
            say(f"{passed_inside()} test programs passed inside")
            flatpak("installing the bundle", "--user", "install", "-y", "--noninteractive", FOLDER / "tessera.flatpak")
    except Failure as failure:
        print(f"flatpak: {failure}", file=sys.stderr)
        return 1
    started = time.monotonic()
    code = play(options)
    if code == 0:
        say(f"played ({time.monotonic() - started:.0f} s)")
        say(f"the bundle is {(FOLDER / 'tessera.flatpak').relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
