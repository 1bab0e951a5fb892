"""Published definitions over HTTP, and the check of a text."""

from __future__ import annotations

from tests.api.doubles import Door

YAML = {"Content-Type": "application/yaml"}


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
    """The findings are those of `validate`, under the given file name."""
    answer = door.send(
        "POST", "/definitions/check?file=a/process.yaml", content=b"broken: true", headers=YAML
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "definition-invalid")
    assert answer.json()["findings"] == [
        {"code": "CW101", "severity": "error", "file": "a/process.yaml", "line": 1, "column": 1}
    ]


def test_a_sound_definition_has_no_findings(door: Door) -> None:
    """200 means that it could be published."""
    answer = door.send("POST", "/definitions/check", content=b"fine: true", headers=YAML)

    assert (answer.status_code, answer.json()) == (200, {"findings": []})


def test_only_text_is_checked(door: Door) -> None:
    """Another content type or another encoding is refused before anything reads it."""
    as_image = door.send(
        "POST", "/definitions/check", content=b"x", headers={"Content-Type": "image/png"}
    )
    as_latin = door.send("POST", "/definitions/check", content=b"\xe9", headers=YAML)

    assert (as_image.status_code, as_latin.status_code) == (415, 400)
