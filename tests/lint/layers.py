# SPDX-License-Identifier: GPL-3.0-or-later
"""What the table of layers promises: includes, libraries, and what some programs must not hold at all."""
import re
import subprocess
from functools import lru_cache
from pathlib import Path

from tree import line_of, problem, run_tool, without_comments

# Each library the table may name: the headers that are its own, its shared objects, and what it brings along.
LIBRARIES = {
    "glib": (("glib.h", "glib/", "glib-unix.h", "gmodule.h"), ("libglib-2.0.so.0",), ()),
    "gio": (("gio/", "glib-object.h", "gobject/"), ("libgio-2.0.so.0", "libgobject-2.0.so.0", "libgmodule-2.0.so.0"), ("glib",)),
    "libsodium": (("sodium.h", "sodium/"), ("libsodium.so.23",), ()),
    "libcrypto": (("openssl/",), ("libcrypto.so.3",), ()),
    "libssl": (("openssl/ssl.h",), ("libssl.so.3",), ("libcrypto",)),
    "json-glib": (("json-glib/",), ("libjson-glib-1.0.so.0",), ("glib",)),
    "libdex": (("libdex.h", "dex/"), ("libdex-1.so.1",), ("gio",)),
    "sqlcipher": (("sqlite3.h", "sqlcipher/"), ("libsqlcipher.so.1",), ()),
    "sqlite3": (("sqlite3.h",), ("libsqlite3.so.0",), ()),
    "libsecret": (("libsecret/",), ("libsecret-1.so.0",), ("gio",)),
    "libsoup": (("libsoup/",), ("libsoup-3.0.so.0",), ("gio",)),
    "gdk-pixbuf": (("gdk-pixbuf/",), ("libgdk_pixbuf-2.0.so.0",), ("gio",)),
    "gtk4": (("gtk/", "gdk/", "gsk/", "cairo.h", "pango/", "graphene.h"),
             ("libgtk-4.so.1", "libcairo.so.2", "libpango-1.0.so.0", "libgraphene-1.0.so.0"), ("gio", "gdk-pixbuf")),
    "libadwaita": (("adwaita.h",), ("libadwaita-1.so.0",), ("gtk4",)),
    "gstreamer": (("gst/",), ("libgstreamer-1.0.so.0", "libgstapp-1.0.so.0", "libgstvideo-1.0.so.0"), ("gio",)),
    "libqrencode": (("qrencode.h",), ("libqrencode.so.4",), ()),
    "zbar": (("zbar.h",), ("libzbar.so.0",), ()),
    "libportal": (("libportal/", "libportal-gtk4/"), ("libportal.so.1", "libportal-gtk4.so.1"), ("gio",)),
    "libspelling": (("libspelling.h", "gtksourceview/"), ("libspelling-1.so.2", "libgtksourceview-5.so.0"), ("gtk4",)),
    "libpq": (("libpq-fe.h",), ("libpq.so.5",), ()),
}
# The base layer's secret types wipe themselves inline, wherever they stand.
INLINE_SYMBOLS = {"sodium_memzero"}
# json-glib's parsers and generators are GObjects: a layer without gio may let go of them, and nothing more.
JSON_SYMBOLS = {"g_object_unref", "g_object_ref"}
PURE = {"src/base", "src/crypto", "src/wire"}
PURE_FORBIDDEN = re.compile(
    r"^(g_main_|g_object_(?!(unref|ref)$)|g_task_|g_type_register|g_idle_|g_timeout_|g_source_|g_thread_|dex_)"
)
GENERATED_HEADER = re.compile(r"tess-config\.h|tess[a-z-]*-resources\.h")
RELAY_FORBIDDEN = re.compile(r"^tess_(handshake_|ratchet_|session_|envelope_(seal|open))")


def closed(libraries):
    """The libraries with everything they bring along."""
    found, todo = set(), list(libraries)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(LIBRARIES.get(name, ((), (), ()))[2])
    return found


def library_of_header(header):
    return {name for name, (headers, _, _) in LIBRARIES.items()
            if any(header == known or (known.endswith("/") and header.startswith(known)) for known in headers)}


def check_table(tree):
    """The table and the folders agree, and the table names nothing unknown."""
    layers, found = tree.layers(), []
    if not layers:
        return [problem("docs/architecture.md", 1, 'there is no table of layers under "## Layers"')]
    names = {layer.name for layer in layers.values()}
    for layer in layers.values():
        for other in sorted(layer.layers - names):
            found.append(problem("docs/architecture.md", layer.line, f"`{layer.folder}` may include {other}, which is no layer"))
        for library in sorted(layer.libraries - set(LIBRARIES)):
            what = f"`{layer.folder}` names the library {library}, which tests/lint/layers.py does not know: add it there"
            found.append(problem("docs/architecture.md", layer.line, what))
    for folder in sorted({tree.layer_of(path) for path in tree.files(".c", ".h") if tree.layer_of(path)} - set(layers)):
        found.append(problem(folder, 1, "this folder has no row in the table of docs/architecture.md"))
    return found


