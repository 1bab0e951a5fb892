"""Commands about cases: what they print for people and programs, and how they end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.cases.stage import item_of, shown, staged
from tests.cli.on_stage import Shell
from tests.conftest import Namespace

LEAVE = json.dumps({"number": "L-1", "who": "amy"})
CASE = "leave:L-1"


def test_a_case_from_start_to_end(namespace: Namespace, tmp_path: Path) -> None:
    """Start, list, show, event, answer, and what is kept: each says what happened, once as JSON."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            begun = await shell.caseway("start", "leave", "--input", LEAVE, "--json")
            assert (begun.status, begun.json) == (
                0,
                {"case": CASE, "definition": "leave", "version": "1.0.0", "started": True},
            )
            again = await shell.caseway("start", "leave", "--input", LEAVE)
            assert (again.status, again.out) == (0, f"There already: {CASE} on version 1.0.0.\n")

            item = await item_of(stage, CASE)
            seen = await shell.caseway("show", CASE)
            assert seen.status == 0, seen
            assert f"{CASE}  Leave for amy" in seen.out
            assert "asked (open)" in seen.out
            assert "answers: granted, refused" in seen.out

            listed = await shell.caseway("list", "--definition", "leave", "--json")
            assert [each["case"] for each in listed.json["cases"]] == [CASE]
            assert listed.json["next"] is None

            told = await shell.caseway(
                "event", CASE, "leave.heard", "--id", "e-1", "--data", "{}", "--json"
            )
            assert (told.status, told.json["event"]) == (0, "e-1")
            told = await shell.caseway("event", CASE, "leave.heard", "--id", "e-1")
            assert (told.status, told.out) == (0, "leave.heard: duplicate.\n")

            values = tmp_path / "values.json"
            values.write_text('{"reason": "too late"}')
            taken = await shell.caseway(
                "answer", CASE, item, "refused", "--by", "lin", "--values", f"@{values}", "--json"
            )
            assert (taken.status, taken.json) == (
                0,
                {"case": CASE, "item": item, "outcome": "refused", "state": "accepted"},
            )
            await shown(stage, CASE, lambda view: "ended" in view)
            over = await shell.caseway("show", CASE, "--json")
            assert over.json["ended"]["as"] == "completed"
            record = await shell.caseway("show", CASE, "--case")
            assert record.json["results"]["decide"]["answer"] == {"reason": "too late"}

    asyncio.run(run())


