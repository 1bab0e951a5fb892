"""Published definitions over HTTP, and the check of a text."""

from __future__ import annotations

import pytest

from tests.api.doubles import Door

YAML = {"Content-Type": "application/yaml"}

SOUND = """document:
  dsl: '1.0.3'
  namespace: tests
  name: asking
  version: '1.0.0'
  metadata:
    owner: chen
do:
  - ask:
      call: work-item
      with:
        title: Look at it
        assign: { person: chen }
        due: { minutes: 30 }
        onDue: keep
        outcomes: { done: {} }
"""


def test_published_definitions_are_listed(door: Door) -> None:
    """A caller sees what can be started."""
    assert door.send("GET", "/definitions").json() == {
        "definitions": [
            {
                "name": "service-desk-case",
                "version": "1.0.0",
                "title": "Service desk case",
                "owner": "support-manager",
            }
        ]
    }


def test_a_definition_is_shown_with_the_schema_of_its_input(door: Door) -> None:
    """A caller can check its input before it starts a case."""
    shown = door.send("GET", "/definitions/service-desk-case").json()

    assert (shown["digest"], shown["input"]) == ("d" * 64, {"type": "object"})


def test_the_text_of_a_definition_can_be_had(door: Door) -> None:
    """What was published can be read back."""
    answer = door.send(
        "GET", "/definitions/service-desk-case", headers={"Accept": "application/yaml"}
    )

    assert answer.text == "document: {name: service-desk-case}\n"
    assert answer.headers["content-type"].startswith("application/yaml")


def test_an_unknown_definition_is_not_found(door: Door) -> None:
    """The answer suggests the name that was meant."""
    answer = door.send("GET", "/definitions/service-desk-cas")

    assert (answer.status_code, answer.json()["code"]) == (404, "definition-not-found")
    assert "service-desk-case" in answer.json()["detail"]


def test_a_broken_definition_is_answered_with_its_findings(door: Door) -> None:
    """The findings are those of `validate`: code, place and what to do."""
    broken = SOUND.replace("call: work-item", "call: work-itm")

    answer = door.send("POST", "/definitions/check", content=broken.encode(), headers=YAML)

    assert (answer.status_code, answer.json()["code"]) == (422, "definition-invalid")
    [finding] = [each for each in answer.json()["findings"] if each["severity"] == "error"]
    assert (finding["file"], finding["line"]) == ("process.yaml", 10)
    assert finding["code"].startswith("CW")
    assert "work-itm" in finding["message"]


def test_a_sound_definition_is_answered_with_200(door: Door) -> None:
    """200 means that it could be published."""
    answer = door.send("POST", "/definitions/check", content=SOUND.encode(), headers=YAML)

    assert answer.status_code == 200
    assert all(each["severity"] != "error" for each in answer.json()["findings"])


def test_forms_and_messages_can_be_sent_along(door: Door) -> None:
    """A definition that names a form is judged with the form beside it."""
    text = SOUND + "        form: triage\n"
    form = "type: object\nproperties: { note: { type: string, title: Note } }\n"

    alone = door.send("POST", "/definitions/check", json={"files": {"process.yaml": text}})
    together = door.send(
        "POST",
        "/definitions/check",
        json={"files": {"process.yaml": text, "forms/triage.yaml": form}},
    )

    assert (alone.status_code, together.status_code) == (422, 200)


@pytest.mark.parametrize(
    ("files", "pointer"),
    [
        ({"forms/a.yaml": "x"}, "/files"),
        ({"process.yaml": "x", "../a/b": "x"}, "/files/..~1a~1b"),
        ({"process.yaml": 3}, "/files/process.yaml"),
    ],
)
def test_files_that_make_no_definition_are_refused(
    door: Door, files: dict[str, object], pointer: str
) -> None:
    """The pointer names the file."""
    answer = door.send("POST", "/definitions/check", json={"files": files})

    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_only_text_is_checked(door: Door) -> None:
    """Another content type or another encoding is refused before anything reads it."""
    as_image = door.send(
        "POST", "/definitions/check", content=b"x", headers={"Content-Type": "image/png"}
    )
    as_latin = door.send("POST", "/definitions/check", content=b"\xe9", headers=YAML)

    assert (as_image.status_code, as_latin.status_code) == (415, 400)
