"""What single functions do beyond their action, in the rehearsal world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from language.plan import CaseRules, Plan, ReactionRules, Task, Trigger
from tests.workflows.scenarios import ORGANIZATION, STATUSES, call, comment
from workflows.effects import Action, ActionFailed
from workflows.interpreter.case_run import CaseRun
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World


class Answers(Systems):
    """Systems that answer every action with a given result and remember what they were asked."""

    def __init__(self, result: Any) -> None:
        super().__init__({})
        self.asked: list[Mapping[str, Any]] = []
        self.summaries: list[str] = []
        self.actions: list[Action] = []
        self._result = result

    async def carry_out(self, world: World, case: str, action: Action) -> Any:
        """Remember and answer."""
        del world, case
        self.summaries.append(action.summary)
        self.actions.append(action)
        self.asked.append({"function": action.function, **action.arguments})
        return self._result


def run_tasks(
    tasks: tuple[Task, ...], input: Any, result: Any, rules: CaseRules | None = None
) -> tuple[Answers, CaseRun]:
    """Run one case of these tasks to its end."""
    systems = Answers(result)
    plan = Plan("tests", "one", "1.0.0", tasks, rules=rules or CaseRules())
    world = World(
        start=datetime(2026, 3, 2, 9, tzinfo=UTC),
        definitions={"one": Published(plan, "digest")},
        organization=ORGANIZATION,
        systems=systems,
    )
    world.open("one", "one:1", input)
    world.run()
    assert not world.loop.failures
    return systems, world.cases["one:1"].run


@pytest.mark.parametrize(
    ("endpoint", "called"),
    [
        ("https://pets.example/v2/pet/{petId}", "https://pets.example/v2/pet/7"),
        ({"uri": "https://pets.example/{name}"}, {"uri": "https://pets.example/a%20b%2Fc"}),
        ("https://pets.example/{nothing}/{on}", "https://pets.example//true"),
        ("https://pets.example/{pet.id}", "https://pets.example/dotted"),
        ("${ .template }", "https://pets.example/%7BpetId%7D"),
    ],
)
def test_variables_of_an_address_come_from_the_tasks_input(endpoint: Any, called: Any) -> None:
    """Top-level properties are put in, encoded; what an expression gives holds no variables."""
    given = {
        "petId": 7,
        "name": "a b/c",
        "on": True,
        "pet": {"id": "nested"},
        "pet.id": "dotted",
        "template": "https://pets.example/{petId}",
    }
    get = call("get", "http", "/do/0", arguments={"method": "get", "endpoint": endpoint})

    systems, _ = run_tasks((get,), given, {"ok": True})

    assert systems.asked[0]["endpoint"] == called


def test_an_object_is_no_part_of_an_address() -> None:
    """The standard's error of type expression with status 400."""
    get = call(
        "get", "http", "/do/0",
        arguments={"method": "get", "endpoint": "https://pets.example/{pet}"},
    )  # fmt: skip

    systems, run = run_tasks((get,), {"pet": {"id": 7}}, {})

    assert systems.asked == []
    assert run.state.ended is not None
    error = run.state.ended["error"]
    assert error["type"].endswith("/expression")
    assert error["status"] == 400


@pytest.mark.parametrize("id_", [".", ".."])
def test_a_variable_leads_to_no_other_path(id_: str) -> None:
    """What a case was given must not choose another resource than the definition names."""
    endpoint = "https://pets.example/v2/pet/{id}"
    get = call("get", "http", "/do/0", arguments={"method": "get", "endpoint": endpoint})

    systems, run = run_tasks((get,), {"id": id_}, {})

    assert systems.asked == []
    assert run.state.ended is not None
    assert run.state.ended["error"]["type"].endswith("/expression")


@pytest.mark.parametrize(
    ("result", "heard"),
    [
        ({"messageId": "<m@x>", "accepted": ["a@x"], "refused": [], "at": "then"}, 1),
        ({"messageId": None, "accepted": [], "refused": [], "skipped": "nobody to write to"}, 0),
    ],
)
def test_a_skipped_mail_was_not_sent(result: Any, heard: int) -> None:
    """Clocks and reactions hear of a mail only when it went out."""
    rules = CaseRules(
        statuses=STATUSES,
        reactions=(
            ReactionRules(
                name="hears",
                on=Trigger(event="message.sent"),
                tasks=(comment("heard", "sent", "/hears/do/0"),),
            ),
        ),
    )
    mail = call(
        "mail", "mail.send", "/do/0",
        arguments={"to": ["a@example.org"], "subject": "Hello", "text": "Hello"},
    )  # fmt: skip

    systems, run = run_tasks((mail,), None, result, rules)

    assert [each["function"] for each in systems.asked].count("ticket.comment") == heard
    assert len(run.state.messages) == heard


def test_summaries_say_what_and_hide_what_may_be_secret() -> None:
    """A reader of the history sees method and address of a call, not its login or query."""
    endpoint = "https://user:word@pets.example/v2/pet?token=abc"
    get = call("get", "http", "/do/0", arguments={"method": "get", "endpoint": endpoint})

    systems, _ = run_tasks((get,), {}, {})

    assert systems.summaries == ["get: GET https://pets.example/v2/pet"]


def test_the_timeline_says_who_wrote_what_about() -> None:
    """An operator need not open a mail to know what came in."""
    wait = call("answer", "wait-for", "/do/0", arguments={"event": "message.received"})
    plan = Plan("tests", "one", "1.0.0", (wait,))
    world = World(
        start=datetime(2026, 3, 2, 9, tzinfo=UTC),
        definitions={"one": Published(plan, "digest")},
        organization=ORGANIZATION,
        systems=Answers({}),
    )
    world.open("one", "one:1", None)
    world.settle()
    data = {"from": "customer", "subject": "VPN", "text": "long"}
    world.deliver("one:1", {"id": "e1", "type": "message.received", "data": data})
    world.run()

    lines = [line["text"] for line in world.cases["one:1"].run.state.timeline]

    assert "message.received from customer: VPN" in lines


@pytest.mark.parametrize(
    ("kind", "status", "standard", "type_"),
    [
        ("NotAuthorized", 401, None, "authentication"),
        ("NotAuthorized", 403, None, "authorization"),
        ("NotFound", 404, None, "communication"),
        ("Unavailable", 503, None, "communication"),
        ("Unavailable", 408, "timeout", "timeout"),
        ("TimedOut", 408, None, "timeout"),
        ("Refused", 400, "expression", "expression"),
    ],
)
def test_kinds_become_the_standards_errors(
    kind: str, status: int, standard: str | None, type_: str
) -> None:
    """With the status, and the pointer of the task as instance."""

    class Failing(Answers):
        async def carry_out(self, world: World, case: str, action: Action) -> Any:
            raise ActionFailed(kind, "because", status, standard)

    get = call("get", "http", "/do/0", arguments={"method": "get", "endpoint": "https://a.example"})
    world = World(
        start=datetime(2026, 3, 2, 9, tzinfo=UTC),
        definitions={"one": Published(Plan("tests", "one", "1.0.0", (get,)), "digest")},
        organization=ORGANIZATION,
        systems=Failing({}),
    )
    world.open("one", "one:1", None)
    world.run()

    ended = world.cases["one:1"].run.state.ended
    assert ended is not None
    error = ended["error"]
    assert error["type"].rpartition("/")[2] == type_
    assert (error["status"], error["title"], error["instance"]) == (status, kind, "/do/0/get")
