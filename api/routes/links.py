"""Signed links from mails: GET shows the question, only POST answers it.

Mail scanners and previews follow links, so nothing happens on GET. The token is the permission:
it names one person, one work item and one case, and expires.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.pages.form_fields import fields_of, read_fields
from api.pages.render import notice, page
from api.pages.texts import TEXTS, chosen, language_of
from api.pages.voting import can_change, standing_vote, voting_of
from api.ports import (
    Cases,
    Definitions,
    Links,
    Organization,
)
from api.raw_paths import segment
from cases.errors import (
    CaseEnded,
    CaseNotFound,
    CaseUnreadable,
    Refused,
    ServerUnavailable,
    WorkerSilent,
)
from cases.links import LinkClaims, LinkExpired, LinkInvalid

router = APIRouter(include_in_schema=False)

log = structlog.get_logger()

OPEN = ("open", "claimed")
FIELDS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class _Question:
    """What a link leads to."""

    claims: LinkClaims
    view: Mapping[str, Any]
    item: Mapping[str, Any]
    schema: Any
    texts: Mapping[str, str]
    language: str
    people: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether it can be answered, or a vote be changed."""
        return self.item["state"] in OPEN or can_change(self.view, self.item)


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
async def show_question(request: Request, token: str) -> HTMLResponse:
    """The question with its form, or a page that says why there is none."""
    found = await _find(request, segment(token))
    if isinstance(found, HTMLResponse):
        return found
    if not found.is_open:
        return _over(found)
    draft = found.item.get("draft") or found.item.get("prefill") or {}
    return _ask(found, values=draft)


@router.post("/l/{token}")
async def answer_question(request: Request, token: str) -> HTMLResponse:
    """Record the answer; the same one again is thanked for again."""
    found = await _find(request, segment(token))
    if isinstance(found, HTMLResponse):
        return found
    sent = await _sent(request)
    outcome = next(iter(sent.get("outcome", ())), "")
    filled = read_fields(found.schema, sent)
    texts = TEXTS[found.language]
    problems = {name: texts[key] for name, key in filled.problems.items()}
    if found.is_open:
        for name in _needed(found, outcome):
            if filled.values.get(name) in (None, "", []):
                problems.setdefault(name, texts["missing"])
    if outcome not in found.item["outcomes"] or problems:
        return _ask(found, values=filled.values, problems=problems, status=422)
    cases: Cases = request.app.state.cases
    try:
        await cases.answer(
            found.claims.case,
            found.claims.item,
            outcome,
            filled.values,
            by=found.claims.person,
            via="link",
            request_id=_request_id(found, segment(token), outcome),
        )
    except (CaseEnded, CaseNotFound):
        return notice("late", found.language, 410)
    except Refused as error:
        return await _refused(request, found, filled.values, error)
    except (CaseUnreadable, WorkerSilent, ServerUnavailable):
        return notice("wait", found.language, 503)
    return notice("thanks", found.language, 200)


def _request_id(found: _Question, token: str, outcome: str) -> str:
    """One answer per link: sent twice it is the same, changed it is refused.

    A vote that can be changed is another request after each vote.
    """
    if can_change(found.view, found.item):
        before = standing_vote(found.view, found.item) or {}
        token = f"{token} {before.get('id')} {outcome}"
    return f"link:{hashlib.sha256(token.encode()).hexdigest()[:40]}"


async def _find(request: Request, token: str) -> _Question | HTMLResponse:
    links: Links = request.app.state.links
    cases: Cases = request.app.state.cases
    header = request.headers.get("accept-language")
    unknown = language_of(header)
    try:
        claims = links.read(token)
    except LinkExpired:
        return notice("expired", unknown, 410)
    except LinkInvalid:
        return notice("invalid", unknown, 404)
    try:
        view = await cases.show(claims.case)
    except CaseNotFound:
        return notice("late", unknown, 410)
    except (CaseUnreadable, WorkerSilent, ServerUnavailable):
        return notice("wait", unknown, 503)
    organization: Organization = request.app.state.organization
    people = (await organization.current()).get("people") or {}
    language = language_of(_language_of_person(people, view, claims.person), header)
    item = next((each for each in view.get("items", ()) if each["id"] == claims.item), None)
    if item is None:
        return notice("late", language, 410)
    schema, texts = await _form(request, view, item.get("form"), language)
    if item.get("approval"):
        texts = {"comment": TEXTS[language]["comment"]}
    return _Question(claims, view, item, schema, texts, language, people)


