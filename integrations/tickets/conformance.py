"""What every ticket system must do; each implementation's test subclasses the suite."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable

from integrations.errors import Conflict, NotFound
from integrations.tickets.interface import NewTicket, Ticket, TicketQuery, TicketSystem

NEW = NewTicket(subject="印表機無法列印", requester="bin@customer.example", text="三樓")


class TicketConformance(ABC):
    """Tests of one system; `system` gives the same one each time within a test."""

    @abstractmethod
    def system(self) -> TicketSystem:
        """The system under test."""

    def test_a_ticket_is_opened_once_per_key(self) -> None:
        """Neither a repeated nor a concurrent attempt opens a second one."""

        async def story() -> list[Ticket]:
            system = self.system()
            return list(await asyncio.gather(*(system.create("key-1", NEW) for _ in range(5))))

        tickets = asyncio.run(story())
        assert {each.id for each in tickets} == {tickets[0].id}
        assert tickets[0].subject == NEW.subject

    def test_another_key_is_another_ticket(self) -> None:
        """Equal content alone makes no ticket the same."""

        async def story() -> tuple[str, str]:
            system = self.system()
            return (await system.create("a", NEW)).id, (await system.create("b", NEW)).id

        one, two = asyncio.run(story())
        assert one != two

    def test_an_update_is_read_back(self) -> None:
        """What was set stands in the ticket, and its version has changed."""

        async def story() -> tuple[Ticket, Ticket, Ticket]:
            system = self.system()
            made = await system.create("key-1", NEW)
            changed = await system.update("key-2", made.id, {"status": "open", "priority": "P2"})
            return made, changed, await system.get(made.id)

        made, changed, found = asyncio.run(story())
        assert (found.status, found.priority) == ("open", "P2")
        assert found == changed
        assert found.version != made.version

    def test_a_repeated_write_gives_the_first_result(self) -> None:
        """The second attempt of an action writes nothing, whatever happened in between."""

        async def story() -> tuple[Ticket, Ticket, Ticket]:
            system = self.system()
            made = await system.create("key-1", NEW)
            first = await system.update("key-2", made.id, {"status": "open"})
            await system.update("key-3", made.id, {"status": "waiting"})
            again = await system.update("key-2", made.id, {"status": "open"})
            return first, again, await system.get(made.id)

        first, again, found = asyncio.run(story())
        assert again == first
        assert found.status == "waiting"

    def test_a_ticket_that_somebody_changed_is_a_conflict(self) -> None:
        """With a version given, a change in between is not overwritten."""

        async def story() -> None:
            system = self.system()
            made = await system.create("key-1", NEW)
            await system.update("key-2", made.id, {"priority": "P1"})
            await system.update("key-3", made.id, {"priority": "P4"}, made.version)

        assert _raises(Conflict, story())

    def test_a_closed_ticket_says_how_it_was_resolved(self) -> None:
        """Status and resolution are read back."""

        async def story() -> Ticket:
            system = self.system()
            made = await system.create("key-1", NEW)
            await system.close("key-2", made.id, "repaired", "a new cartridge")
            return await system.get(made.id)

        found = asyncio.run(story())
        assert found.status == "closed"
        assert found.fields["resolution"] == "repaired"

    def test_a_comment_is_written_once(self) -> None:
        """The same key gives the same comment."""

        async def story() -> tuple[str, str, str]:
            system = self.system()
            made = await system.create("key-1", NEW)
            one = await system.comment("key-2", made.id, "text", "internal")
            same = await system.comment("key-2", made.id, "text", "internal")
            other = await system.comment("key-3", made.id, "text", "internal")
            return one.id, same.id, other.id

        one, same, other = asyncio.run(story())
        assert one == same
        assert one != other

    def test_tickets_are_found_by_what_they_have(self) -> None:
        """By key, by requester, by status; newest first."""

        async def story() -> tuple[list[str], list[str], list[str]]:
            system = self.system()
            first = await system.create("key-1", NEW)
            second = await system.create("key-2", NEW)
            await system.update("key-3", first.id, {"status": "open"})
            found = [
                await system.find(TicketQuery(key="key-1")),
                await system.find(TicketQuery(requester=NEW.requester)),
                await system.find(TicketQuery(status=("open",))),
            ]
            by_key, by_requester, by_status = ([each.id for each in one.tickets] for one in found)
            assert by_key == [first.id]
            assert by_requester == [second.id, first.id]
            return by_key, by_requester, by_status

        by_key, _, by_status = asyncio.run(story())
        assert by_status == by_key

    def test_a_ticket_that_is_not_there(self) -> None:
        """Every act on it says NotFound."""

        async def all_acts() -> list[bool]:
            system = self.system()
            acts = [
                system.get("T-999"),
                system.update("k1", "T-999", {"status": "open"}),
                system.comment("k2", "T-999", "text", "public"),
                system.close("k3", "T-999", "gone"),
            ]
            return [await _fails(NotFound, act) for act in acts]

        assert asyncio.run(all_acts()) == [True] * 4


async def _fails(kind: type[Exception], act: Awaitable[object]) -> bool:
    try:
        await act
    except kind:
        return True
    return False


def _raises(kind: type[Exception], story: Awaitable[object]) -> bool:
    return asyncio.run(_fails(kind, story))
