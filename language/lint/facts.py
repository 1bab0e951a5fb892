"""Facts that a table is given must be its inputs, all of them, and outputs must be its own."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.report import Place
from language.source import Node
from language.words import quoted, suggestion


def check(draft: Draft) -> None:
    """Check `decide` and the targets of clocks against the tables of the organization."""
    if draft.organization is None:
        return
    for place, arguments in _uses(draft):
        named, facts = arguments.get("table"), arguments.get("facts")
        table = draft.organization.table(named.text) if named is not None and named.text else None
        if table is None or not isinstance(table.get("inputs"), dict):
            continue
        inputs = list(table["inputs"])
        if facts is not None and facts.entries is not None:
            _check_facts(draft, str(named.text if named else ""), facts, inputs, place)
        output = arguments.get("output")
        outputs = list(table.get("outputs") or {})
        if output is not None and output.text and output.text not in outputs:
            draft.report.say(
                "CW209",
                output,
                f'the table "{named.text if named else ""}" has no output "{output.text}"',
                suggestion(output.text, outputs, allowed="Outputs"),
            )


def _uses(draft: Draft) -> Iterator[tuple[Place, Node]]:
    for task in draft.tasks:
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is not None and function.name == "decide":
            yield task.node.key("with") or task.key, task.node.get("with") or EMPTY
    for key, clock in (draft.metadata.get("clocks") or EMPTY).entries or ():
        target = clock.get("target")
        if target is not None and target.get("table") is not None:
            yield clock.key("target") or key, target


def _check_facts(draft: Draft, table: str, facts: Node, inputs: list[str], place: Place) -> None:
    for key, _ in facts.entries or ():
        if key.name not in inputs:
            draft.report.say(
                "CW213",
                key,
                f'the table "{table}" has no input "{key.name}"',
                suggestion(key.name, inputs, allowed="Inputs"),
            )
    missing = [name for name in inputs if name not in facts.names()]
    if missing:
        draft.report.say(
            "CW213",
            place,
            f'the table "{table}" also decides by {quoted(missing)}',
            "A fact that is not given matches only rows that do not ask for it; "
            "if that is meant, give it as null.",
        )
