"""Writes the files that are made from others; `--check` only says which are not current.

`python -m tools.generate` is what `make generate` runs, and `make check` with `--check`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from language.editor_schemas import SCHEMAS
from language.functions import CATALOG, Function

ROOT = Path(__file__).resolve().parents[1]


def function_reference() -> str:
    """Return docs/functions.md: every function of the default catalog with its arguments and result."""
    parts = [
        "# Functions",
        "",
        "What `call` may name, with arguments and result. `!` marks what must be given.",
        "This page is made from the descriptors in `language/functions/` by `make generate`.",
    ]
    for name in sorted(CATALOG):
        parts += ["", *_section(CATALOG[name])]
    return "\n".join(parts) + "\n"


def _section(function: Function) -> list[str]:
    lines = [
        f"## {function.name}",
        "",
        f"*{function.kind}*, version {function.version}. {function.doc}",
        "",
    ]
    arguments = _fields(function.arguments)
    lines.append(f"- with: {arguments or 'nothing'}")
    lines.append(f"- result: {_fields(function.result) or 'any value'}")
    return lines


def _fields(schema: Mapping[str, object]) -> str:
    properties = schema.get("properties")
    required = schema.get("required")
    if not isinstance(properties, Mapping):
        return ""
    needed = required if isinstance(required, list | tuple) else ()
    return ", ".join(f"`{name}`{'!' if name in needed else ''}" for name in properties)


def _editor_schema(make: Callable[[], dict[str, Any]]) -> Callable[[], str]:
    return lambda: json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


GENERATED: Mapping[str, Callable[[], str]] = {
    **{f"docs/schemas/{kind}.json": _editor_schema(make) for kind, make in SCHEMAS.items()},
    "docs/functions.md": function_reference,
}
"""File -> what makes its text."""


def main() -> int:
    """Write the files, or with `--check` compare them; 1 when one is not current."""
    parser = argparse.ArgumentParser(prog="make generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    check = parser.parse_args().check
    stale = [name for name, make in GENERATED.items() if not _is_current(ROOT / name, make())]
    for name in stale:
        if check:
            sys.stderr.write(f"{name} is not current: run `make generate` and commit it.\n")
        else:
            (ROOT / name).write_text(GENERATED[name]())
            sys.stderr.write(f"Wrote {name}.\n")
    return 1 if check and stale else 0


def _is_current(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
