"""Links in mails, as a browser without scripts sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import pytest

from cases.errors import CaseEnded, Refused, WorkerSilent
from tests.api.doubles import Door

FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Browser(HTMLParser):
    """Reads a page: its form's fields, buttons, labels, and what may run or load."""

    language: str | None = None
    controls: dict[str, list[dict[str, str | None]]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    labelled: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    @classmethod
    def reading(cls, answer: httpx.Response) -> Browser:
        browser = cls()
        browser.feed(answer.text)
        return browser

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.language = given.get("lang")
        if tag in ("input", "select", "textarea"):
            self.controls.setdefault(str(given.get("name")), []).append(given)
        if tag == "label":
            self.labelled.add(str(given.get("for")))
        if tag == "button":
            self.buttons[str(given.get("value"))] = ""

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "button" and data.strip():
            self.buttons[list(self.buttons)[-1]] += data.strip()
        self.text += data


def get(door: Door, token: str = "good", **headers: str) -> httpx.Response:
    """Open the link."""
    return door.send("GET", f"/l/{token}", scope=None, headers=headers)


def post(door: Door, body: str, token: str = "good") -> httpx.Response:
    """Press a button of the form."""
    return door.send("POST", f"/l/{token}", scope=None, content=body, headers=FORM_TYPE)


def test_following_a_link_shows_the_question_and_answers_nothing(door: Door) -> None:
    """Mail scanners follow links: only the button may answer."""
    door.open_item()

    for method in ("GET", "HEAD", "GET", "OPTIONS"):
        door.send(method, "/l/good", scope=None)
    page = get(door)

    assert page.status_code == 200
    assert door.cases.named("answer") == []
    assert {name for name, _ in door.cases.calls} == {"show"}
    browser = Browser.reading(page)
    assert browser.buttons == {"solved": "Yes, solved", "not-solved": "No"}
    assert set(browser.controls) == {"f.satisfied", "f.score", "f.kind", "f.comment"}


def test_the_button_answers_as_the_person_of_the_link(door: Door) -> None:
    """The token is the permission, and values come in the types of the form."""
    door.open_item()

    page = post(
        door, "f.satisfied=true&f.score=5&f.kind=%22mail%22&f.comment=%E5%A5%BD&outcome=solved"
    )

    assert page.status_code == 200
    assert "Thank you" in page.text
    [call] = door.cases.named("answer")
    assert (call["case"], call["item"]) == ("service-desk-case:T-1", "confirm#2")
    assert (call["by"], call["via"], call["outcome"]) == ("amy", "link", "solved")
    assert call["values"] == {"satisfied": True, "score": 5, "kind": "mail", "comment": "好"}


def test_sending_the_answer_again_is_the_same_request(door: Door) -> None:
    """A double click gives one answer, and thanks both times."""
    door.open_item()

    pages = [post(door, "f.satisfied=true&outcome=solved") for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    first, second = door.cases.named("answer")
    assert first == second


def test_another_answer_after_the_first_is_told_that_it_is_late(door: Door) -> None:
    """The case refuses it, and the page says why in plain words."""
    door.open_item(state="done")
    door.cases.fails = Refused("this answer was given before with other content")

    page = post(door, "f.satisfied=true&outcome=solved")

    assert page.status_code == 410
    assert "has been answered" in page.text


@pytest.mark.parametrize(
    ("token", "state", "status", "text"),
    [
        ("old", "open", 410, "This link has expired"),
        ("forged", "open", 404, "This link does not work"),
        ("good", "done", 410, "This has been answered"),
        ("good", "withdrawn", 410, "This is no longer open"),
        ("good", "expired", 410, "This is no longer open"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(
    door: Door, token: str, state: str, status: int, text: str
) -> None:
    """Nobody is left with an error page."""
    door.open_item(state=state)

    page = get(door, token)

    assert (page.status_code, text in page.text) == (status, True)
    assert page.headers["content-type"].startswith("text/html")
    assert "<form" not in page.text


def test_an_answer_to_an_ended_case_is_late(door: Door) -> None:
    """The case may end between the page and the button."""
    door.open_item()
    door.cases.fails = CaseEnded("service-desk-case:T-1")

    assert post(door, "f.satisfied=true&outcome=solved").status_code == 410


def test_an_answer_that_could_not_be_confirmed_may_be_sent_again(door: Door) -> None:
    """Without a worker nothing is confirmed; trying again is safe."""
    door.open_item()
    door.cases.fails = WorkerSilent("x", 5)

    page = post(door, "f.satisfied=true&outcome=solved")

    assert (page.status_code, "try again" in page.text) == (503, True)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("f.comment=as+said&outcome=solved", "Are you satisfied?: Please fill in this field."),
        ("f.satisfied=true&f.score=3&outcome=not-solved", "Comment: Please fill in this field."),
        ("f.comment=as+said&f.satisfied=maybe&outcome=solved", "Are you satisfied?: Please choose"),
        (
            "f.comment=as+said&f.satisfied=true&f.score=five&outcome=solved",
            "Score: Please write a whole number.",
        ),
        ("f.comment=as+said&f.satisfied=true", "Please choose"),
        ("f.comment=as+said&f.satisfied=true&outcome=hacked", "Please choose"),
    ],
)
def test_an_incomplete_answer_is_asked_for_again_with_what_was_filled_in(
    door: Door, body: str, problem: str
) -> None:
    """People correct one field; they do not start over."""
    door.open_item()

    page = post(door, body)

    kept = "as said" if "comment" in body else 'value="3"'
    assert kept in page.text
    assert page.status_code == 422
    assert problem in page.text
    assert 'role="alert"' in page.text
    assert door.cases.named("answer") == []


def test_what_the_case_refuses_can_be_corrected(door: Door) -> None:
    """The form stays, with the case's reason above it."""
    door.open_item()
    door.cases.fails = Refused("score must be at most 5, not 9")

    page = post(door, "f.satisfied=true&f.score=9&outcome=solved")

    assert page.status_code == 409
    assert "score must be at most 5" in page.text
    assert 'value="9"' in page.text


@pytest.mark.parametrize(
    ("requester", "person", "header", "language", "button"),
    [
        ({"id": "amy", "language": "zh-TW"}, "amy", "en", "zh-TW", "已解決"),
        ({"id": "amy", "language": "en"}, "amy", "zh-TW", "en", "Yes, solved"),
        ({"id": "amy"}, "chen", "en", "zh-TW", "已解決"),
        ({"id": "amy"}, "amy", "zh-Hant;q=0.9, en", "zh-TW", "已解決"),
        ({"id": "amy"}, "amy", "fr", "en", "Yes, solved"),
    ],
)
def test_the_page_speaks_the_recipients_language(
    door: Door, requester: dict[str, str], person: str, header: str, language: str, button: str
) -> None:
    """The person's language decides, then the browser's, then English."""
    token = door.open_item()
    door.cases.views["service-desk-case:T-1"]["case"]["requester"] = requester
    claims = door.links.claims[token]
    door.links.claims[token] = type(claims)(claims.case, claims.item, person)

    page = get(door, **{"Accept-Language": header})

    browser = Browser.reading(page)
    assert (browser.language, page.headers["content-language"]) == (language, language)
    assert browser.buttons["solved"] == button
    assert ("意見" in page.text) == (language == "zh-TW")


def test_what_stands_in_a_case_cannot_run_in_the_page(door: Door) -> None:
    """Mails come from anybody; their text is shown, never executed."""
    door.open_item(prefill={"comment": '"><script>x</script>'})

    page = get(door)

    assert "script" not in Browser.reading(page).tags
    assert "<script>alert(1)</script>" in Browser.reading(page).text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_is_made_for_everybody(door: Door) -> None:
    """Each control has a label, and the page loads nothing else."""
    door.open_item()

    browser = Browser.reading(get(door))

    ids = {str(each["id"]) for controls in browser.controls.values() for each in controls}
    assert ids == browser.labelled
    assert not {"script", "link", "img", "iframe"} & set(browser.tags)
    assert browser.tags.count("h1") == 1


def test_the_token_in_the_address_leaves_no_trace(door: Door) -> None:
    """The address is the permission: no cache and no other site may learn it."""
    door.open_item()

    headers = get(door).headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
