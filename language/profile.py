"""What of the Open Workflow Specification DSL 1.0.3 Caseway supports; `docs/profile.md` shows it."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["supported", "not in this version", "not in this profile"]


class Feature(NamedTuple):
    """One line of the standard."""

    name: str
    state: State
    why: str = ""


_ARBITRARY_CODE = "arbitrary code in a definition is run by whoever may edit it"
_OTHER_PROTOCOL = (
    "no service process of the catalog needs the protocol; an integration can speak it"
)

FEATURES: tuple[Feature, ...] = (
    Feature("`do`, `set`, `switch`, `for`, `fork`, `try`, `raise`, `wait`, `listen`, `emit`", "supported"),
    Feature("`listen` to `one`, `all`, `any`; `until` by condition and by event; `foreach`; `correlate`; `read`", "supported", "[events](events.md)"),
    Feature("`emit`", "supported", "id, source and time are filled in from the case where they are left out"),
    Feature("`schedule.on`", "supported", "its filters see the event alone, and `expect` is a constant: there is no case yet"),
    Feature("`then` forwards and backwards, `continue`, `exit`, `end`", "supported"),
    Feature("`if`, `input`, `output`, `export`, `timeout`, `metadata` of every task", "supported"),
    Feature("`call: http`: `output`, `redirect`, query, headers, bodies as JSON, form, multipart or text", "supported", "redirects are followed with `redirect: true`; what logs in stays with the first server"),
    Feature("`call: openapi`: documents 2.0 and 3.x, as a file or an address", "supported", "read when the definition is published and pinned; the first server counts, its variables have their defaults"),
    Feature("authentications `basic`, `bearer`, `digest`, `oauth2`, `oidc`, inline, by name, or as a secret", "supported", "grants client_credentials, password, refresh_token (the refresh token is `subject`), token exchange; the endpoints for revocation and introspection are not called"),
    Feature("`$secrets` in arguments of calls over HTTP, and in authentications", "supported", "evaluated in the activity; values are hidden in results and errors"),
    Feature("`call:` of functions in the default catalog, `name`, `name:version`, `name:version@default`", "supported", "a bare name is the newest version, pinned when it is published"),
    Feature("`run: workflow`", "supported"),
    Feature("`use.authentications`, `errors`, `functions`, `retries`, `secrets`, `timeouts`", "supported"),
    Feature("`schedule.every`, `schedule.cron`", "supported", "at least one second; cron has five fields and counts in UTC; other time zones, holidays and rules of days stand in `metadata.schedules`"),
    Feature("`schedule.after`", "supported", "after completion: a case that fails or is cancelled pauses the schedule with a note"),
    Feature("`timeout`, `input`, `output` of the workflow", "supported"),
    Feature("`call:` of functions in `use.functions`, in other files, at addresses, and in `use.catalogs`", "supported", "fetched when the definition is published, and pinned by digest; a login may be basic or bearer, written out"),
    Feature("`use.extensions`", "supported", "around tasks of the flow and of functions; what their tasks give does not flow on, but for `then: exit` in `before`"),
    Feature("lifecycle events of workflows and tasks", "supported", "where a sink is set; without the optional `status-changed` events and `outputUri`"),
    Feature("JSON Schemas, inline and in other documents (`schema.resource`)", "supported", "fetched and pinned likewise"),
    Feature("expressions in jq, strict mode", "supported", "fields that are expressions by nature may stand bare"),
    Feature("`$case`", "supported", "stands for `$runtime.metadata.case`; the standard says of `$runtime` that it makes a file not portable"),
    Feature("`run: script`, `run: shell`, `run: container`", "not in this profile", _ARBITRARY_CODE),
    Feature("`call: asyncapi`, `call: grpc`", "not in this profile", _OTHER_PROTOCOL),
    Feature("`call: a2a`, `call: mcp`", "not in this profile", _OTHER_PROTOCOL),
    Feature("`evaluate.mode: loose`, other expression languages", "not in this profile", "text of a mail must never be taken for an expression"),
    Feature("schemas of other formats than JSON Schema", "not in this profile"),
    Feature("the grant `authorization_code`", "not in this profile", "it needs a person at a browser"),
    Feature("`$secrets` anywhere else, `$authorization`", "not in this profile", "their values would be kept in the history"),
    Feature("unknown keys at the root, in `catch.errors` and its filter, in authentications and their endpoints", "not in this profile", "the standard's schema lets them pass; here they are misspelled keys"),
    Feature("empty lists of tasks, `schedule` without a rule, `emit` of an event without attributes", "not in this profile", "the standard's schema lets them pass; here something was forgotten"),
    Feature("YAML anchors, aliases, merge keys, tags", "not in this profile", "a file means what stands in it"),
)  # fmt: skip


def as_markdown() -> str:
    """The page `docs/profile.md`."""
    lines = [
        "# The profile",
        "",
        "Caseway reads the Open Workflow Specification DSL 1.0.3 (formerly Serverless Workflow).",
        "This is what it supports of it; `caseway validate` names what is left out where it stands.",
        "The table is written by `python -m language.profile`.",
        "",
        "| Feature | State | Why |",
        "| --- | --- | --- |",
        *(f"| {each.name} | {each.state} | {each.why} |" for each in FEATURES),
        "",
        "The words of service management are functions, so a Caseway file is a valid file of the standard.",
        "`document.metadata` carries owner, statuses, clocks and reactions; a file without any of our keys may use it for anything.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201
