# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that people read: all of them go through gettext, and each language has all of them."""
import re
import tempfile
from pathlib import Path

from tree import blank, line_of, problem, run_tool, without_comments

MARKS = r"_|N_|C_|NC_|Q_|ngettext|dngettext|g_dngettext|g_dpgettext2"
MARKED_C = re.compile(rf'(?<![\w"])(?:{MARKS})\s*\(\s*(?:NULL\s*,\s*)?"')
MARKED_BLP = re.compile(r'(?<![\w"])(?:_|C_)\s*\(\s*"')
MARKED_XML = re.compile(r'translatable="(?:yes|true)"')
TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"')
DIRECTIVE = re.compile(r"%(?:\d+\$)?[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]|<[^>]*>|\\.")

# Properties of widgets, and the arguments of functions, that people read. An empty list of arguments means each of them.
SHOWN = """label title subtitle description heading body tooltip-text tooltip-markup placeholder-text text comments
    primary-text secondary-text button-label button-text""".split()
SHOWN_BLP = re.compile(rf'^[ \t]*(?:{"|".join(SHOWN)}|accept-label|initial-name)[ \t]*:[ \t]*("(?:\\.|[^"\\\n])*")', re.M)
SHOWN_XML = re.compile(rf'<property\b([^>]*\bname="(?:{"|".join(SHOWN)})"[^>]*)>([^<]*)</property>')
SETTER = re.compile(rf'^(?:gtk|adw)_\w+_(?:set|format)_(?:{"|".join(word.replace("-", "_") for word in SHOWN)}|markup)$')
CALLS = {
    "gtk_label_new": [0], "gtk_button_new_with_label": [0], "gtk_button_new_with_mnemonic": [0],
    "gtk_file_filter_set_name": [1], "gtk_file_dialog_set_accept_label": [1], "gtk_file_dialog_set_initial_name": [1],
    "gtk_accessible_announce": [1], "gtk_accessible_update_property": [],
    "g_menu_append": [1], "g_menu_append_section": [1], "g_menu_append_submenu": [1], "g_menu_item_new": [0],
    "g_set_application_name": [0], "adw_toast_new": [0], "adw_alert_dialog_new": [0, 1], "adw_alert_dialog_add_response": [2],
    "adw_alert_dialog_add_responses": [2, 4, 6, 8], "set_word": [1], "tess_code_input_set_word": [1],
    "tess_cli_complain": [0], "wrong": [0, 1], "g_option_context_set_summary": [1],
}
CALL = re.compile(r"(?<!\w)([a-z]\w*) \(")
# Errors whose text is shown as it is, and who makes them: the literals there have to be sentences in everybody's language.
ERRORS = re.compile(r"^(?:g_set_error|g_set_error_literal|g_error_new|g_error_new_literal|dex_future_new_reject)$")


def marked(tree, path):
    text = tree.read(path)
    if path.endswith((".c", ".h")):
        return bool(MARKED_C.search(without_comments(text)))
    if path.endswith(".blp"):
        return bool(MARKED_BLP.search(without_comments(text)))
    return bool(MARKED_XML.search(text))


def potfiles(tree):
    """{file: line} of po/POTFILES."""
    lines = enumerate(tree.read("po/POTFILES").splitlines(), 1)
    return {line.strip(): number for number, line in lines if line.strip() and not line.startswith("#")}


def check_potfiles(tree):
    """po/POTFILES lists exactly the files with something to translate."""
    sources = [path for path in tree.files(".c", ".h", ".blp", ".ui") if path.split("/")[0] in ("src", "relay", "data")]
    wanted = {path for path in sources if marked(tree, path)}
    wanted |= {path for path in tree.files(".in", under="data/") if re.search(r"\.(desktop|metainfo\.xml)\.in(\.in)?$", path)}
    if not tree.has("po/POTFILES"):
        return [problem("po/POTFILES", 1, "does not exist")]
    listed = potfiles(tree)
    found = [problem("po/POTFILES", 1, f"{path} is missing") for path in sorted(wanted - set(listed))]
    for path, number in listed.items():
        if not tree.has(path):
            found.append(problem("po/POTFILES", number, f"{path} does not exist"))
        elif path not in wanted:
            found.append(problem("po/POTFILES", number, f"{path} has nothing to translate"))
    return found


def arguments(code, start):
    """The arguments of the call whose parenthesis opens before @start: [(offset, text)]."""
    depth, begin, found, at = 0, start, [], start
    while at < len(code):
        text = TEXT.match(code, at)
        if text:
            at = text.end()
            continue
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}" or (code[at] == "," and depth == 0):
            if depth == 0:
                found.append((begin, code[begin:at]))
                begin = at + 1
                if code[at] != ",":
                    return found
            else:
                depth -= 1
        at += 1
    return found


def without_marked(code):
    """@code with what gettext gets blanked."""
    while True:
        match = MARKED_C.search(code)
        if match is None:
            return code
        start = code.index("(", match.start()) + 1
        inside = arguments(code, start)
        end = inside[-1][0] + len(inside[-1][1]) + 1 if inside else len(code)  # with the parenthesis
        code = code[:match.start()] + re.sub(r"[^\n]", " ", code[match.start():end]) + code[end:]


