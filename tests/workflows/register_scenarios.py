"""Cases that enter improvements and measure them."""

from __future__ import annotations

from language.plan import CaseRules
from tests.workflows.scenarios import STATUSES, Scenario, Step, call, comment, item

KEEPS = CaseRules(statuses=STATUSES)
FIGURE = {
    "kpi": "backlog", "value": 3, "n": 3, "unit": "cases", "better": "lower", "digest": "d",
}  # fmt: skip

CYCLE = Scenario(
    "cycle",
    (
        call("enter", "register.add", "/do/0", arguments={"title": "Less", "baseline": FIGURE}),
        item("work", "/do/1"),
        call(
            "check", "register.update", "/do/2",
            arguments={
                "entry": "${ $case.results.enter.id }", "result": FIGURE, "status": "done",
                "reason": "measured",
            },
        ),
    ),
    rules=KEEPS,
    steps=(Step(when="work", answer="done"),),
    output={
        "id": "improvement-1", "status": "done", "comparable": True, "change": -3600,
        "improved": True, "reached": True,
    },
    actions=(
        ("register.add", "/do/0/enter#1"),
        ("work-item.announce", "/do/1/work#1:announced"),
        ("register.update", "/do/2/check#1"),
    ),
)  # fmt: skip
"""Enters, works, measures."""

REFUSED = Scenario(
    "refused-entry",
    (
        call("enter", "register.add", "/do/0", arguments={"title": "Less"}),
        comment("tell", "${ $case.results.enter.id }", "/do/1"),
    ),
    rules=CaseRules(statuses=STATUSES, on_error="hold"),
    failing={"register.add": 1},
    steps=(Step(operate="retry"),),
    output={"id": "c1", "at": "then"},
    actions=(
        ("register.add", "/do/0/enter#1"),
        ("register.add", "/do/0/enter#1"),
        ("ticket.comment", "/do/1/tell#1"),
    ),
)
"""Cannot enter at first; an operator tries again."""

IMPROVING = (CYCLE, REFUSED)
