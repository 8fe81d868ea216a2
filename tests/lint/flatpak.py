# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak's manifest: what the sandbox lets through, where its modules come from, and that none is missing."""
import json
import re

from tree import line_of, problem

# Everything else a person allows at the moment it is wanted, through a portal.
FINISH_ARGS = ["--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11", "--device=dri"]
# What meson.build may ask pkg-config for because GNOME's runtime has it. What is in neither list nor a module is missing.
RUNTIME = set(
    """
    glib-2.0 gio-2.0 gio-unix-2.0 gobject-2.0 gtk4 libadwaita-1 libdex-1 libsecret-1 libsoup-3.0 json-glib-1.0 gdk-pixbuf-2.0
    gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 libpipewire-0.3
    """.split()
)
# Modules by what they give. Those of an older runtime's are left out with the runtime that brings them.
GIVEN = {
    "libsodium": {"libsodium"}, "sqlcipher": {"sqlcipher"}, "qrencode": {"libqrencode"}, "zbar": {"zbar"},
    "libspelling": {"libspelling-1"},
    "openssl": {"libcrypto", "libssl"}, "blueprint-compiler": {"blueprint-compiler"},
}
PROGRAMS = {"python3"}


def manifest_of(tree):
    """Its path, its text and what it says, or None."""
    found = tree.files(".json", under="flatpak/")
    if len(found) != 1:
        return "flatpak", "", None
    text = tree.read(found[0])
    try:
        return found[0], text, json.loads(text)
    except ValueError:
        return found[0], text, None


def check_head(tree, manifest):
    match = re.search(r"^app_id = '([^']+)'", tree.read("meson.build"), re.M)
    wanted = {"id": match.group(1) if match else None, "command": "tessera", "runtime": "org.gnome.Platform",
              "sdk": "org.gnome.Sdk"}
    found = [f"{key} is not {value}" for key, value in wanted.items() if manifest.get(key) != value]
    if not re.fullmatch(r"\d+", manifest.get("runtime-version", "")):
        found.append("runtime-version is no release of GNOME")
    found += [f"{key} has no place here" for key in ("branch", "build-options", "add-extensions") if key in manifest]
    given = manifest.get("finish-args", [])
    found += [f"{what} opens the sandbox" for what in given if what not in FINISH_ARGS]
    return found + [f"{what} is missing from finish-args" for what in FINISH_ARGS if what not in given]


def check_sources(module):
    """One archive by its checksum, over https; ours is the tree, which a release replaces by its tag."""
    found = []
    for source in module.get("sources", []):
        if module["name"] == "tessera" and source.get("type") == "dir" and source.get("path") == "..":
            continue
        if source.get("type") != "archive" or not source.get("url", "").startswith("https://"):
            found.append(f"{module['name']}: a source is no archive over https")
        elif not re.fullmatch(r"[0-9a-f]{64}", source.get("sha256", "")):
            found.append(f"{module['name']}: {source['url']} is not pinned by its sha256")
        elif re.search(r"/(main|master|HEAD|latest)\b", source["url"]):
            found.append(f"{module['name']}: {source['url']} is another file tomorrow")
    return found if module.get("sources") else [f"{module['name']} has no source"]


def check_modules(manifest):
    found, modules = [], manifest.get("modules", [])
    for module in modules:
        found += check_sources(module)
        options = " ".join(module.get("config-opts", []) + module.get("build-options", {}).get("build-args", []))
        if re.search(r"--prefix|--share=network|--libdir=/", options):
            found.append(f"{module['name']}: {options}: flatpak-builder knows the prefix, and a build needs no network")
    if [module["name"] for module in modules][-1:] != ["tessera"]:
        found.append("the last module is not tessera")
    elif not modules[-1].get("run-tests") or not modules[-1].get("test-commands"):
        found.append("tessera's tests do not run inside")
    return found


def wanted_of(tree):
    """What the app's build asks for: {name: (file, line)}."""
    wanted = {}
    for path in tree.files(".build"):
        if path.startswith(("relay/", "tests/unit/relay/", "tests/integration/", "tests/bench/")):
            continue
        text = tree.read(path)
        for match in re.finditer(r"(?:dependency|find_library|find_program)\('([^']+)'", text):
            wanted.setdefault(match.group(1), (path, line_of(text, match.start())))
    return {name: place for name, place in wanted.items() if name not in PROGRAMS | {"m"}}


def check_flatpak(tree):
    """The manifest opens no more of the sandbox than it has to, pins what it builds, and builds all that the runtime lacks."""
    path, text, manifest = manifest_of(tree)
    if manifest is None:
        return [problem(path, 1, "is not one manifest in JSON")]
    found = [problem(path, 1, what) for what in check_head(tree, manifest) + check_modules(manifest)]
    names = {module["name"] for module in manifest.get("modules", [])}
    given = set().union(RUNTIME, *(GIVEN.get(name, set()) for name in names))
    wanted = wanted_of(tree)
    found += [problem(*place, f"{name} is neither in GNOME's runtime nor a module of {path}")
              for name, place in wanted.items() if name not in given]
    for name in sorted(names - {"tessera"}):
        if not GIVEN.get(name, set()) & set(wanted):
            found.append(problem(path, line_of(text, max(0, text.find(f'"name": "{name}"'))), f"nothing needs the module {name}"))
    return found
