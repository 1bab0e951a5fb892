"""Votes on approvals: rows of what a case tells of its rounds, and the rounds of a case again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from cases.records.lines import fetch
from cases.records.tables import votes
from service.instants import read_instant, write_instant

Row = dict[str, Any]


def rows_of_round(case: str, run: str, n: int, voting: Mapping[str, Any]) -> list[Row]:
    """The rows of `votes`, those that were changed included; `n` is the number of the write."""
    told = [(vote, False) for vote in voting.get("earlier") or ()]
    told += [(vote, True) for vote in voting.get("votes") or ()]
    return [
        {
            "case_id": case,
            "run": run,
            "round": voting["id"],
            "vote": str(vote["id"])[:255],
            "n": n,
            "task": voting["task"],
            "seat": vote["seat"],
            "by": vote["by"],
            "on_behalf_of": vote.get("onBehalfOf"),
            "choice": vote["vote"],
            "comment": vote.get("comment"),
            "at": read_instant(vote["at"]),
            "via": vote.get("via"),
            "override": bool(vote.get("override")),
            "counts": counts,
        }
        for vote, counts in told
    ]


def rounds_of(connection: Connection, case: str, run: str) -> Sequence[Mapping[str, Any]]:
    """The rounds of a case in which somebody voted, {id, task, votes, earlier}, votes in order."""
    query = (
        select(votes)
        .where(votes.c.case_id == case, votes.c.run == run)
        .order_by(votes.c.at, votes.c.round, votes.c.vote)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in fetch(connection, query):
        voting = found.setdefault(
            row["round"], {"id": row["round"], "task": row["task"], "votes": [], "earlier": []}
        )
        voting["votes" if row["counts"] else "earlier"].append(_vote(row))
    return list(found.values())


def _vote(row: Mapping[str, Any]) -> Row:
    told: Row = {
        "id": row["vote"],
        "seat": row["seat"],
        "by": row["by"],
        "onBehalfOf": row["on_behalf_of"],
        "vote": row["choice"],
        "comment": row["comment"],
        "at": write_instant(row["at"]),
        "via": row["via"],
    }
    return {**told, "override": True} if row["override"] else told
