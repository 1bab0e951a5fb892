"""What each level of the interpreter changed: `engine_semantics`.

A case starts with the level that came with its plan (`language.plan.ENGINE_SEMANTICS` of the
program that started it) and keeps it: its history must give the same commands for as long as it
runs, whatever the interpreter has learned since. Behavior that a recorded history could show is
changed only behind a new level, asked for as `run.level`. Code of a level goes when no case that
began below it can run or be replayed any more.

1. As first released.
2. The standard's data flow to the letter: expressions of a task's body see the task's raw input as
   `$task.input` and its real start; `$input` and `$output` are errors where the standard has none.
   `retry.limit.attempt.duration` ends an attempt. `catch.then` is followed after retries in vain.
   A raised error must have a type and a whole number as its status. An operator's retry of a task
   starts its time limit anew. The id of a part names its whole case and counts attempts: two cases
   with one key, two tasks of one name, or a retry can no longer wait for a part that is not theirs.
3. A case that only acts tells its end to the worker that sees it, without a command (decision 0010);
   before, it wrote its record in a local activity at its end.
4. Events are routed: `emit` publishes, and `listen` does all that the standard says of it, hears
   what was published, and sees in an expression the value at its place. An event is known by its
   source and id, not by its id alone.
5. What a system forbids (403) is the standard's `authorization` error, no longer `authentication`.
   Variables in the address of an authority are filled like those of other addresses.
6. Reads that function or definition call safe are local activities where nothing else is under way
   (decision 0011).
7. A held task whose case goes on in a new run stays held; before, the new run tried it again by
   itself.
8. A case looks after its parts also where it did not start them in this run, and hears of a part
   that ends together with its beginning. A part is not forgotten when the case is withdrawn while
   it starts.
9. A variable of an address that is `.` or `..` is an error: it led to another path.
10. What expressions compute counts against a flow that goes in a circle, so that it ends within
   about a second instead of holding a worker; a value nested more than 400 levels deep, which no
   payload could carry much further, is an error of the expression that gives it.
11. What ends a flow that goes in a circle is caught by no `try`: its catch could lead into the same
   circle again, and no worker ever came out of it.
12. Whoever knocks while a case fails before it has begun (its input does not fit) is told that it
   has ended; before, the case waited for ever for them, and they for the case.
13. What is too large for a command is an error of the task that would hand it on, of the case where
   it is its output, and no reason to try for ever. A case whose snapshot is too large goes on in the
   same run, and tries again later.
14. A snapshot keeps the order in which objects have their keys: the payload of a new run sorted them,
   and `to_entries`, `tostring` or `.[]` gave something else there than in the run before.
15. A time that is waited for has come when its own timer rings, also where the case's time has passed
   it: after an outage, several times pass at once, and each counts in its order. Actions under way
   together hand on no more than what one workflow task can carry; the next ones begin later.
16. Clocks that one event moves are read side by side, not one after the other. A case whose definition
   says `record: matter` works on the record of the case that it is part of, or from which it was
   started as a child. Cases are linked and merged when both sides agree.
   Reopenings and hops between cases have a limit. What has finished is
   undone as its `metadata.undo` says: where the case is cancelled or fails, and by the function `undo`.
   A case that is cancelled from outside goes on as one that a command cancels, in new runs too, and a
   second cancel changes nothing. When a work item is due is known before somebody is chosen, so that
   people who are at work before then can be asked; whoever had claimed what is withdrawn is told; the
   clock of an item runs while it is open; an act's id that comes again with other content is refused.
   A running clock keeps the calendar that it was read with first; before, each reading was in the
   calendar of the day.
   Signals and updates that reach a case at once act one after the other, as a replay sees them; before,
   a worker that had to load the case could give its commands in another order than a replay did.
   `onDue: {escalate: ladder}` of a work item starts a ladder; before, it was an error. The result of
   a work item names who was told of it.
   A reaction with `atMost` works on several events at the same time.
"""

from __future__ import annotations

from language.plan import ENGINE_SEMANTICS

FIRST = 1
"""Level of a case whose start names none."""


class LevelUnknown(Exception):
    """A case of a newer level: a newer program started it, and only such a one can run it."""

    def __init__(self, level: int) -> None:
        super().__init__(
            f"the case has engine semantics {level}; this worker knows up to {ENGINE_SEMANTICS}. "
            "It waits for a worker of the version that started it."
        )


def level_of(given: object) -> int:
    """The level that came with a start.

    Raises:
        ValueError: it is no level at all.
        LevelUnknown: it is one of a later program.
    """
    if given is None:
        return FIRST
    if isinstance(given, bool) or not isinstance(given, int) or given < FIRST:
        raise ValueError(f"semantics is a number from {FIRST}")
    if given > ENGINE_SEMANTICS:
        raise LevelUnknown(given)
    return given
