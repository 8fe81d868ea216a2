# SPDX-License-Identifier: GPL-3.0-or-later
"""What a software centre and Flathub's linter ask of the files of data/ that the desktop reads, as far as it needs no network."""
import configparser
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tree import line_of, problem

NAME_MAX, SUMMARY_MAX = 20, 35
# A category of these alone says nothing of what the program is for.
VAGUE = {"GTK", "GNOME", "KDE", "Qt", "Application", "Utility", "Network", ""}
LOOKS = "light dark narrow rtl contrast large".split()
DESKTOP, METAINFO, SERVICE = "data/tessera.desktop.in", "data/tessera.metainfo.xml.in", "data/tessera.service.in"
SEARCH = "data/tessera.search-provider.ini.in"
ENTRY = {
    "Type": "Application", "Icon": "@APP_ID@", "Exec": "tessera %u", "Terminal": "false", "DBusActivatable": "true",
    "MimeType": "x-scheme-handler/tessera;",
}
ACTIVATION = {"Name": "@APP_ID@", "Exec": "@BINDIR@/tessera --gapplication-service"}
# Off until a person turns it on: names appear on the screen then.
SEARCHED = {
    "DesktopId": "@APP_ID@.desktop", "BusName": "@APP_ID@", "ObjectPath": "@APP_PATH@/SearchProvider", "Version": "2",
    "DefaultDisabled": "true",
}
ICONS = {"data/icons/app.svg": 128, "data/icons/app-symbolic.svg": 16}


def check_keys(tree, path, group, wanted):
    """The keys of @group in a file of that kind, and what is wrong with them."""
    file = configparser.RawConfigParser(delimiters=("=",), interpolation=None)
    file.optionxform = str
    try:
        file.read_string(tree.read(path) if tree.has(path) else "")
        keys = dict(file[group])
    except (configparser.Error, KeyError) as error:
        return {}, [problem(path, 1, f"is no file with [{group}]: {error}")]
    return keys, [problem(path, 1, f"{key} is not {value}") for key, value in wanted.items() if keys.get(key) != value]


def check_entry(tree):
    """The desktop entry; the service by which the session bus starts the app, for a link, a notification, a launcher; and by what
    the desktop's search asks it."""
    keys, found = check_keys(tree, DESKTOP, "Desktop Entry", ENTRY)
    if keys and not set(keys.get("Categories", "").split(";")) - VAGUE:
        found.append(problem(DESKTOP, 1, "Categories do not say what it is for"))
    for forbidden in ("NoDisplay", "Hidden"):
        if forbidden in keys:
            found.append(problem(DESKTOP, 1, f"{forbidden} keeps it from being found"))
    found += check_keys(tree, SERVICE, "D-BUS Service", ACTIVATION)[1]
    return found + check_keys(tree, SEARCH, "Shell Search Provider", SEARCHED)[1]


def text_of(element):
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def check_words(root):
    """What is shown in a list, where there is little room."""
    name, summary = text_of(root.find("name")), text_of(root.find("summary"))
    found = [] if 0 < len(name) <= NAME_MAX else [f"the name is longer than {NAME_MAX}, or missing"]
    if not 0 < len(summary) <= SUMMARY_MAX or summary.endswith(".") or re.match(r"(?i)(an?|the) ", summary):
        found.append(f"the summary is longer than {SUMMARY_MAX}, ends in a full stop, or begins with an article")
    schemes = {color.get("scheme_preference") for color in root.findall("branding/color[@type='primary']")}
    if schemes != {"light", "dark"}:
        found.append("branding needs a primary colour for light and one for dark")
    return found