def _language_of_person(
    people: Mapping[str, Any], view: Mapping[str, Any], person: str
) -> str | None:
    requester = view.get("case", {}).get("requester")
    if isinstance(requester, Mapping) and person in (requester.get("id"), requester.get("mail")):
        return requester.get("language")
    language = (people.get(person) or {}).get("language")
    return str(language) if language else None


async def _form(
    request: Request, view: Mapping[str, Any], form: Any, language: str
) -> tuple[Any, Mapping[str, str]]:
    """JSON Schema of the form, and its texts in the language."""
    if not isinstance(form, str):
        return form, {}
    definitions: Definitions = request.app.state.definitions
    bundle = await definitions.by_digest(str(view.get("digest")))
    known = bundle.plan.forms.get(form) if bundle else None
    return (known.schema, known.texts.get(language, {})) if known else (None, {})


async def _sent(request: Request) -> Mapping[str, Sequence[str]]:
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qs(body, keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
    except ValueError:
        return {}


def _needed(found: _Question, outcome: str) -> list[str]:
    rules = found.item["outcomes"].get(outcome) or {}
    schema = found.schema if isinstance(found.schema, Mapping) else {}
    return list(dict.fromkeys((*schema.get("required", ()), *(rules.get("requires") or ()))))


def _ask(
    found: _Question,
    *,
    values: Mapping[str, Any],
    problems: Mapping[str, str] | None = None,
    general: Sequence[str] = (),
    status: int = 200,
) -> HTMLResponse:
    item, case = found.item, found.view.get("case", {})
    wrong = problems or {}
    fields = fields_of(found.schema, found.texts, values, wrong)
    labels = {each.name: each.label for each in fields}
    summary = [*general, *(f"{labels.get(name, name)}: {text}" for name, text in wrong.items())]
    if status == 422 and not summary:
        summary = [TEXTS[found.language]["choice"]]
    ticket = case.get("ticket")
    return page(
        "question.html",
        found.language,
        status,
        title=chosen(item["title"], found.language),
        description=chosen(item.get("description"), found.language),
        subject=case.get("subject"),
        ticket=ticket.get("id") if isinstance(ticket, Mapping) else ticket,
        voting=voting_of(found.view, item, found.claims.person, found.people),
        due=item.get("dueAt"),
        due_text=_due_text(item.get("dueAt")),
        fields=fields,
        problems=summary,
        outcomes=[
            (name, chosen((rules or {}).get("label"), found.language) or name)
            for name, rules in item["outcomes"].items()
            if not (rules or {}).get("automatic")
        ],
    )


async def _refused(
    request: Request, found: _Question, values: Mapping[str, Any], error: Refused
) -> HTMLResponse:
    """Over in the meantime, or something in the answer is wrong and can be corrected."""
    cases: Cases = request.app.state.cases
    view = await cases.show(found.claims.case)
    item = next((each for each in view["items"] if each["id"] == found.claims.item), found.item)
    log.info("answer refused", case=found.claims.case, item=found.claims.item, reason=str(error))
    now = replace(found, view=view, item=item)
    if not now.is_open:
        return _over(now)
    return _ask(now, values=values, general=[str(error)], status=409)


def _over(found: _Question) -> HTMLResponse:
    return notice("done" if found.item["state"] == "done" else "late", found.language, 410)


def _due_text(due: str | None) -> str:
    if not due:
        return ""
    at = datetime.fromisoformat(due).astimezone(ZoneInfo("UTC"))
    return f"{at:%Y-%m-%d %H:%M} UTC"
