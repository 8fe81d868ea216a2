# SPDX-License-Identifier: GPL-3.0-or-later
"""What every check looks at: the source tree, the build folder, and the table of layers in docs/architecture.md."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

SKIPPED_FOLDERS = {"__pycache__", "subprojects", "node_modules"}
TEXT_SUFFIXES = {""} | set(
    """
    .c .h .py .blp .css .ui .xml .in .md .build .options .sh .json .po .pot .txt .yml .yaml .supp .svg .sql .conf .service
    """.split()
)


class Layer:
    """A row of the table: its folder, the layers it may include and the libraries it may use."""

    def __init__(self, folder, layers, libraries, line):
        self.folder, self.layers, self.libraries, self.line = folder, layers, libraries, line
        self.name = folder.rpartition("/")[2]


class Tree:
    def __init__(self, source, build):
        self.source, self.build = Path(source), Path(build)
        self._files = None

    def files(self, *suffixes, under=""):
        """Paths relative to the source folder, in order; build folders and hidden ones (but .ci) left out."""
        if self._files is None:
            self._files = []
            for folder, names, files in os.walk(self.source):
                names[:] = sorted(name for name in names if name not in SKIPPED_FOLDERS and not self.is_build(folder, name))
                self._files += [Path(folder, name).relative_to(self.source).as_posix() for name in sorted(files)
                                if not (name.startswith(".") and folder == str(self.source))]
        return [path for path in self._files if path.startswith(under) and (not suffixes or Path(path).suffix in suffixes)]

    def is_build(self, folder, name):
        if name.startswith(".") and name != ".ci":
            return True
        return folder == str(self.source) and (name == "build" or name.startswith("build-") or Path(folder, name) == self.build)

    def read(self, path):
        return (self.source / path).read_text(encoding="utf-8", errors="replace")

    def has(self, path):
        return (self.source / path).exists()

    def text_files(self):
        return [path for path in self.files() if Path(path).suffix in TEXT_SUFFIXES]

    def code_files(self, *suffixes):
        """Sources of the programs and their tests."""
        return [path for path in self.files(*suffixes) if path.split("/")[0] in ("src", "relay", "tests")]

    def layers(self):
        """The table under "## Layers": {folder: Layer}. Nothing else says what a layer may do."""
        found, inside = {}, False
        for number, line in enumerate(self.read("docs/architecture.md").splitlines(), 1):
            if line.startswith("## "):
                inside = line.strip() == "## Layers"
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if inside and line.startswith("| `") and len(cells) == 4:
                folder = cells[0].strip("`")
                found[folder] = Layer(folder, words_of(cells[2]), words_of(cells[3]), number)
        return found

    def layer_of(self, path):
        """The folder of the layer that @path belongs to, or None."""
        parts = path.split("/")
        if parts[0] == "src" and len(parts) > 2:
            return "/".join(parts[:2])
        return "relay" if parts[0] == "relay" and len(parts) > 1 else None

    def objects(self, folder):
        """The object files that the build makes for a layer, as far as they are built."""
        database = self.build / "compile_commands.json"
        if not database.exists():
            return []
        outputs = [entry.get("output", "") for entry in json.loads(database.read_text())]
        own = [self.build / name for name in outputs if name.startswith(folder + "/")]
        return sorted(str(path) for path in own if path.exists())


def words_of(cell):
    """`a, b (why, even), c` -> {a, b, c}; a dash is nothing."""
    plain = re.sub(r"\([^)]*\)", "", cell)
    return {word.strip().strip("`") for word in plain.split(",")} - {"–", "-", ""}


def problem(path, line, text):
    return f"{path}:{line}: {text}"


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


C_TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments(code):
    """C code with comments blanked, lines and columns kept."""
    return C_TOKENS.sub(lambda match: blank(match) if match.group(0).startswith("/") else match.group(0), code)


def without_texts(code):
    """C code with comments, strings and characters blanked, lines and columns kept."""
    return C_TOKENS.sub(blank, code)


def comments_of(code):
    """C or blueprint code with everything but comments blanked."""
    kept = list(re.sub(r"[^\n]", " ", code))
    for match in C_TOKENS.finditer(code):
        if match.group(0).startswith("/"):
            kept[match.start():match.end()] = match.group(0)
    return "".join(kept)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def run_tool(command, **options):
    """(exit code, output) of a tool; a missing tool is a failure that says so."""
    if shutil.which(command[0]) is None:
        return 127, f"{command[0]} is not installed"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    done = subprocess.run(command, timeout=120, check=False, **pipes, **options)
    return done.returncode, done.stdout