def test_what_people_do_with_an_item(namespace: Namespace, tmp_path: Path) -> None:
    """Claim, delegate, draft, release, reassign: each says who has it then; a refusal says why."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.cases.start("leave", json.loads(LEAVE), by="amy")
            item = await item_of(stage, CASE)
            on = (CASE, item)
            taken = await shell.caseway("item", "claim", *on, "--by", "lin")
            assert (taken.status, taken.out) == (0, f"{item}: claimed, lin.\n")
            taken = await shell.caseway("item", "claim", *on, "--by", "wu")
            assert (taken.status, "already claimed by lin" in taken.err) == (1, True), taken
            lent = await shell.caseway("item", "delegate", *on, "--to", "wu", "--by", "lin")
            assert (lent.status, lent.out) == (0, f"{item}: claimed, wu does it for lin.\n")
            kept = await shell.caseway(
                "item", "draft", *on, "--values", '{"reason": "r"}', "--by", "wu", "--json"
            )
            assert (kept.json["delegate"], kept.json["person"]) == ("wu", "lin")
            back = await shell.caseway("item", "release", *on, "--by", "wu")
            assert back.out == f"{item}: claimed, lin.\n"
            given = await shell.caseway(
                "item", "reassign", *on, "--to", "wu", "--reason", "travels", "--by", "lin"
            )
            assert (given.status, given.out) == (0, f"{item}: open, for wu.\n")
            nobody = await shell.caseway("item", "reassign", *on, "--reason", "r", "--by", "wu")
            assert (nobody.status, "--to PERSON or --to-group" in nobody.err) == (2, True)

    asyncio.run(run())


def test_start_waits_for_the_end(namespace: Namespace, tmp_path: Path) -> None:
    """With --wait the status is that of the case: 0 where it has completed, else 1."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            done = await shell.caseway(
                "start", "at-once", "--input", '{"number": 21}', "--wait", "--json"
            )
            assert done.status == 0
            assert done.json["ended"] == {
                "as": "completed", "output": {"doubled": 42}, "error": None,
            }  # fmt: skip
            waiting = asyncio.create_task(
                shell.caseway("start", "leave", "--input", LEAVE, "--wait")
            )
            await _started(stage.cases, CASE)
            paused = await shell.caseway("suspend", CASE, "--reason", "who is it?", "--by", "amy")
            assert (paused.status, paused.out) == (0, f"{CASE}: suspended.\n")
            shown = await shell.caseway("show", CASE)
            assert " by amy: who is it?" in shown.out
            twice = await shell.caseway("suspend", CASE, "--reason", "why?", "--by", "lin")
            assert (twice.status, "suspended already" in twice.err) == (1, True)
            on = await shell.caseway("resume", CASE, "--by", "amy")
            assert (on.status, on.out) == (0, f"{CASE}: resumed.\n")
            ended = await shell.caseway("cancel", CASE, "--reason", "not needed", "--by", "amy")
            assert (ended.status, ended.out) == (0, f"{CASE}: cancelling.\n")
            over = await waiting
            assert (over.status, over.out) == (1, f"{CASE} has ended: cancelled.\n")

    asyncio.run(run())


def test_refusals_end_with_1_and_say_why(namespace: Namespace, tmp_path: Path) -> None:
    """Wrong input, names, items and cases: a sentence for people, a document for programs."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            wrong = await shell.caseway("start", "leave", "--input", '{"number": 7}', "--json")
            assert wrong.status == 1
            assert wrong.json["error"]["kind"] == "InputInvalid"
            assert {each["pointer"] for each in wrong.json["error"]["problems"]} == {
                "/number", "/who",
            }  # fmt: skip
            unknown = await shell.caseway("start", "leaf")
            assert (unknown.status, unknown.out) == (1, "")
            assert 'Did you mean "leave"?' in unknown.err

            await shell.caseway("start", "leave", "--input", LEAVE)
            item = await item_of(stage, CASE)
            refused = await shell.caseway("answer", CASE, item, "perhaps", "--by", "lin")
            assert (refused.status, "perhaps" in refused.err) == (1, True)
            for arguments in (
                ("show", "leave:none"),
                ("event", "leave:none", "leave.heard"),
                ("cancel", "leave:none", "--reason", "why"),
            ):
                missing = await shell.caseway(*arguments)
                assert (missing.status, missing.out) == (1, "")
                assert 'There is no case "leave:none"' in missing.err
            filtered = await shell.caseway("list", "--cursor", "nonsense")
            assert filtered.status == 1

    asyncio.run(run())


def test_an_event_that_names_no_case_is_published(namespace: Namespace, tmp_path: Path) -> None:
    """It is kept by the router of its type, whoever listens; what is no event is refused."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage:
            told = await shell.caseway(
                "event", "--publish", "order.placed", "--id", "e-1", "--data", '{"n": 7}', "--json"
            )
            assert (told.status, told.json["event"], told.json["state"]) == (0, "e-1", "published")
            said = await shell.caseway("event", "--publish", "order.placed", "--subject", "7")
            assert (said.status, said.out) == (0, "order.placed: published.\n")
            router = stage.client.get_workflow_handle("caseway-events:order.placed")
            history = (await router.fetch_history()).to_json()
            assert history.count('"signalName": "publish"') == 2

            wrong = await shell.caseway("event", "--publish", "order.placed", "--subject", "")
            assert (wrong.status, wrong.out) == (1, "")
            assert "/subject" in wrong.err
            for arguments in (["order.placed"], ["--publish", "leave:1", "order.placed"]):
                unclear = await shell.caseway("event", *arguments)
                assert unclear.status == 2
                assert "--publish TYPE" in unclear.err

    asyncio.run(run())


