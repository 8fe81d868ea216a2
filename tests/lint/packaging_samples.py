# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of packaging must flag: this tree's own files, with one thing wrong each."""
from pathlib import Path

from flatpak import FINISH_ARGS
from packaging import DESKTOP, ICONS, METAINFO, SEARCH, SERVICE

SOURCE = Path(__file__).resolve().parents[2]
MANIFEST = sorted(SOURCE.glob("flatpak/*.json"))[0].relative_to(SOURCE).as_posix()
SHOTS = "tests/harness/shots.py"
BUILDS = [path.relative_to(SOURCE).as_posix() for path in sorted(SOURCE.glob("src/*/meson.build"))]
GOOD = {path: (SOURCE / path).read_text(encoding="utf-8")
        for path in (DESKTOP, METAINFO, SERVICE, SEARCH, *ICONS, SHOTS, MANIFEST, "meson.build", *BUILDS)}
BLACK = "#222222"


def other(path, old, new=""):
    """That file with something else in it, which it must have had."""
    assert old in GOOD[path], f"{path} has no {old}"
    return {path: GOOD[path].replace(old, new, 1)}


BAD = [
    ("packaging", other(DESKTOP, "DBusActivatable=true\n"), f"{DESKTOP}:1: DBusActivatable is not true"),
    ("packaging", other(DESKTOP, "x-scheme-handler/tessera"), f"{DESKTOP}:1: MimeType is not"),
    ("packaging", other(DESKTOP, "InstantMessaging;Chat;"), f"{DESKTOP}:1: Categories do not say"),
    ("packaging", other(DESKTOP, "Terminal=", "NoDisplay=true\nTerminal="), f"{DESKTOP}:1: NoDisplay keeps"),
    ("packaging", {SERVICE: None}, f"{SERVICE}:1: is no file with"),
    ("packaging", other(SERVICE, "--gapplication-service"), f"{SERVICE}:1: Exec is not"),
    ("packaging", other(SEARCH, "DefaultDisabled=true\n"), f"{SEARCH}:1: DefaultDisabled is not true"),
    ("packaging", other(METAINFO, "<summary>", "<summary>A way to "), f"{METAINFO}:1: the summary is longer"),
    ("packaging", other(METAINFO, "<name>Tessera</name>", "<name>The Tessera Messenger App</name>"), "the name is longer"),
    ("packaging", other(METAINFO, "07-chat-light", "07-chats-light"), "@VERSION@/07-chats-light.png is not"),
    ("packaging", other(METAINFO, "two people</caption>", "two.</caption>"), "its caption is missing, or ends in a full stop"),
    ("packaging", other(METAINFO, ' type="default"'), f"{METAINFO}:1: one of the screenshots is the default"),
    ("packaging", other(METAINFO, 'release version="@VERSION@"', 'release version="0.0.1"'), "the first release is not"),
    ("packaging", other(METAINFO, "content_rating", "content"), f"{METAINFO}:1: is no XML"),
    ("packaging", other(METAINFO, 'scheme_preference="dark"'), f"{METAINFO}:1: branding needs"),
    ("packaging", other("data/icons/app.svg", 'viewBox="0 0 128 128"'), "data/icons/app.svg:1: is not drawn on 128"),
    ("packaging", other("data/icons/app-symbolic.svg", BLACK, "#123456"), "data/icons/app-symbolic.svg:1: a symbolic icon"),
    ("flatpak", {MANIFEST: None}, "flatpak:1: is not one manifest"),
    ("flatpak", other(MANIFEST, '"--device=dri"', '"--device=all"'), "--device=all opens the sandbox"),
    ("flatpak", other(MANIFEST, '"--device=dri"', '"--device=dri", "--talk-name=org.freedesktop.secrets"'), "opens the sandbox"),
    ("flatpak", other(MANIFEST, f'"{FINISH_ARGS[1]}",'), "--share=ipc is missing from finish-args"),
    ("flatpak", other(MANIFEST, "https://fukuchi", "http://fukuchi"), "qrencode: a source is no archive over https"),
    ("flatpak", other(MANIFEST, '"sha256": "', '"sha256": "z'), "is not pinned by its sha256"),
    ("flatpak", other(MANIFEST, '"run-tests": true', '"run-tests": false'), "tessera's tests do not run inside"),
    ("flatpak", other(MANIFEST, '"name": "zbar"', '"name": "zxing"'), "src/qr/meson.build:3: zbar is neither in GNOME's runtime"),
    ("flatpak", other(MANIFEST, '"name": "zbar"', '"name": "zxing"'), "nothing needs the module zxing"),
    ("flatpak", other("src/qr/meson.build", "'zbar'", "'libzint'"), "src/qr/meson.build:3: libzint is neither"),
]
