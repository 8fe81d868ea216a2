# SPDX-License-Identifier: GPL-3.0-or-later
"""A language that nobody speaks: English in ⟦brackets⟧, with its small vowels accented, and two fifths longer. What is on the
screen without brackets, or with a plain vowel, went past gettext; what does not fit would not fit in German either."""
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lint"))
from translations import template  # noqa: E402
from tree import Tree  # noqa: E402

NAME = "qps"
LOCALES = Path("/usr/lib/locale/C.utf8")
KEPT = re.compile(r"%(?:\d+\$)?[-+ #0]*\d*(?:\.\d+)?l?[a-zA-Z%]|<[^>]*>|&\w+;")
ACCENTS = str.maketrans("aeiou", "áéíóú")  # not capitals: menus are chosen from by them
FILLING = " łóńg" * 200
PLURALS = "Plural-Forms: nplurals=2; plural=(n != 1);"


def say(text):
    """@text as this language has it; what printf, strftime and Pango read in it is left alone."""
    kept, at = "", 0
    for match in KEPT.finditer(text):
        kept += text[at:match.start()].translate(ACCENTS) + match.group(0)
        at = match.end()
    length = len(KEPT.sub("", text))
    return f"⟦{kept}{text[at:].translate(ACCENTS)}{FILLING[:-(-length * 2 // 5)]}⟧"


def read_mo(path):
    """The messages of a compiled catalogue: as gettext keeps them, contexts, plurals and all."""
    data = path.read_bytes()
    magic, _, count, originals, translations = struct.unpack_from("<5I", data)
    if magic != 0x950412DE:
        raise ValueError(f"{path} is no catalogue of this machine's byte order")

    def texts(table):
        for number in range(count):
            size, start = struct.unpack_from("<2I", data, table + 8 * number)
            yield data[start:start + size]

    return dict(zip(texts(originals), texts(translations)))


def write_mo(path, messages):
    count, blob, tables = len(messages), b"", []
    start = 28 + 16 * count
    for texts in ([key for key, _ in sorted(messages.items())], [value for _, value in sorted(messages.items())]):
        for text in texts:
            tables.append(struct.pack("<2I", len(text), start + len(blob)))
            blob += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, start)
    path.parent.mkdir(parents=True)
    path.write_bytes(head + b"".join(tables) + blob)


def install(source, folder):
    """Puts the catalogue, and a locale of its name with C.UTF-8's formats, into @folder; the environment to see them in."""
    failed = template(Tree(source, folder), folder)
    if failed:
        raise RuntimeError(failed)
    english, compiled = Path(folder, "english.po"), Path(folder, "english.mo")
    text = Path(folder, "all.pot").read_text(encoding="utf-8").replace('#, fuzzy\nmsgid ""', 'msgid ""', 1)
    english.write_text(re.sub(r"Plural-Forms: [^\\\n]*", PLURALS, text), encoding="utf-8")
    subprocess.run(["msgen", "-o", str(english), str(english)], check=True, timeout=60)
    subprocess.run(["msgfmt", "-o", str(compiled), str(english)], check=True, timeout=60)
    messages = {key: b"\0".join(say(part.decode()).encode() for part in value.split(b"\0")) if key else value
                for key, value in read_mo(compiled).items()}
    write_mo(Path(folder, "catalogues", NAME, "LC_MESSAGES", "tessera.mo"), messages)
    shutil.copytree(LOCALES, Path(folder, "locales", f"{NAME}.utf8"))
    return {"TESSERA_LOCALEDIR": str(Path(folder, "catalogues")), "LOCPATH": str(Path(folder, "locales")),
            "LC_ALL": f"{NAME}.UTF-8", "LANGUAGE": ""}