def test_what_cannot_run_ends_with_2(namespace: Namespace, tmp_path: Path) -> None:
    """No server, no worker, no installation, no JSON: one sentence that says what to do."""

    async def run() -> None:
        nowhere = Shell(Namespace("127.0.0.1:1", "x"), tmp_path)
        async with staged(namespace, tmp_path):
            gone = await nowhere.caseway("show", CASE)
            assert (gone.status, gone.out) == (2, "")
            assert "No Temporal server answers at 127.0.0.1:1" in gone.err
            listed = await nowhere.caseway("list")
            assert (listed.status, listed.err) == (0, "No case matches.\n")
        shell = Shell(namespace, tmp_path)
        broken = await shell.caseway("start", "leave", "--input", "{number: 1}")
        assert broken.status == 2
        assert "--input is not JSON" in broken.err
        absent = await shell.caseway("start", "leave", "--input", "@nothing.json")
        assert "nothing.json cannot be read" in absent.err
        text = await shell.caseway("answer", CASE, "x", "y", "--by", "lin", "--values", "[1]")
        assert (text.status, "must be a JSON object" in text.err) == (2, True)

        empty = Shell(namespace, tmp_path / "elsewhere")
        none = await empty.caseway("list")
        assert (none.status, "there is no installation in" in none.err) == (2, True)
        assert not (tmp_path / "elsewhere").exists()

    asyncio.run(run())


def test_a_start_without_a_worker_is_kept(namespace: Namespace, tmp_path: Path) -> None:
    """The case is there: the command names it, warns, and ends well; looking at it does not."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path):
            begun = await shell.caseway("start", "leave", "--input", LEAVE, "--json")
            assert begun.status == 0
            assert begun.json == {"case": CASE, "definition": "leave", "started": True}
            assert "Its start is recorded" in begun.err
            looked = await shell.caseway("show", CASE)
            assert (looked.status, "caseway worker" in looked.err) == (2, True)

    asyncio.run(run())


def test_records_are_made_again(namespace: Namespace, tmp_path: Path) -> None:
    """After a loss of the records a rebuild brings back the running cases; the next finds nothing."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await shell.caseway("start", "leave", "--input", LEAVE)
            await item_of(stage, CASE)
        for file in tmp_path.glob("records.db*"):
            file.unlink()
        async with staged(namespace, tmp_path) as stage, stage.worker():
            assert (await shell.caseway("list", "--json")).json["cases"] == []
            look = await shell.caseway("records", "rebuild", "--only-look", "--json")
            assert (look.status, look.json["cases"], look.json["equal"]) == (1, 1, False)
            done = await shell.caseway("records", "rebuild")
            assert (done.status, done.out.startswith("1 running cases; ")) == (0, True)
            again = await shell.caseway("records", "rebuild", "--only-look", "--json")
            assert (again.status, again.json["equal"]) == (0, True)
            listed = await shell.caseway("list", "--phase", "open", "--json")
            assert [each["case"] for each in listed.json["cases"]] == [CASE]

    asyncio.run(run())


