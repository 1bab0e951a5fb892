"""What a case decides follows from its history alone: no clock, chance, machine or order of sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("workflows/interpreter", "workflows/functions", "service", "language")
FILES_ARE_READ = ROOT / "language" / "files.py"
MODULES = ("time", "random", "secrets", "uuid", "os", "socket", "subprocess", "threading",
           "multiprocessing", "concurrent", "tempfile", "shutil", "locale", "platform")  # fmt: skip
CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("asyncio", "sleep"), ("asyncio", "wait"), ("asyncio", "wait_for"), ("asyncio", "timeout"),
    ("asyncio", "timeout_at"), ("asyncio", "as_completed"), ("asyncio", "to_thread"),
    ("asyncio", "run"),
}  # fmt: skip
NAMES = ("open", "input", "hash", "eval", "exec", "__import__")


def sources() -> list[Path]:
    """Return every file whose code runs inside a case, or could."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(found) > 80
    return [path for path in found if path != FILES_ARE_READ]


def problems(text: str) -> Iterator[str]:
    """Say what in a source may differ from one replay to the next."""
    tree = ast.parse(text)
    sets = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_set(node.value, set())
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name.split(".")[0] in MODULES:
                    yield f"line {node.lineno}: import {each.name}"
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in MODULES:
                yield f"line {node.lineno}: from {node.module}"
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in NAMES:
                yield f"line {node.lineno}: {called.id}()"
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                if (called.value.id, called.attr) in CALLS:
                    yield f"line {node.lineno}: {called.value.id}.{called.attr}()"
            if isinstance(called, ast.Name) and called.id in ("list", "tuple", "next", "iter"):
                if node.args and _is_set(node.args[0], sets):
                    yield f"line {node.lineno}: order of a set"
            if isinstance(called, ast.Attribute) and called.attr == "join":
                if node.args and _is_set(node.args[0], sets):
                    yield f"line {node.lineno}: order of a set"
        elif isinstance(node, ast.For | ast.comprehension):
            if _is_set(node.iter, sets):
                yield f"line {getattr(node, 'lineno', node.iter.lineno)}: iterates over a set"


def _is_set(node: ast.expr | None, names: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("set", "frozenset")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub):
        return _is_set(node.left, names) or _is_set(node.right, names)
    return False


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_depends_on_the_machine(path: Path) -> None:
    """No clock, no chance, no environment, no thread, no order that a replay may not repeat."""
    assert list(problems(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", sorted((ROOT / "workflows" / "interpreter").rglob("*.py")))
def test_the_interpreter_knows_nothing_of_temporal(path: Path) -> None:
    """What walks the plan asks for effects; which world answers is none of its business."""
    assert "temporalio" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "from os import environ",
        "datetime.now()",
        "await asyncio.sleep(1)",
        "for each in {1, 2}: pass",
        "known = set(given)\nlist(known)",
        "', '.join({'a', 'b'})",
        "[each for each in set(given) | other]",
        "open('x')",
    ],
)
def test_the_lint_finds(text: str) -> None:
    """The test above means something."""
    assert list(problems(text))
