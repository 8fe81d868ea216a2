# SPDX-License-Identifier: GPL-3.0-or-later
"""What one can see in a source file: its size, its licence, its comments, and calls that have no place here."""
import ast
import re

from tree import comments_of, line_of, problem, without_texts

FILE_LINES, FUNCTION_LINES, COLUMNS = 800, 80, 130
# A value of a test vector, an address or a text of a blueprint cannot be broken sensibly.
UNBREAKABLE = re.compile(r'"[0-9A-Za-z+/=_-]{60,}"|https?://\S{60,}|^ *[a-z-]+: C?_\("')
SPDX_WITHIN = 15
WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "place" + "holder(?![-_])"]) + r")\b")


def in_programs(path):
    return path.startswith(("src/", "relay/"))


def above_base(path):
    return in_programs(path) and not path.startswith("src/base/")


def no_console(path):
    return in_programs(path) and not path.startswith("src/cli/") and not path.endswith("/main.c")


# Each: what it looks like in code without comments and strings, where it is banned, why.
BANNED = [
    (r"\b(strn?cpy|strn?cat|stpcpy|v?sprintf|gets)\s*\(", None, "has no bound, or ends texts badly: use GLib's"),
    (r"\b(atoi|atol|atoll|atof)\s*\(", None, "cannot say that the input is bad: use g_ascii_string_to_unsigned ()"),
    (r"\bstrtok(_r)?\s*\(", None, "writes into its input: use g_strsplit ()"),
    (r"\b(s?rand|rand_r|s?random|drand48|g_random_\w+)\s*\(", None, "is guessable, and no seed replays it: use tess_random ()"),
    (r"\bg_rand_\w+\s*\(", in_programs, "is guessable: use tess_random ()"),
    (r"\b(randombytes_\w+|getrandom|getentropy)\s*\(", above_base,
     "goes past the one random source: use tess_random ()"),
    (r"\b(system|popen|g_spawn_command_line_\w+)\s*\(", None, "runs a shell: use GSubprocess"),
    (r"\b(alloca|g_alloca|g_newa|g_newa0)\s*\(", None, "can run over the stack"),
    (r"\bgoto\b", None, "use g_autoptr and early return"),
    (r"\b(setjmp|longjmp)\s*\(", None, "jumps past clean-up"),
    (r"\b(printf|puts|putchar|g_print|g_printerr|fprintf|fputs|perror)\s*\(", no_console,
     "writes to the console, where libraries and the app say nothing: use g_debug (), or a GError"),
    (r"\b(g_get_real_time|gettimeofday)\s*\(|\btime\s*\(\s*(NULL|&\w+)\s*\)", above_base,
     "goes past the one clock: use tess_clock_now ()"),
    (r"\bg_assert_(?!not_reached\b)\w+\s*\(", in_programs, "is for tests: use g_assert () or g_return_val_if_fail ()"),
]


def c_functions(code):
    """[(first line, last line, name)] of the functions of C code in GLib style: braces in the first column."""
    lines, found = without_texts(code).splitlines(), []
    opened = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{" and opened is None:
            first = number
            while first > 1 and lines[first - 2].strip() and not lines[first - 2].startswith(("}", "#")):
                first -= 1
            head = " ".join(lines[first - 1:number - 1]).strip()
            if head and not head.endswith("=") and not re.match(r"(typedef\s+)?(struct|enum|union)\b[^()]*$", head):
                name = re.search(r"(\w+)\s*\(", head)
                opened = (first, name.group(1) if name else "?")
            else:
                opened = (0, "")
        elif line.startswith("}") and opened is not None:
            if opened[0]:
                found.append((opened[0], number, opened[1]))
            opened = None
    return found


def py_functions(code):
    return [(node.lineno, node.end_lineno, node.name) for node in ast.walk(ast.parse(code))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def check_sizes(tree):
    """Files, functions and lines that a reader can hold in view."""
    found = []
    for path in tree.code_files(".c", ".h", ".py", ".blp", ".css"):
        text = tree.read(path)
        lines = text.splitlines()
        if len(lines) > FILE_LINES:
            found.append(problem(path, len(lines), f"{len(lines)} lines; {FILE_LINES} are the end"))
        long = [(number, line) for number, line in enumerate(lines, 1) if len(line) > COLUMNS and not UNBREAKABLE.search(line)]
        found += [problem(path, number, f"{len(line)} columns; {COLUMNS} are the end") for number, line in long]
        finder = {".c": c_functions, ".h": c_functions, ".py": py_functions}.get(path[path.rfind("."):], lambda _: [])
        found += [problem(path, first, f"{name} () has {last - first + 1} lines; {FUNCTION_LINES} are the end")
                  for first, last, name in finder(text) if last - first + 1 > FUNCTION_LINES]
    return found


def check_banned(tree):
    """Calls that are unsafe, or that go past the one place for something."""
    found = []
    for path in tree.code_files(".c", ".h"):
        code = without_texts(tree.read(path))
        for pattern, where, why in BANNED:
            if where is not None and not where(path):
                continue
            for match in re.finditer(pattern, code):
                found.append(problem(path, line_of(code, match.start()), f"{match.group(0).rstrip('( ')} {why}"))
    return found


def check_words(tree):
    """Nothing is left for later in a comment: an issue is where that goes."""
    found = []
    for path in tree.code_files(".c", ".h", ".py", ".blp", ".css"):
        text = tree.read(path)
        if path.endswith(".py"):
            text = "\n".join(line[line.find("#"):] if "#" in line else "" for line in text.splitlines())
        else:
            text = comments_of(text)
        found += [problem(path, line_of(text, match.start()), f"{match.group(1)} in a comment: do it, or open an issue")
                  for match in WORDS.finditer(text)]
    return found


def check_licence(tree):
    """Each source file says its licence near its top."""
    found = []
    for path in tree.code_files(".c", ".h", ".py", ".blp", ".css") + tree.files(".css", ".blp", under="data/"):
        head = tree.read(path).splitlines()[:SPDX_WITHIN]
        if not any("SPDX-License-Identifier: GPL-3.0-or-later" in line for line in head):
            found.append(problem(path, 1, "the line `SPDX-License-Identifier: GPL-3.0-or-later` is missing"))
    return found


DECLARATION = re.compile(r"^(?!typedef|struct|enum|union|static|extern|return|G_|TESS_)[A-Za-z_][\w \t\*]*?[ \*](\w+)\s*\(")
# What GLib's conventions, or a property's description at its type, say already.
SPEAKS_FOR_ITSELF = re.compile(r"_(get_\w+|quark|free|new|ref|unref|copy|clear)$")


def check_header_comments(tree):
    """Each public function stands in a block (between blank lines) that has a comment."""
    found = []
    for path in tree.files(".h"):
        if tree.layer_of(path) is None:
            continue
        text = tree.read(path)
        block, commented = [], False
        for number, (line, comment) in enumerate(zip(text.split("\n") + [""], comments_of(text).split("\n") + [""]), 1):
            if line.strip():
                commented = commented or bool(comment.strip())
                match = DECLARATION.match(line)
                if match and not SPEAKS_FOR_ITSELF.search(match.group(1)):
                    block.append((number, match.group(1)))
            else:
                found += [problem(path, at, f"{name} () has no comment") for at, name in block if not commented]
                block, commented = [], False
    return found
