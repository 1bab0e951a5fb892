"""Who gets which published event."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.routing.listening import MONDAY, event, later, told
from workflows.routing import book as books
from workflows.routing.book import Book, Times

BY_ORDER = "[ { with: { type: placed }, correlate: { order: { from: .data.order } } } ]"


def got(forwards: list[books.Forward]) -> list[tuple[str, str]]:
    """(subscriber, event id)."""
    return [(each.to, each.event["id"]) for each in forwards]


def test_everybody_who_wants_it_gets_it_once() -> None:
    """Two subscriptions of one case are one subscriber."""
    book = Book(Times())
    book.subscribe(told("s1"), MONDAY)
    book.subscribe(told("s2"), MONDAY)
    book.subscribe(told("s3", to="order:2"), MONDAY)
    book.subscribe(told("s4", "[ { with: { type: shipped } } ]", to="order:3"), MONDAY)

    assert got(book.publish(event(), MONDAY)) == [("order:1", "e1"), ("order:2", "e1")]


def test_the_same_event_again_changes_nothing() -> None:
    """Source and id make it one; another source is another event."""
    book = Book(Times())
    book.subscribe(told(), MONDAY)
    book.publish(event(), MONDAY)

    assert got(book.publish(event(), later(hours=20))) == []
    assert got(book.publish(event(source="https://other.example"), later(hours=20))) != []


def test_an_id_is_forgotten_after_its_time() -> None:
    """What comes again much later is taken again."""
    book = Book(Times())
    book.subscribe(told(), MONDAY)
    book.publish(event(), MONDAY)

    assert got(book.publish(event(), later(hours=25))) == [("order:1", "e1")]


def test_an_event_is_known_for_as_long_as_it_waits() -> None:
    """However the two times are set, a copy is not taken for another event."""
    book = Book(Times(early=timedelta(days=5), remembered=timedelta(hours=1)))
    book.publish(event(), MONDAY)
    book.publish(event(), later(days=4))

    assert got(book.subscribe(told(since=later(days=4)), later(days=4))) == [("order:1", "e1")]


def test_what_nobody_has_had_waits_for_its_time() -> None:
    """A listener that comes in time gets it, a later one does not."""
    book = Book(Times())
    book.publish(event(), MONDAY)

    assert got(book.subscribe(told(since=later(minutes=59)), later(minutes=59))) == [
        ("order:1", "e1")
    ]
    assert got(book.subscribe(told("s2", to="order:2", since=later(hours=2)), later(hours=2))) == []


def test_what_somebody_has_had_is_for_those_who_could_have_listened() -> None:
    """A case that began before the event gets it, one that began afterwards does not."""
    book = Book(Times())
    book.subscribe(told(), MONDAY)
    book.publish(event(), later(minutes=10))

    before = told("s2", to="order:2", since=later(minutes=9))
    after = told("s3", to="order:3", since=later(minutes=11))
    assert got(book.subscribe(before, later(minutes=12))) == [("order:2", "e1")]
    assert got(book.subscribe(after, later(minutes=12))) == []


def test_an_expected_correlation_finds_its_event_in_any_case() -> None:
    """The event is about this case, whoever has had it and whenever the case began."""
    book = Book(Times())
    book.subscribe(told(), MONDAY)
    book.publish(event("e7", {"order": 7}), MONDAY)
    book.publish(event("e8", {"order": 8}), MONDAY)

    listener = told("s2", BY_ORDER, to="order:8", since=later(minutes=5), expected={"order": 8})
    assert got(book.subscribe(listener, later(minutes=5))) == [("order:8", "e8")]
    assert got(book.publish(event("e9", {"order": 8}), later(minutes=6)))[1:] == [("order:8", "e9")]


def test_a_subscription_can_be_narrowed() -> None:
    """Once a case knows its correlation value, the events of others are kept away from it."""
    book = Book(Times())
    book.subscribe(told("s", BY_ORDER), MONDAY)
    assert got(book.publish(event("e1", {"order": 1}), MONDAY)) == [("order:1", "e1")]

    book.subscribe(told("s", BY_ORDER, expected={"order": 1}), MONDAY)

    assert got(book.publish(event("e2", {"order": 2}), MONDAY)) == []
    assert got(book.publish(event("e3", {"order": 1}), MONDAY)) == [("order:1", "e3")]


def test_what_a_router_cannot_judge_goes_to_the_case() -> None:
    """A condition on a variable that may change is left to the listener; the rest is judged."""
    text = "[ { with: { type: placed, data: { n: '${ . > $context.n }', city: Wien } } } ]"
    book = Book(Times())
    book.subscribe(told("s", text), MONDAY)

    assert got(book.publish(event("e1", {"n": 0, "city": "Wien"}), MONDAY)) == [("order:1", "e1")]
    assert got(book.publish(event("e2", {"n": 0, "city": "Graz"}), MONDAY)) == []


def test_variables_that_stay_are_judged_by_their_values() -> None:
    """The router gets the values with the subscription."""
    text = "[ { with: { type: placed, data: '${ .n > $input.n }' } } ]"
    book = Book(Times())
    book.subscribe(told("s", text, names={"input": {"n": 3}}), MONDAY)

    assert got(book.publish(event("e1", {"n": 3}), MONDAY)) == []
    assert got(book.publish(event("e2", {"n": 4}), MONDAY)) == [("order:1", "e2")]


def test_large_values_stay_with_the_case() -> None:
    """A router keeps thousands of subscriptions: none may be large."""
    text = "[ { with: { type: placed, data: '${ .n > $input.n }' } } ]"
    given = told("s", text, names={"input": {"n": 3, "text": "x" * 10_000}})

    assert given["names"] == {}
    assert len(json.dumps(given)) < 500


def test_a_filter_that_fails_on_an_event_does_not_fit_it() -> None:
    """Others get the event all the same."""
    book = Book(Times())
    book.subscribe(told("s", "[ { with: { type: placed, data: '${ .n.m }' } } ]"), MONDAY)
    book.subscribe(told("t", to="order:2"), MONDAY)

    assert got(book.publish(event(data={"n": "text"}), MONDAY)) == [("order:2", "e1")]


def test_who_is_gone_is_forgotten() -> None:
    """By its own word, or because it ended without one: that run of it, and no other."""
    book = Book(Times())
    book.subscribe(told("s1"), MONDAY)
    book.subscribe(told("s2", to="order:2"), MONDAY)
    book.subscribe(told("s3", to="order:2", run="newer"), MONDAY)

    book.unsubscribe("s1")
    book.forget("order:2", "run")

    assert book.subscribers() == [("order:2", "newer")]


def test_a_book_comes_back_from_json() -> None:
    """Subscriptions, early events, who has had them, and what is known: all goes on."""
    book = Book(Times())
    book.subscribe(told("s1", BY_ORDER, expected={"order": 7}), MONDAY)
    book.publish(event("e7", {"order": 7}), MONDAY)
    book.publish(event("e8", {"order": 8}), MONDAY)

    again = Book(Times(), json.loads(json.dumps(book.to_json())))

    assert again.to_json() == book.to_json()
    assert got(again.publish(event("e7", {"order": 7}), MONDAY)) == []
    listener = told("s2", to="order:2", since=later(minutes=1))
    assert got(again.subscribe(listener, later(minutes=1))) == [("order:2", "e8")]


def test_a_book_is_idle_when_nothing_is_left() -> None:
    """Its alarm is set for what has its time next, and then there is no more."""
    book = Book(Times())
    assert book.idle
    book.publish(event(), MONDAY)
    assert book.next_change() == later(hours=1)
    book.expire(later(hours=1))
    assert book.next_change() == later(days=1)
    assert not book.idle
    book.expire(later(days=1))
    assert book.idle


def test_early_events_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest makes room, by number and by size; those that nobody had are counted."""
    monkeypatch.setattr(books, "MOST_EVENTS", 3)
    monkeypatch.setattr(books, "MOST_BYTES", 2_000)
    book = Book(Times())
    for number in range(5):
        book.publish(event(f"e{number}"), MONDAY)
    assert (book.early, book.dropped) == (3, 2)

    book.publish(event("large", "x" * 1_880), MONDAY)

    assert got(book.subscribe(told(), MONDAY)) == [("order:1", "large")]


def test_many_listeners_with_keys_of_their_own() -> None:
    """Each of thousands hears of its own order only."""
    book = Book(Times())
    given: dict[str, Any] = told("s", BY_ORDER, expected={"order": 0})
    for number in range(2_000):
        filters = [{**each, "expected": {"order": number}} for each in given["filters"]]
        book.subscribe(
            {**given, "id": f"s{number}", "to": f"order:{number}", "filters": filters}, MONDAY
        )

    assert got(book.publish(event("e", {"order": 1_234}), MONDAY)) == [("order:1234", "e")]
