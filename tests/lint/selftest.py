#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check must be able to fail: a small tree that is fine passes it, and with one thing wrong it does not. Speaks TAP."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import packaging_samples  # noqa: E402
from lint import CHECKS  # noqa: E402
from tree import Tree  # noqa: E402

SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
TABLE = """# x
## Layers
| layer | what | may include | libraries |
|---|---|---|---|
| `src/base` | a | – | glib, libsodium |
| `src/crypto` | a | base | glib, libcrypto (some, only) |
| `src/wire` | a | base | glib, json-glib |
| `src/ui` | a | base | gtk4 (all of it, and more) |
| `src/cli` | a | base | gio |
| `relay` | a | base, wire | gio |
"""
PROMISES = """# x
## Promises
| promise | held by |
|---|---|
| nothing is lost | `/a/b`, `test_c` |
"""
BASE_H = f"""/* {SPDX} */
#pragma once
#include <glib.h>

/* Adds. */
int tess_add (int a, int b);

typedef struct {{
  int a;
}} TessThing;

void tess_thing_free (TessThing *self);
"""
BASE_C = f"""/* {SPDX} */
#include "base/tess-add.h"

static const int numbers[] =
{{
  1
}};

int
tess_add (int a, int b)
{{
  return a + b + numbers[0]; /* system ("goto") */
}}
"""
SETTINGS_C = f"""/* {SPDX} */
static const Setting settings[] = {{
  {{ "relay", "listen", KIND_TEXT, AT (listen), 0, 0 }},
  {{ "relay", "user", KIND_TEXT, AT (user), 0, 0 }},
  {{ "relay", "directory", KIND_DIRECTORY, AT (directory), 0, 0 }},
  {{ "limits", "a_rate", KIND_NUMBER, AT (a_rate), 1, 9 }},
  {{ "limits", "a_burst", KIND_NUMBER, AT (a_burst), 1, 9 }},
}};
static const char *const directories[] = {{ [TESS_RELAY_NONE] = "none", [TESS_RELAY_EXACT] = "exact" }};

void
tess_new (void)
{{
  *self = (TessRelayConfig) {{
    .listen = g_strdup ("127.0.0.1:7700"),
    .directory = TESS_RELAY_EXACT,
    .a_rate = 50,
    .a_burst = TESS_A_MAX,
  }};
}}
"""
SETTINGS_MD = """# x
| `[relay]` | default | |
|---|---|---|
| `listen` | `127.0.0.1:7700` | a |
| `user` | none | a |
| `directory` | `exact` | `list`, or not |

| `[limits]` | default | |
|---|---|---|
| `a_rate`, `a_burst` | 50, 7 | a |

| `admin` | |
|---|---|
| `names` | a |
"""
# For that check alone: it is no C that compiles.
SETTINGS = {
    "relay/tess-relay-config.c": SETTINGS_C,
    "docs/relay.md": SETTINGS_MD,
    "src/base/tess-limits.h": f"/* {SPDX} */\n#pragma once\n#define TESS_A_MAX 7\n",
}
DE = '''msgid ""
msgstr ""
"Project-Id-Version: a\\n"
"PO-Revision-Date: 2026-01-01 00:00+0000\\n"
"Last-Translator: A\\n"
"Language-Team: German\\n"
"Language: de\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

msgid "A"
msgstr "B"
'''
MORE = {"po/POTFILES": "data/a.desktop.in\nsrc/ui/x.c\n"}
OPERATING_MD = """# x
`tessera-relay --data DIR backup FILE` copies.
| `admin …` | |
|---|---|
| `revoke CODE` | a |

- Events: `a-b`; `request`, with `log_addresses` alone; `library`.
  Nothing in a line tells.
- gives, as `tessera_relay_…`: `links` and `sums_total`. They are sums.
"""
COMMANDS_C = (
    f"/* {SPDX} */\n"
    'const char help[] = "Commands:\\n"\n  "  backup FILE         copy\\n"\n  "  admin revoke CODE   take back\\n";\n'
    'static const Command commands[] = {\n  { "backup", 1, 1, backup },\n  { "admin revoke", 1, 1, revoke },\n};\n'
)
OPERATING = {
    "docs/relay.md": OPERATING_MD,
    "relay/tess-relay-commands.c": COMMANDS_C,
    "relay/tess-relay-metrics.c": f'/* {SPDX} */\n  add (text, "links", "gauge", "Links.", 1);\n'
    '  "tessera_relay_sums_total{status=\\"%s\\"} 1"\n',
    "relay/tess-relay-log.c": f'/* {SPDX} */\n#define LIBRARY_EVENT "library"\n'
    '  tess_relay_log (G_LOG_LEVEL_WARNING, "a-b", "x");\n  tess_relay_log (G_LOG_LEVEL_MESSAGE,\n  "request", "x");\n',
}
GOOD = {
    "meson.build": "app_id = 'org.example.App'\n",
    "docs/architecture.md": TABLE,
    "docs/threat-model.md": PROMISES,
    "tests/a.c": f'/* {SPDX} */\ng_test_add_func ("/a/b", test_b);\n',
    "tests/b.py": f"# {SPDX}\nclass C:\n    def test_c(self):\n        pass\n",
    "src/base/tess-add.h": BASE_H,
    "src/base/tess-add.c": BASE_C,
    "src/wire/tess-w.c": f'/* {SPDX} */\n#include "base/tess-add.h"\n#include <json-glib/json-glib.h>\n'
    "void g_object_unref (void *);\nint tess_add (int, int);\n"
    "int tess_w (void);\nint\ntess_w (void)\n{\n  g_object_unref (0);\n  return tess_add (1, 2);\n}\n",
    "po/POTFILES": "data/a.desktop.in\n",
    "po/LINGUAS": "de\n",
    "po/meson.build": "i18n.gettext('a', args: ['--from-code=UTF-8', '--keyword=_', '--add-comments=Translators'])\n",
    "po/de.po": DE,
    "data/a.desktop.in": "[Desktop Entry]\nType=Application\nName=A\nExec=a\n",
    "data/a.desktop": "[Desktop Entry]\nType=Application\nName=A\nExec=a\n",
    "data/a.gresource.xml": "<gresources/>\n",
    "src/ui/a.blp": f"// {SPDX}\nusing Gtk 4.0;\n\nBox {{\n  spacing: 6;\n}}\n",
}
LONG_FUNCTION = "int\ntess_long (void)\n{\n" + "  ;\n" * 90 + "}\n"
# Each: the check, what changes in the tree, and where and what must be reported.
BAD = [
    ("table", {"docs/architecture.md": "# x\n"}, "docs/architecture.md:1:"),
    ("table", {"src/extra/a.c": "\n"}, "src/extra:1:"),
    ("table", {"docs/architecture.md": TABLE.replace("gio |", "gio, libfoo |")},
     "docs/architecture.md:9: `src/cli` names the library libfoo"),
    ("table", {"docs/architecture.md": TABLE.replace("| base, wire", "| base, wires")}, "wires, which is no layer"),
    ("includes", {"src/base/tess-add.c": BASE_C + '#include "wire/x.h"\n'}, "src/base/tess-add.c:14:"),
    ("includes", {"src/base/tess-add.c": "#include <gio/gio.h>\n"}, "src/base/tess-add.c:1: <gio/gio.h> belongs to gio"),
    ("includes", {"src/wire/a.h": "#  include <sodium.h>\n"}, "src/wire/a.h:1:"),
    ("includes", {"src/wire/a.h": '\n#include "../base/tess-add.h"\n'}, "src/wire/a.h:2:"),
    ("includes", {"relay/a.c": '#include "crypto/tess-ratchet.h"\n'}, "relay/a.c:1:"),
    ("includes", {"src/wire/a.h": '#include "nowhere.h"\n'}, "src/wire/a.h:1:"),
    ("links", {"src/base/tess-add.c": "void tess_w (void);\nvoid tess_b (void) { tess_w (); }\n"}, "tess_w is of the layer wire"),
    ("links", {"src/wire/tess-w.c": "void sodium_add (void);\nvoid tess_b (void) { sodium_add (); }\n"},
     "sodium_add is of libsodium"),
    ("links", {"src/wire/tess-w.c": "void g_object_new (void);\nvoid tess_b (void) { g_object_new (); }\n"},
     "g_object_new is of gio"),
    ("links", {"relay/a.c": "void EVP_sha256 (void);\nvoid tess_b (void) { EVP_sha256 (); }\n"}, "EVP_sha256 is of libcrypto"),
    ("pure", {"src/base/a.c": "void g_main_loop_run (void);\nvoid tess_b (void) { g_main_loop_run (); }\n"},
     "src/base:1: g_main_loop_run"),
    ("pure", {"src/crypto/a.c": "void dex_x (void);\nvoid tess_b (void) { dex_x (); }\n"}, "src/crypto:1: dex_x"),
    ("pure", {"src/wire/a.c": "void g_object_new (void);\nvoid tess_b (void) { g_object_new (); }\n"},
     "src/wire:1: g_object_new"),
    ("relay-blind", {"relay/a.c": "int tess_ratchet_x;\nint main (void) { return 0; }\n"}, "holds tess_ratchet_x"),
    ("relay-blind", {"relay/a.c": "int tess_envelope_open;\nint main (void) { return 0; }\n"}, "holds tess_envelope_open"),
    ("relay-blind", {"relay/a.c": "int main (void) { return 0; }\n"}, "no symbols to look at"),
    ("sqlite-hidden", {"src/cli/a.c": "void sqlite3_key (void) {}\nint main (void) { return 0; }\n"},
     "exports or imports sqlite3_key"),
    ("sqlite-hidden", {"src/cli/a.c": "int main (void) { return 0; }\n"}, "does not hold SQLCipher"),
    ("sizes", {"src/base/a.c": LONG_FUNCTION}, "src/base/a.c:1: tess_long () has 94 lines"),
    ("sizes", {"tests/a.py": "def f():\n" + "    pass\n" * 90}, "tests/a.py:1: f () has 91 lines"),
    ("sizes", {"src/base/a.h": "\n" * 801}, "src/base/a.h:801: 801 lines"),
    ("sizes", {"src/base/a.h": "\n/*" + " x" * 70 + "*/\n"}, "src/base/a.h:2: 144 columns"),
    ("banned", {"src/base/a.c": "\n  strcpy (a, b);\n"}, "src/base/a.c:2: strcpy"),
    ("banned", {"src/base/a.c": 'x = "a\\"b"; goto end;\n'}, "src/base/a.c:1: goto"),
    ("banned", {"tests/a.c": "n = atoi(s);\n"}, "tests/a.c:1: atoi"),
    ("banned", {"relay/a.c": "system (s);\n"}, "relay/a.c:1: system"),
    ("banned", {"src/core/a.c": "g_print (s);\n"}, "src/core/a.c:1: g_print"),
    ("banned", {"src/core/a.c": "randombytes_buf (s, 1);\n"}, "src/core/a.c:1: randombytes_buf"),
    ("banned", {"src/core/a.c": "rand ();\n"}, "src/core/a.c:1: rand"),
    ("banned", {"src/core/a.c": "x = time (NULL);\n"}, "src/core/a.c:1: time (NULL)"),
    ("words", {"src/base/a.c": "int a; // TO" "DO: more\n"}, "src/base/a.c:1: TO" "DO"),
    ("words", {"tests/a.py": "a = 1  # FIX" "ME\n"}, "tests/a.py:1: FIX" "ME"),
    ("licence", {"src/base/a.c": "int a;\n"}, "src/base/a.c:1:"),
    ("licence", {"src/ui/b.blp": "using Gtk 4.0;\n"}, "src/ui/b.blp:1:"),
    ("header-comments", {"src/base/a.h": "/* x */\n\nint tess_a (int b);\n"}, "src/base/a.h:3: tess_a ()"),
    ("header-comments", {"relay/a.h": "GBytes *tess_relay_a (int b,\n                     int c) G_GNUC_PURE;\n"},
     "relay/a.h:1: tess_relay_a ()"),
    ("potfiles", {"src/ui/x.c": 'puts (_ ("Hello"));\n'}, "po/POTFILES:1: src/ui/x.c is missing"),
    ("potfiles", {"src/ui/x.c": 'g_dngettext (NULL, "%u hour", "%u hours", n);\n'}, "po/POTFILES:1: src/ui/x.c is missing"),
    ("potfiles", {"src/ui/x.blp": 'label: _("Hello");\n'}, "po/POTFILES:1: src/ui/x.blp is missing"),
    ("potfiles", {"src/ui/x.ui": '<a translatable="yes">b</a>\n'}, "po/POTFILES:1: src/ui/x.ui is missing"),
    ("potfiles", {"po/POTFILES": None}, "po/POTFILES:1: does not exist"),
    ("potfiles", {"po/POTFILES": "data/a.desktop.in\nsrc/none.c\n"}, "po/POTFILES:2: src/none.c does not exist"),
    ("potfiles", {"po/POTFILES": "data/a.desktop.in\nsrc/base/tess-add.c\n"}, "po/POTFILES:2:"),
    ("catalogues", {"po/LINGUAS": "de fr\n"}, "fr.po does not exist"),
    ("catalogues", {"po/fr.po": ""}, "fr.po is not named"),
    ("catalogues", {"po/de.po": 'msgid "a %d"\nmsgstr "a %s'}, "po/de.po:1:"),
    ("catalogues", {"po/de.po": DE.replace('"B"', '""')}, "po/de.po:1: renew it"),
    ("catalogues", {"po/de.po": DE.replace('msgid "A"', '#, fuzzy\nmsgid "A"')}, "po/de.po:1: renew it"),
    ("catalogues", {"po/de.po": DE + '\nmsgid "C"\nmsgstr "D"\n'}, "po/de.po:1: renew it"),
    ("catalogues", {"po/de.po": DE + '\n#~ msgid "C"\n#~ msgstr "D"\n'}, "po/de.po:1: holds messages"),
    ("catalogues", {**MORE, "src/ui/x.c": 'puts (_("Hello"));\n'}, "po/de.po:1: renew it"),
    ("catalogues", {**MORE, "src/ui/x.c": 'puts (_("_Quit"));\n', "po/de.po": DE + '\nmsgid "_Quit"\nmsgstr "Ende"\n'},
     "po/de.po:1:"),
    ("catalogues", {**MORE, "src/ui/x.c": '\nprintf (_("Hello %s"), name);\n'}, "src/ui/x.c:2: no comment tells"),
    ("untranslated", {"src/ui/x.c": '\ngtk_label_set_label (a, "Hello");\n'}, "src/ui/x.c:2: gtk_label_set_label shows"),
    ("untranslated", {"src/ui/x.c": 'gtk_label_set_label (a (b, c), d ? _("Yes (%s)") : "No");\n'}, "src/ui/x.c:1:"),
    ("untranslated", {"src/ui/x.c": 'adw_alert_dialog_add_responses (a, "cancel", "Cancel", NULL);\n'}, "src/ui/x.c:1:"),
    ("untranslated", {"src/core/x.c": 'g_set_error_literal (e, TESS_CORE_ERROR, 1, "No more");\n'}, "src/core/x.c:1:"),
    ("untranslated", {"src/ui/x.blp": 'Label {\n  label: "Hello";\n}\n'}, "src/ui/x.blp:2:"),
    ("untranslated", {"data/x.ui": '<a>\n<property name="title">Hello</property></a>\n'}, "data/x.ui:2:"),
    ("desktop", {"data/a.desktop": "[Desktop Entry]\nType=Nonsense\n"}, "a.desktop:1:"),
    ("desktop", {"data/a.metainfo.xml": "<component/>\n"}, "a.metainfo.xml:1:"),
    ("desktop", {"data/a.gschema.xml": "<schemalist><schema/></schemalist>\n"}, "data:1:"),
    ("units", {"relay/a.service.in": "[Service]\nExecStart=/bin/a\nDynamicUser=yes\n"},
     "relay/a.service.in:1: NoNewPrivileges=yes is missing"),
    ("units", {"relay/a.service.in": "[Service]\nExecStart=/bin/a\nRestart=on-failure\n"},
     "relay/a.service.in:1: StartLimitIntervalSec=0 is missing"),
    ("settings", {"docs/relay.md": SETTINGS_MD.replace("50, 7", "50, 8")},
     "docs/relay.md:10: [limits] a_burst is 7 unless set, not 8"),
    ("settings", {"docs/relay.md": SETTINGS_MD.replace("| none", "| `root`")},
     "docs/relay.md:5: [relay] user is none unless set, not root"),
    ("settings", {"docs/relay.md": SETTINGS_MD.replace("`exact`", "`list`")},
     "docs/relay.md:6: [relay] directory is exact unless set, not list"),
    ("settings", {"docs/relay.md": SETTINGS_MD.replace("| `user` | none | a |\n", "")},
     "docs/relay.md:1: [relay] user is not told of"),
    ("settings", {"docs/relay.md": SETTINGS_MD.replace("`user`", "`user`, `group`")},
     "docs/relay.md:5: [relay] group is no setting"),
    ("settings", {"docs/relay.md": None}, "docs/relay.md:1: [limits] a_rate is not told of"),
    ("settings", {"relay/tess-relay-config.c": f"/* {SPDX} */\n"}, "relay/tess-relay-config.c:1: no settings were found"),
    ("operating", {"docs/relay.md": None}, "docs/relay.md:1: the command backup FILE of relay/tess-relay-commands.c is not told"),
    ("operating", {"docs/relay.md": OPERATING_MD.replace("revoke CODE", "revoke")},
     "docs/relay.md:5: there is no command admin revoke"),
    ("operating", {"docs/relay.md": OPERATING_MD.replace("`a-b`", "`b-a`")}, "docs/relay.md:7: there is no event b-a"),
    ("operating", {"docs/relay.md": OPERATING_MD.replace("`a-b`; ", "")}, "docs/relay.md:1: the event a-b of"),
    ("operating", {"docs/relay.md": OPERATING_MD.replace("`links` and ", "")}, "docs/relay.md:1: the metric links of"),
    ("operating", {"docs/relay.md": OPERATING_MD.replace("`links`", "`links`, `more`")},
     "docs/relay.md:9: there is no metric more"),
    ("operating", {"relay/tess-relay-commands.c": COMMANDS_C.replace('{ "backup", 1, 1, backup },', "")},
     "relay/tess-relay-commands.c:1: backup is no command"),
    ("operating", {"relay/tess-relay-metrics.c": None}, "relay:1: no metric was found"),
    ("xml", {"data/a.gresource.xml": "<gresources>\n"}, "data/a.gresource.xml:1:"),
    ("blueprints", {"src/ui/a.blp": "using Gtk 4.0;\nBox {\n        spacing: 6;}\n"}, "src/ui/a.blp:1:"),
    ("app-id", {"src/base/a.c": '\nchar *id = "org.example.App";\n'}, "src/base/a.c:2:"),
    ("app-id", {"meson.build": "\n"}, "meson.build:1: app_id is not defined"),
    ("hosts", {"README.md": "see https:/" "/deb.intranet.corp/debian\n"}, "README.md:1: deb.intranet.corp"),
    ("hosts", {"README.md": "in /wo" "rk/x\n"}, "README.md:1:"),
    ("promises", {"docs/threat-model.md": None}, "docs/threat-model.md:1: promises nothing"),
    ("promises", {"docs/threat-model.md": PROMISES.replace("`", "")}, "docs/threat-model.md:5: a promise that no test holds"),
    ("promises", {"docs/threat-model.md": PROMISES.replace("/a/b", "/a/c")}, "docs/threat-model.md:5: there is no test /a/c"),
    ("promises", {"tests/b.py": f"# {SPDX}\n"}, "docs/threat-model.md:5: there is no test test_c"),
    ("secrets", {"src/crypto/a.c": "memcmp (a, b, 32);\n"}, "src/crypto/a.c:1: memcmp"),
    ("secrets", {"src/base/a.c": "\ng_bytes_equal (a, b);\n"}, "src/base/a.c:2: g_bytes_equal"),
    ("secrets", {"src/core/a.c": "x = memcmp (row->bytes (1), row->secret, 32);\n"}, "src/core/a.c:1: memcmp compares a secret"),
    ("secrets", {"src/core/a.c": "g_strcmp0 (passphrase, typed);\n"}, "src/core/a.c:1: g_strcmp0"),
    ("secrets", {"src/core/a.h": "void tess_a (const uint8_t chain_key[static 32]);\n"}, "src/core/a.h:1: chain_key"),
    ("secrets", {"src/core/a.h": "void tess_a (const uint8_t *seed, size_t size);\n"}, "src/core/a.h:1: seed"),
    *packaging_samples.BAD,
]
# What a check looks at beside, or instead of, the small tree.
SAMPLES = {"settings": SETTINGS, "operating": OPERATING}
INSTEAD = {"packaging": packaging_samples.GOOD, "flatpak": packaging_samples.GOOD}


