"""The house of design: who may import whom, exactly, and names that always mean our modules.

import-linter holds the same table over chains of imports; this one also covers single files, which it cannot see.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = (
    "language", "service", "workflows", "activities", "integrations", "intake", "cases", "reports", "api", "cli",
    "outgoing",
)  # fmt: skip
SINGLE_FILES = ("worker", "server", "settings", "logs")

ALLOWED: Mapping[str, Sequence[str]] = {
    "language": (),
    "service": (),
    "workflows": (
        "language.plan",
        "language.plan_codec",
        "language.step_map",
        "language.expressions",
        "language.functions",
        "service",
    ),
    "integrations": ("integrations.errors",),
    "activities": (
        "integrations.*.interface",
        "integrations.errors",
        "language",
        "outgoing",
        "service",
    ),
    "cases": ("language", "outgoing", "service"),
    "intake": (
        "cases",
        "integrations.*.interface",
        "integrations.errors",
        "service",
    ),
    "reports": ("cases.records", "service"),
    "api": ("cases", "intake", "reports", "language"),
    "cli": ("cases", "intake", "reports", "language", "outgoing", "settings"),
    "outgoing": (),
    "settings": (),
}
"""What each may import of ours besides itself. `worker` and `server` put everything together: no line here."""

EXCEPTIONS: Mapping[str, Sequence[str]] = {
    # Rehearsing needs no server and no worker: the command drives the rehearsal world itself.
    "cli/rehearse.py": ("workflows.rehearsal",),
    # `caseway up` makes the first tokens of the API that it starts, and those of the demo.
    "cli/running/house.py": ("api.tokens",),
    "cli/demo/story.py": ("api.tokens",),
}


def sources(name: str) -> Iterator[Path]:
    """Yield the source files of a package or of a single-file module."""
    if (ROOT / f"{name}.py").exists():
        yield ROOT / f"{name}.py"
    yield from sorted((ROOT / name).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything that a file imports of ours; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the full name of the module"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] in (*PACKAGES, *SINGLE_FILES):
                yield node.lineno, name


def is_allowed(name: str, allowed: Sequence[str]) -> bool:
    """Tell whether a full name lies at or below one of the allowed ones; `*` stands for one part."""
    parts = name.split(".")
    for entry in allowed:
        wanted = entry.split(".")
        if len(parts) >= len(wanted) and all(
            want in ("*", part) for want, part in zip(wanted, parts, strict=False)
        ):
            return True
    return False


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_stay_in_the_table(package: str) -> None:
    """A package imports of ours what the table allows it, and nothing else."""
    wrong = []
    for path in sources(package):
        place = path.relative_to(ROOT).as_posix()
        own = (
            f"integrations.{path.relative_to(ROOT).parts[1]}"
            if package == "integrations"
            else package
        )
        allowed = (own, *ALLOWED[package], *EXCEPTIONS.get(place, ()))
        wrong += [
            f"{place}:{line}: {name}"
            for line, name in imports(path)
            if not is_allowed(name, allowed)
        ]

    assert wrong == []


def test_table_names_every_package() -> None:
    """A new package needs a line in the table before it can import anything."""
    packages = {
        path.parent.name
        for path in ROOT.glob("*/__init__.py")
        if path.parent.name not in ("tests", "bench")
    }

    assert packages - {"console"} == set(PACKAGES)


@pytest.mark.parametrize("name", ["worker"])
def test_nothing_imports_a_composition_root(name: str) -> None:
    """They know everything, so whatever imported one would know everything too."""
    importers = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in (*PACKAGES, *SINGLE_FILES)
        for path in sources(package)
        for line, imported in imports(path)
        if imported.split(".")[0] == name
    ]

    assert importers == []


@pytest.mark.parametrize("name", [*PACKAGES, *SINGLE_FILES])
def test_top_level_names_are_ours(name: str) -> None:
    """Plain names such as `api` resolve into this repository: no installed package hides them."""
    found = importlib.util.find_spec(name)

    assert found is not None
    assert found.origin is not None
    assert ROOT in Path(found.origin).parents


def test_star_in_the_table_stands_for_one_part() -> None:
    """`integrations.*.interface` opens interfaces and no system."""
    assert is_allowed("integrations.mail.interface.MailSender", ["integrations.*.interface"])
    assert not is_allowed("integrations.mail.smtp.sender", ["integrations.*.interface"])
    assert not is_allowed("integrations", ["integrations.*.interface"])
