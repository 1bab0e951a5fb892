"""Every expression of a definition, with where it stands and what it can see."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from language.calls import NOT_IN_PROFILE as NO_CALLS
from language.draft import EMPTY, Draft
from language.expressions import ExpressionError, Program, parse
from language.metadata import EXPRESSIONS as RULE_EXPRESSIONS
from language.metadata import NATURAL as RULE_NATURAL
from language.source import Node
from language.tasks.base import TASK_BASE_NATURAL, TASK_BASE_PLAIN
from language.tasks.listen import EVENT_START_NATURAL
from language.tasks.run import NOT_IN_PROFILE as NO_RUNS
from language.tasks.try_catch import error_variable
from language.templates import has_expression_inside, inner, is_expression
from language.tree import Pattern, TaskNode


class Site(NamedTuple):
    """One expression, or a text in which one was probably meant."""

    node: Node
    source: str
    offset: int
    """Where the source starts in the text."""
    task: TaskNode | None
    where: tuple[str, ...]
    """Keys on the way, from the task or from the root."""
    variables: tuple[str, ...]
    is_text: bool = False
    """True when it is text with `${ }` inside, which nothing evaluates."""

    @property
    def program(self) -> Program | None:
        """The parsed expression, or None when it cannot be read."""
        return _parsed(self.source)[0]

    @property
    def error(self) -> ExpressionError | None:
        """Why it cannot be read."""
        return _parsed(self.source)[1]

    def place_of(self, offset: int) -> tuple[int, int]:
        """Line and column of a character of the source."""
        return self.node.place_of(self.offset + offset)

    @property
    def in_call(self) -> bool:
        """Whether it is evaluated in the activity of a call, where secrets are known."""
        if self.task is None:
            return self.where[:2] == ("use", "authentications")
        return self.where[:1] == ("with",) and self.task.function is not None


@lru_cache(maxsize=2048)
def _parsed(source: str) -> tuple[Program | None, ExpressionError | None]:
    try:
        return parse(source), None
    except ExpressionError as error:
        return None, error


def sites_of(draft: Draft) -> tuple[Site, ...]:
    """All of them, in the order of the file."""
    if "sites" not in draft.cache:
        draft.cache["sites"] = tuple(_sites(draft))
    sites: tuple[Site, ...] = draft.cache["sites"]
    return sites


def _sites(draft: Draft) -> Iterator[Site]:
    for key in ("input", "output", "timeout"):
        part = draft.root.get(key)
        if part is not None:
            yield from _Walk(
                None, (), (("input", "from"), ("output", "as")), (("*", "schema"),), ()
            ).go(part, (key,))
    on = draft.part("schedule", "on")
    yield from _Walk(None, (), EVENT_START_NATURAL, (), ()).go(on, ("schedule", "on"))
    for section in ("authentications", "errors", "retries", "timeouts"):
        part = draft.part("use", section)
        natural = (("use", "retries", "*", "when"), ("use", "retries", "*", "exceptWhen"))
        variables = _errors_of(draft) if section == "retries" else ()
        yield from _Walk(None, variables, natural, (), ()).go(part, ("use", section))
    for extension in draft.extensions:
        when = extension.node.get("when")
        if when is not None:
            where = ("use", "extensions", extension.name, "when")
            yield from _Walk(None, (), (where,), (), ()).go(when, where)
    if draft.has_rules:
        for path in RULE_EXPRESSIONS:
            yield from _rule_sites(draft.metadata, path, ())
    for task in draft.tasks:
        if task.type is None:
            continue
        nested = tuple(each.node for each in task.type.lists(task.node))
        walk = _Walk(
            task,
            task.within.variables,
            (*TASK_BASE_NATURAL, *task.type.natural),
            (*TASK_BASE_PLAIN, *task.type.plain),
            nested,
        )
        left_out = _left_out(task)
        more = dict(task.type.sees(task.node))
        for each, node in task.node.entries or ():
            if each.name not in left_out:
                seen = (*walk.variables, *more.get(each.name, ()))
                yield from walk._replace(variables=seen).go(node, (each.name,))


def _left_out(task: TaskNode) -> tuple[str, ...]:
    """Keys of a task below which something stands that the profile leaves out, and does not know."""
    called = task.node.get("call")
    if called is not None and called.text in NO_CALLS:
        return ("with",)
    if any(key in NO_RUNS for key in (task.node.get("run") or EMPTY).names()):
        return ("run",)
    return ()


def _errors_of(draft: Draft) -> tuple[str, ...]:
    """What a shared retry policy may call the error: any name that a `try` of the file gives it."""
    names = [
        error_variable(task.node)
        for task in draft.tasks
        if task.type is not None and task.type.keyword == "try"
    ]
    return tuple(dict.fromkeys(["error", *names]))


def _rule_sites(node: Node, path: Pattern, where: tuple[str, ...]) -> Iterator[Site]:
    if not path:
        yield from _Walk(None, (), RULE_NATURAL, (), ()).go(node, where)
        return
    for key, value in node.entries or ():
        if path[0] in ("*", key.name):
            yield from _rule_sites(value, path[1:], (*where, key.name))


class _Walk(NamedTuple):
    task: TaskNode | None
    variables: tuple[str, ...]
    natural: tuple[Pattern, ...]
    plain: tuple[Pattern, ...]
    skipped: tuple[Node, ...]

    def go(self, node: Node, where: tuple[str, ...]) -> Iterator[Site]:
        if any(node is each for each in self.skipped) or _matches(where, self.plain):
            return
        if node.entries is not None:
            for key, value in node.entries:
                yield from self.go(value, (*where, key.name))
            return
        if node.items is not None:
            for index, value in enumerate(node.items):
                yield from self.go(value, (*where, str(index)))
            return
        if node.text is None:
            return
        natural = _matches(where, self.natural) or _is_expectation(where, node.text)
        found = inner(node.text, natural=natural)
        if found and (natural or is_expression(node.text)):
            yield Site(node, found[0], found[1], self.task, where, self.variables)
        elif has_expression_inside(node.text):
            yield Site(node, "", 0, self.task, where, self.variables, is_text=True)


def _is_expectation(where: tuple[str, ...], text: str) -> bool:
    """Whether the `expect` of a correlation is an expression: no constant begins as a path does."""
    return where[-1:] == ("expect",) and where[-3:-2] == ("correlate",) and text[:1] in (".", "$")


def _matches(where: tuple[str, ...], patterns: tuple[Pattern, ...]) -> bool:
    return any(
        len(pattern) == len(where)
        and all(part in ("*", key) for part, key in zip(pattern, where, strict=True))
        for pattern in patterns
    )