def write(folder, files):
    for path, text in files.items():
        if text is None:
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def compile_tree(source, build):
    """Objects as meson would make them, and programs of those that have a main()."""
    entries = []
    for path in sorted([*source.glob("src/*/*.c"), *source.glob("relay/*.c")]):
        relative = path.relative_to(source)
        output = build / relative.parent / "x.p" / f"{path.name}.o"
        output.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text()
        plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        command = ["cc", "-w", "-x", "c", "-c", "-o", str(output), "-"]
        subprocess.run(command, input=plain, text=True, check=True)
        entries.append({"output": str(output.relative_to(build))})
        name = {"relay": "tessera-relay", "src/cli": "tessera-cli"}.get(str(relative.parent))
        if name and "int main" in text:
            subprocess.run(["cc", "-w", "-rdynamic", "-o", str(build / relative.parent / name), str(output)], check=True)
    (build / "compile_commands.json").write_text(json.dumps(entries))


def problems_of(check, files):
    with tempfile.TemporaryDirectory() as scratch:
        source, build = Path(scratch, "source"), Path(scratch, "out")
        write(source, {**SAMPLES.get(check, {}), **files})
        build.mkdir()
        if check in ("links", "pure", "relay-blind", "sqlite-hidden"):
            compile_tree(source, build)
        return CHECKS[check](Tree(source, build))


def main():
    count, failed = 0, 0

    def report(good, name, said):
        nonlocal count, failed
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} {name}")
        for line in [] if good else said or ["nothing was reported"]:
            print("#", line.replace("\n", "\n# "))

    print(f"1..{len(CHECKS) + len(BAD) + 1}")
    for check in CHECKS:
        said = problems_of(check, INSTEAD.get(check, GOOD))
        report(not said, f"{check} passes what is fine", said)
    for number, (check, change, wanted) in enumerate(BAD):
        said = problems_of(check, {**INSTEAD.get(check, GOOD), **change})
        report(any(line.startswith(wanted) or wanted in line for line in said), f"{check} {number}: {wanted}", said)
    missing = sorted(set(CHECKS) - {check for check, _, _ in BAD})
    report(not missing, "every check has a bad sample", missing)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