def check_screenshots(root, shots):
    """Each is a picture that ./dev shots makes, is made anew for each version, and says what is in it."""
    pictures = root.findall("screenshots/screenshot")
    found = [] if len(pictures) >= 3 else ["fewer than three screenshots"]
    if [picture.get("type") for picture in pictures].count("default") != 1:
        found.append("one of the screenshots is the default")
    for picture in pictures:
        image, caption = text_of(picture.find("image")), text_of(picture.find("caption"))
        name = re.fullmatch(r"https://\S+/@VERSION@/(\S+)-(\w+)\.png", image)
        if not name or name.group(2) not in LOOKS or f'"{name.group(1)}"' not in shots:
            found.append(f"{image or 'a screenshot'} is not https://…/@VERSION@/ and a picture of ./dev shots")
        if not caption or caption.endswith("."):
            found.append(f"{image}: its caption is missing, or ends in a full stop")
    return found


def check_releases(root):
    """The version that is built comes first; they go down from there, each with a date and with words."""
    releases = root.findall("releases/release")
    found = [] if releases and releases[0].get("version") == "@VERSION@" else ["the first release is not @VERSION@"]
    dates = [release.get("date", "") for release in releases]
    if dates != sorted(dates, reverse=True) or not all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates):
        found.append("a release has no date, or is not older than the one before")
    unnamed = [release.get("version") for release in releases if not text_of(release.find("description"))]
    return found + [f"release {version} has no notes" for version in unnamed]


def check_metainfo(tree):
    try:
        root = ElementTree.fromstring(tree.read(METAINFO) if tree.has(METAINFO) else "")
    except ElementTree.ParseError as error:
        return [problem(METAINFO, 1, f"is no XML: {error}")]
    wanted = {
        "id": "@APP_ID@", "metadata_license": "CC0-1.0", "project_license": "GPL-3.0-or-later",
        "launchable[@type='desktop-id']": "@APP_ID@.desktop", "provides/mediatype": "x-scheme-handler/tessera",
    }
    found = [f"{name} is not {value}" for name, value in wanted.items() if text_of(root.find(name)) != value]
    if root.get("type") != "desktop-application":
        found.append("it is no desktop-application")
    for name in ("developer/name", "description/p", "content_rating[@type='oars-1.1']", "url[@type='homepage']", "translation",
                 "supports/control", "requires/display_length"):
        if root.find(name) is None:
            found.append(f"{name} is missing")
    shots = "".join(tree.read(path) for path in tree.files(".py", under="tests/harness/shots"))
    found += check_words(root) + check_screenshots(root, shots) + check_releases(root)
    return [problem(METAINFO, 1, what) for what in found]


def check_icons(tree):
    """Square, of the sizes GNOME draws on, and the symbolic one in a single colour: it is painted in that of the text."""
    found = []
    for path, size in ICONS.items():
        text = tree.read(path) if tree.has(path) else ""
        if f'viewBox="0 0 {size} {size}"' not in text:
            found.append(problem(path, 1, f"is not drawn on {size} × {size}"))
        for match in re.finditer(r"<(image|text|script|foreignObject)\b|href=\"(?!#)", text):
            found.append(problem(path, line_of(text, match.start()), f"{match.group(0)}: paths alone look the same everywhere"))
    if len(set(re.findall(r"#[0-9a-fA-F]{6}", tree.read(path) if tree.has(path) else ""))) > 1:
        found.append(problem(path, 1, "a symbolic icon has one colour"))
    return found


def check_installed(tree):
    """What is exported from a sandbox bears the application's id, and is there."""
    if not (tree.build / "data").is_dir():
        return []
    found = re.search(r"^app_id = '([^']+)'", tree.read("meson.build"), re.M)
    suffixes = (".desktop", ".metainfo.xml", ".service", ".search-provider.ini")
    names = [f"{found.group(1)}{suffix}" for suffix in suffixes] if found else []
    return [problem("data/meson.build", 1, f"the build makes no {name}") for name in names
            if not (tree.build / "data" / name).exists() and Path(tree.build, "build.ninja").exists()]


def check_packaging(tree):
    """Desktop entry, metainfo, icons, D-Bus service and search provider are what GNOME and Flathub ask for."""
    return check_entry(tree) + check_metainfo(tree) + check_icons(tree) + check_installed(tree)