def check_includes(tree):
    """Every #include of a layer is one that its row allows."""
    layers, found = tree.layers(), []
    by_name = {layer.name: layer for layer in layers.values()}
    for path in tree.files(".c", ".h"):
        layer = layers.get(tree.layer_of(path))
        if layer is None:
            continue
        code = without_comments(tree.read(path))
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', code, re.M):
            bad = judge_include(tree, by_name, layer, path, match.group(1), match.group(2))
            if bad:
                found.append(problem(path, line_of(code, match.start(2)), bad))
    return found


def judge_include(tree, by_name, layer, path, quote, header):
    if quote == "<":
        owners = library_of_header(header)
        if owners and not owners & closed(layer.libraries):
            return f"<{header}> belongs to {'/'.join(sorted(owners))}, which the row of `{layer.folder}` does not name"
        return None
    first = header.split("/")[0]
    if ".." in header.split("/"):
        return f'"{header}" leaves its folder'
    if "/" in header and first in by_name:
        if first == layer.name or first in layer.layers:
            return None
        return f'"{header}" is of a layer that the row of `{layer.folder}` does not name'
    if GENERATED_HEADER.fullmatch(header) or tree.has(str(Path(path).parent / header)):
        return None
    return f'"{header}" is not found: name a header by its layer ("layer/header.h")'


def nm(options, files):
    """[(type, symbol)] of object files."""
    if not files:
        return []
    command = ["nm", "--format=posix", *options, *files]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    fields = (line.split() for line in done.stdout.splitlines())
    return [(field[1], field[0].partition("@")[0]) for field in fields if len(field) >= 2 and len(field[1]) == 1]


@lru_cache(maxsize=None)
def symbols_of_library(name):
    symbols = set()
    for soname in LIBRARIES[name][1]:
        code, path = run_tool(["cc", f"-print-file-name={soname}"])
        path = path.strip()
        if code == 0 and Path(path).is_absolute() and Path(path).exists():
            symbols |= {symbol for _, symbol in nm(["-D", "--defined-only"], [path])}
    return frozenset(symbols)


def layer_symbols(tree):
    """{folder: (defined, undefined)} of every layer that is built."""
    answer = {}
    for folder in tree.layers():
        objects = tree.objects(folder)
        if objects:
            every = nm([], objects)
            defined = {symbol for kind, symbol in every if kind not in "Uwv"}
            answer[folder] = (defined, {symbol for kind, symbol in every if kind in "Uw"} - defined)
    return answer


def check_links(tree):
    """Every symbol that a layer takes from elsewhere comes from a layer or a library of its row."""
    layers, built, found = tree.layers(), layer_symbols(tree), []
    home = {}
    for folder, (defined, _) in built.items():
        for symbol in defined:
            if symbol.startswith("tess_"):
                home.setdefault(symbol, set()).add(layers[folder].name)
    for folder, (_, undefined) in built.items():
        layer = layers[folder]
        allowed = closed(layer.libraries)
        known = INLINE_SYMBOLS | (JSON_SYMBOLS if "json-glib" in layer.libraries else set())
        for symbol in sorted(undefined - known):
            if symbol in home:
                if not home[symbol] & layer.layers:
                    owners = "/".join(sorted(home[symbol]))
                    found.append(problem(folder, 1, f"{symbol} is of the layer {owners}, which its row does not name"))
                continue
            owners = {name for name in LIBRARIES if symbol in symbols_of_library(name)}
            if owners and not owners & allowed:
                found.append(problem(folder, 1, f"{symbol} is of {'/'.join(sorted(owners))}, which its row does not name"))
    return found


def check_pure(tree):
    """base, crypto and wire know no main loop, object, task or thread."""
    found = []
    for folder, (_, undefined) in layer_symbols(tree).items():
        if folder in PURE:
            bad = sorted(symbol for symbol in undefined if PURE_FORBIDDEN.match(symbol))
            found += [problem(folder, 1, f"{symbol} has no place in a pure layer") for symbol in bad]
    return found


def check_relay_blind(tree):
    """The relay cannot open what it carries: the code for it is not in there."""
    binary = tree.build / "relay" / "tessera-relay"
    if not binary.exists():
        return []
    symbols = nm([], [str(binary)])
    if not any(symbol.startswith("tess_") for _, symbol in symbols):
        return [problem("relay", 1, "tessera-relay has no symbols to look at: build it without stripping")]
    return [problem("relay", 1, f"tessera-relay holds {symbol}") for kind, symbol in symbols if RELAY_FORBIDDEN.match(symbol)]


def check_sqlite_hidden(tree):
    """SQLCipher is linked in statically and hidden: libsoup's SQLite must not get mixed up with it."""
    found = []
    for name, folder in (("src/ui/tessera", "src/ui"), ("src/cli/tessera-cli", "src/cli")):
        binary = tree.build / name
        if not binary.exists():
            continue
        shown = sorted({symbol for _, symbol in nm(["-D"], [str(binary)]) if symbol.startswith(("sqlite3_", "sqlcipher_"))})
        found += [problem(folder, 1, f"{name} exports or imports {symbol}") for symbol in shown[:5]]
        if not any(symbol == "sqlite3_key_v2" or symbol == "sqlite3_key" for _, symbol in nm(["--defined-only"], [str(binary)])):
            found.append(problem(folder, 1, f"{name} does not hold SQLCipher itself"))
    return found
