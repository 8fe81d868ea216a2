# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is not C: desktop files, interface files, the application's id, addresses in the tree."""
import re
import shutil
import tempfile
from pathlib import Path

from tree import line_of, problem, run_tool

# Where the id may stand: it is defined in meson.build; documents and packaging name it.
APP_ID_PLACES = ("docs/", "flatpak/", "po/POTFILES")
PUBLIC_HOSTS = set(
    """
    gnome.org freedesktop.org debian.org ietf.org rfc-editor.org nist.gov github.com gnu.org w3.org signal.org
    sqlite.org zetetic.net flathub.org spdx.org tessera.im iana.org unicode.org libsodium.org openssl.org
    mesonbuild.com python.org creativecommons.org inkscape.org doi.org iacr.org cr.yp.to xmpp.org localhost
    githubusercontent.com schemas.microsoft.com sourceforge.net postgresql.org keepachangelog.com fukuchi.org
    shields.io ohloh.net gitlab.com example.com example.org example.net opensource.org
    """.split()
)
URL = re.compile(r"\b(?:https?|wss?|git|ftp)://(?:[^\s/@]*@)?([A-Za-z0-9.-]*[A-Za-z0-9])")
RESERVED = re.compile(r"^\d+\.\d+\.\d+\.\d+$|(^|\.)(example|invalid|test|localhost)$")


def data_files(tree, suffix):
    """Files of data/ with that ending: as configured in the build folder, or as they stand where nothing is configured."""
    built = sorted((tree.build / "data").glob(f"*{suffix}"))
    return [str(path) for path in built or [tree.source / path for path in tree.files(under="data/") if path.endswith(suffix)]]


def check_desktop(tree):
    """Desktop, metainfo, schema and interface files pass the tools made for them."""
    found = []
    tools = {".desktop": ["desktop-file-validate", "--no-hints"], ".metainfo.xml": ["appstreamcli", "validate", "--no-net"]}
    for suffix, tool in tools.items():
        sources = [path for path in tree.files(under="data/") if suffix in path]
        files = data_files(tree, suffix)
        if sources and not files and (tree.build / "build.ninja").exists():
            found.append(problem(sources[0], 1, f"the build makes no *{suffix} of it to validate"))
        for path in files:
            code, said = run_tool([*tool, path])
            if code != 0:
                found.append(problem(Path(path).name, 1, said.strip()))
    schemas = {str(Path(path).parent) for path in tree.files(".xml") if path.endswith(".gschema.xml")}
    for folder in sorted(schemas):
        code, said = run_tool(["glib-compile-schemas", "--strict", "--dry-run", str(tree.source / folder)])
        if code != 0:
            found.append(problem(folder, 1, said.strip()))
    return found


# What a service may not go without, whatever else changes.
HARDENED = """DynamicUser=yes StateDirectory= NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateDevices=yes
    CapabilityBoundingSet= RestrictAddressFamilies= RestrictNamespaces=yes LockPersonality=yes MemoryDenyWriteExecute=yes
    SystemCallFilter= LimitNOFILE=""".split()
# What keeps it running: it is never given up, and starts without a file of settings.
LASTING = """StartLimitIntervalSec=0 Restart=on-failure
    LoadCredential=tessera-relay.conf: SetCredential=tessera-relay.conf:""".split()