def test_a_person_is_erased_and_old_cases_are_forgotten(
    namespace: Namespace, tmp_path: Path
) -> None:
    """Running cases that name the person end the command with 1; forgetting counts what it removed."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await shell.caseway("start", "leave", "--input", LEAVE)
            await shown(stage, CASE, lambda view: bool(view["items"]))
            for _ in range(100):
                if (await stage.cases.list({})).items:
                    break
                await asyncio.sleep(0.05)
            named = await shell.caseway("records", "erase", "amy", "--json")
            assert (named.status, named.json["running"]) == (1, [CASE])
            kept = await shell.caseway("records", "forget", "--older-than", "30", "--json")
            assert (kept.status, kept.json["cases"]) == (0, 0)

    asyncio.run(run())


def test_a_held_case_goes_on(namespace: Namespace, tmp_path: Path) -> None:
    """What is held is shown with its reason; skipped with a result, the case goes on to its end."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            stage.broken.add("ticket.create")
            case = (await stage.cases.start("needs-system", None, key="chair", by="amy")).case
            await shown(stage, case, lambda view: bool(view["held"]))
            seen = await shell.caseway("show", case)
            assert "(held)" in seen.out
            assert "not now" in seen.out
            wrong = await shell.caseway("retry", case, "--task", "close")
            assert (wrong.status, "name one held task" in wrong.err) == (1, True)
            both = await shell.caseway("retry", case, "--value", "1")
            assert (both.status, "--skip" in both.err) == (2, True)
            done = await shell.caseway(
                "retry", case, "--skip", "--value", '{"id": "T-9"}', "--reason", "by hand", "--json"
            )
            assert (done.status, done.json["act"], done.json["state"]) == (0, "skip", "accepted")
            view = await shown(stage, case, lambda view: "ended" in view)
            assert view["ended"]["as"] == "completed"
            assert view["case"]["results"]["open"] == {"id": "T-9"}

    asyncio.run(run())


def test_many_held_cases_go_on(namespace: Namespace, tmp_path: Path) -> None:
    """What a broken system has held is listed first, then tried again, each with its line."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            stage.broken.add("ticket.create")
            names = [f"needs-system:{number}" for number in range(3)]
            for number, name in enumerate(names):
                await stage.cases.start("needs-system", None, key=str(number), by="amy")
                await shown(stage, name, lambda view: bool(view["held"]))
            for _ in range(100):
                page = await stage.cases.list({"phase": "held"})
                if len(page.items) == len(names):
                    break
                await asyncio.sleep(0.05)
            listed = (await stage.cases.worklist(person="lin")).items
            assert sorted(each["case"] for each in listed) == names
            assert {(each["kind"], each["task"]) for each in listed} == {("held", "open")}
            bare = await shell.caseway("retry", "--error", "not now")
            assert (bare.status, "needs a --reason" in bare.err) == (2, True)
            other = await shell.caseway("retry", "--error", "something else", "--dry-run")
            assert (other.status, "No held task matches" in other.err) == (0, True)
            young = await shell.caseway("retry", "--older-than", "1h", "--dry-run", "--json")
            assert (young.status, young.json["tasks"]) == (0, [])
            looked = await shell.caseway("retry", "--error", "NOT now", "--dry-run", "--json")
            assert sorted(each["case"] for each in looked.json["tasks"]) == names
            assert {each["state"] for each in looked.json["tasks"]} == {"would-be"}
            assert (await stage.cases.show(names[0]))["held"]

            stage.broken.clear()
            done = await shell.caseway(
                "retry", "--definition", "needs-system", "--by", "op", "--reason", "it is back"
            )
            assert done.status == 0, done.err
            assert done.out.count("retry, accepted") == 3
            for name in names:
                view = await shown(stage, name, lambda view: "ended" in view)
                [line] = [each for each in view["timeline"] if each["kind"] == "released"]
                assert (line["by"], line["reason"]) == ("op", "it is back")
            for _ in range(100):
                if not (await stage.cases.worklist(person="lin")).items:
                    break
                await asyncio.sleep(0.05)
            assert list((await stage.cases.worklist(person="lin")).items) == []

    asyncio.run(run())


async def _started(cases: object, case: str) -> None:
    from cases.cases import Cases
    from cases.errors import CaseNotFound

    assert isinstance(cases, Cases)
    for _ in range(200):
        try:
            await cases.show(case)
        except CaseNotFound:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError(f"{case} never started")
