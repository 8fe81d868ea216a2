#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check of the tree: `lint.py CHECK --source DIR --build DIR`. Each problem is a line `file:line: what`."""
import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import data  # noqa: E402
import flatpak  # noqa: E402
import layers  # noqa: E402
import operating  # noqa: E402
import packaging  # noqa: E402
import secrets_check  # noqa: E402
import settings  # noqa: E402
import source  # noqa: E402
import translations  # noqa: E402
from tree import Tree  # noqa: E402

CHECKS = {
    "table": layers.check_table,
    "includes": layers.check_includes,
    "links": layers.check_links,
    "pure": layers.check_pure,
    "relay-blind": layers.check_relay_blind,
    "sqlite-hidden": layers.check_sqlite_hidden,
    "sizes": source.check_sizes,
    "banned": source.check_banned,
    "words": source.check_words,
    "licence": source.check_licence,
    "header-comments": source.check_header_comments,
    "potfiles": translations.check_potfiles,
    "untranslated": translations.check_untranslated,
    "catalogues": translations.check_catalogues,
    "desktop": data.check_desktop,
    "packaging": packaging.check_packaging,
    "flatpak": flatpak.check_flatpak,
    "xml": data.check_xml,
    "blueprints": data.check_blueprints,
    "app-id": data.check_app_id,
    "hosts": data.check_hosts,
    "promises": data.check_promises,
    "units": data.check_units,
    "settings": settings.check_settings,
    "operating": operating.check_operating,
    "secrets": secrets_check.check_secrets,
}


def main():
    parser = argparse.ArgumentParser(description="check the source tree")
    parser.add_argument("check", choices=[*CHECKS, "all"])
    parser.add_argument("--source", default=Path(__file__).resolve().parents[2], type=Path)
    parser.add_argument("--build", default=Path("build"), type=Path)
    options = parser.parse_args()
    tree = Tree(options.source.resolve(), options.build.resolve())
    problems = []
    for name in CHECKS if options.check == "all" else [options.check]:
        problems += CHECKS[name](tree)
    print("\n".join(problems[:200]))
    if len(problems) > 200:
        print(f"… and {len(problems) - 200} more")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