def words(code):
    """The first literal in @code with a word in it, and its offset."""
    for match in TEXT.finditer(code):
        if re.search(r"[^\W\d_]{2}", DIRECTIVE.sub("", match.group(1))):
            return match.group(0), match.start()
    return None


def shown_arguments(tree, path, name, given):
    if SETTER.match(name):
        return given[1:]
    if name in CALLS:
        return [given[number] for number in CALLS[name] if number < len(given)] if CALLS[name] else given
    if ERRORS.match(name) and any(text.strip() in ("TESS_CORE_ERROR", "TESS_QR_ERROR") for _, text in given):
        return given
    return []


def check_untranslated(tree):
    """No word that people read goes past gettext: properties in templates, arguments of calls that show or report something."""
    found = []
    for path in tree.files(".c", under="src/"):
        code = without_marked(without_comments(tree.read(path)))
        for call in CALL.finditer(code):
            for offset, text in shown_arguments(tree, path, call.group(1), arguments(code, call.end())):
                said = words(text)
                if said:
                    found.append(problem(path, line_of(code, offset + said[1]), f"{call.group(1)} shows {said[0]} untranslated"))
    for path in tree.files(".blp", under="src/"):
        code = without_comments(tree.read(path))
        for match in SHOWN_BLP.finditer(code):
            if words(match.group(1)):
                found.append(problem(path, line_of(code, match.start(1)), f"{match.group(1)} is not marked for translation"))
    for path in tree.files(".ui"):
        code = re.sub(r"<!--.*?-->", blank, tree.read(path), flags=re.S)
        for match in SHOWN_XML.finditer(code):
            if not MARKED_XML.search(match.group(1)) and re.search(r"[^\W\d_]{2}", match.group(2)):
                found.append(problem(path, line_of(code, match.start()), f"{match.group(2)!r} is not marked for translation"))
    return found


def template(tree, folder):
    """Makes the catalogue of all there is to translate, as the build's target tessera-pot does; what went wrong, or None."""
    listed, options = Path(folder, "POTFILES"), re.findall(r"'(--[^']+)'", tree.read("po/meson.build"))
    listed.write_text("\n".join(potfiles(tree)), encoding="utf-8")
    places = ["-f", str(listed), "-D", str(tree.source), "--add-location=full", "-o", str(Path(folder, "all.pot"))]
    code, said = run_tool(["xgettext", *options, *places])
    return None if code == 0 else said.strip()


def uncommented(text):
    """What in a template has a text or a number put into it, and nothing that tells translators what: [(place, message)]."""
    found = []
    for entry in re.split(r"\n{2,}", text):
        said = re.search(r'^msgid ((?:".*"\n?)+)', entry, re.M)
        if said is None or "\nmsgid_plural " in entry or re.search(r"^#\. ", entry, re.M):
            continue
        place = re.search(r"^#: (\S+)", entry, re.M)
        if place and re.search(r"%(\d+\$)?[sud]", said.group(1)):
            found.append((place.group(1), "".join(TEXT.findall(said.group(1)))))
    return found


def linguas(tree):
    lines = tree.read("po/LINGUAS").splitlines() if tree.has("po/LINGUAS") else []
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def check_catalogues(tree):
    """po/LINGUAS names the catalogues that there are; each is sound, complete, and has nothing left over."""
    catalogues, named = {Path(path).stem for path in tree.files(".po", under="po/")}, linguas(tree)
    found = [problem("po/LINGUAS", 1, f"{name}.po does not exist") for name in sorted(named - catalogues)]
    found += [problem("po/LINGUAS", 1, f"{name}.po is not named") for name in sorted(catalogues - named)]
    with tempfile.TemporaryDirectory() as folder:
        failed = template(tree, folder)
        if failed:
            return found + [problem("po/POTFILES", 1, failed)]
        everything = Path(folder, "all.pot")
        for place, message in uncommented(everything.read_text(encoding="utf-8")):
            found.append(f"{place}: no comment tells translators what is put into {message[:60]!r}")
        for name in sorted(catalogues):
            found += check_catalogue(tree, name, everything)
    return found


def check_catalogue(tree, name, everything):
    path, file = f"po/{name}.po", str(tree.source / "po" / f"{name}.po")
    code, said = run_tool(["msgfmt", "--check", "--check-accelerators=_", "-o", "/dev/null", file])
    found = [] if code == 0 else [problem(path, 1, said.strip())]
    # Complains of what is not translated, fuzzy, or (as a warning) not in the sources any more.
    code, said = run_tool(["msgcmp", file, str(everything)])
    if code != 0 or "warning" in said:
        found.append(problem(path, 1, f"renew it with the target tessera-update-po, and translate:\n{said.strip()[-3000:]}"))
    code, said = run_tool(["msgattrib", "--only-obsolete", file])
    if "\n#~ " in f"\n{said}":
        found.append(problem(path, 1, "holds messages that are not in the sources any more (#~)"))
    return found