def check_units(tree):
    """systemd's units are hardened and lasting, and where systemd is there, pass its own tools."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        written = {}
        for path in [*tree.files(under="relay/")]:
            if path.endswith((".service.in", ".socket")):
                written[path] = Path(folder, Path(path).name.removesuffix(".in"))
                written[path].write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", tree.read(path)), encoding="utf-8")
        for path, unit in written.items():
            if unit.suffix == ".service":
                lines = tree.read(path).splitlines()
                found += [problem(path, 1, f"{wanted} is missing") for wanted in HARDENED + LASTING
                          if not any(line.startswith(wanted) for line in lines)]
            tools = [["verify", "--man=no"]]
            if unit.suffix == ".service":
                tools.append(["security", "--offline=true", "--threshold=20"])
            for tool in tools if shutil.which("systemd-analyze") else []:
                code, said = run_tool(["systemd-analyze", "--no-pager", *tool, str(unit)])
                if code != 0:
                    found.append(problem(path, 1, said.strip()[-500:]))
    return found


def check_xml(tree):
    """XML is well formed."""
    found = []
    files = [path for path in tree.files(".ui", ".xml", ".svg", ".in") if path.endswith((".ui", ".xml", ".svg", ".xml.in"))]
    for path in files:
        code, said = run_tool(["xmllint", "--nonet", "--noout", str(tree.source / path)])
        if code != 0:
            found.append(problem(path, 1, said.strip()))
    return found


def check_blueprints(tree):
    """Blueprints are formatted as blueprint-compiler does it."""
    files = tree.files(".blp")
    if not files:
        return []
    code, said = run_tool(["blueprint-compiler", "format", "--no-diff", *[str(tree.source / path) for path in files]])
    return [] if code == 0 else [problem(files[0], 1, f"blueprint-compiler format --fix would change something:\n{said.strip()}")]


def check_app_id(tree):
    """The application's id is defined in meson.build and written out nowhere else in the sources."""
    match = re.search(r"^app_id = '([^']+)'", tree.read("meson.build"), re.M)
    if match is None:
        return [problem("meson.build", 1, "app_id is not defined")]
    found = []
    for path in tree.text_files():
        if path == "meson.build" or path.startswith(APP_ID_PLACES) or path.endswith((".md", ".po", ".pot")):
            continue
        text = tree.read(path)
        found += [
            problem(path, line_of(text, hit.start()), "the application's id is written out: use TESS_APP_ID")
            for hit in re.finditer(re.escape(match.group(1)), text)
        ]
    return found


def is_public(host):
    """A host without a dot and a bare address name no place on the network of anybody in particular."""
    return bool({host, ".".join(host.split(".")[-2:])} & PUBLIC_HOSTS or "." not in host or RESERVED.search(host))


def check_hosts(tree):
    """No address or path of somebody's own machine or mirror got into the tree."""
    found = []
    for path in tree.text_files():
        if path == "LICENSE":
            continue
        text = tree.read(path)
        # Test programs are full of addresses that are nobody's, made to be refused.
        for match in [] if re.match(r"tests/.*\.[ch]$", path) else URL.finditer(text):
            if not is_public(match.group(1).lower()):
                what = f"{match.group(1)}: if this is a public place, name it in tests/lint/data.py"
                found.append(problem(path, line_of(text, match.start()), what))
        for match in re.finditer(r"(?<![\w.$}/-])/(?:wo" r"rk|ro" r"ot|home/\w+|Users/\w+)/[\w.]", text):
            found.append(problem(path, line_of(text, match.start()), f"{match.group(0)}…: a path of one machine"))
    return found


def tests_of(tree):
    """Names of tests as the documents may write them: a C test's path, a Python test's function, a lint check."""
    names = set()
    for path in tree.files(".c", ".py", ".build", under="tests/"):
        text = tree.read(path)
        names |= set(re.findall(r'"(/[a-z0-9][a-z0-9/_.-]*)"', text))
        names |= set(re.findall(r"^ *(?:async )?def (test_\w+)", text, re.M))
        if path == "tests/lint/meson.build":
            names |= {f"lint-{name}" for name in re.findall(r"'([a-z0-9-]+)'", text)}
    return names


def check_promises(tree):
    """Each promise of the threat model names the tests that hold it, and they exist."""
    path, found, promises, inside = "docs/threat-model.md", [], 0, False
    tests = tests_of(tree)
    for number, line in enumerate(tree.read(path).splitlines() if tree.has(path) else [], 1):
        if line.startswith("## "):
            inside = line.strip() == "## Promises"
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not inside or not line.startswith("|") or len(cells) != 2 or set(cells[0]) <= set("-: ") or cells[0] == "promise":
            continue
        promises += 1
        named = re.findall(r"`([^`]+)`", cells[1])
        if not named:
            found.append(problem(path, number, "a promise that no test holds"))
        found += [problem(path, number, f"there is no test {name}") for name in named if name not in tests]
    return found + ([] if promises else [problem(path, 1, "promises nothing")])
