"""Extensions around tasks of a type that the definition does not have, or without any task."""

from __future__ import annotations

from language.draft import Draft


def check(draft: Draft) -> None:
    """Say which extensions never run."""
    keywords = [
        each.type.keyword
        for tasks in (draft.flow, *draft.own_functions.values())
        for each in tasks.walk()
        if each.type is not None
    ]
    for extension in draft.extensions:
        if extension.before is None and extension.after is None:
            draft.report.say(
                "CW221",
                extension.key,
                f'the extension "{extension.name}" does nothing',
                "Its tasks stand under before: or after:.",
            )
        elif not any(extension.extends(each) for each in keywords):
            place = extension.node.get("extend") or extension.key
            draft.report.say(
                "CW221",
                place,
                f'the extension "{extension.name}" extends tasks that are not there',
                "No task of the flow or of use.functions is of this type.",
            )
