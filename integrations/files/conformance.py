"""What every file store must do; each implementation's test subclasses the suite."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from hashlib import sha256

from integrations.errors import NotFound, Refused
from integrations.files.interface import FileStore


class FileStoreConformance(ABC):
    """Tests of one store; `store` gives an empty one, `again` another process's view of it."""

    @abstractmethod
    def store(self) -> FileStore:
        """A store of the implementation under test."""

    def test_content_comes_back_under_its_digest(self) -> None:
        """The digest is SHA-256 of the content, whatever the bytes are."""
        content = bytes(range(256)) * 100

        async def story() -> tuple[str, bytes, bool]:
            store = self.store()
            digest = await store.put(content)
            return digest, await store.get(digest), await store.has(digest)

        assert asyncio.run(story()) == (sha256(content).hexdigest(), content, True)

    def test_the_same_content_twice_is_one_file(self) -> None:
        """A repeated attempt changes nothing."""

        async def story() -> tuple[str, str]:
            store = self.store()
            return await store.put(b"same"), await store.put(b"same")

        first, second = asyncio.run(story())
        assert first == second

    def test_a_file_that_is_not_there(self) -> None:
        """It is said as NotFound, and `has` is False."""

        async def story() -> bool:
            store = self.store()
            missing = "0" * 64
            try:
                await store.get(missing)
            except NotFound:
                return await store.has(missing)
            raise AssertionError("a file that was never put was found")

        assert asyncio.run(story()) is False

    def test_what_is_no_digest_is_refused(self) -> None:
        """No name from outside may lead to another place."""

        async def refused(name: str) -> bool:
            try:
                await self.store().get(name)
            except Refused:
                return True
            return False

        names = ("../../etc/passwd", "", "A" * 64, "0" * 63, "/" + "0" * 63)
        assert [name for name in names if not asyncio.run(refused(name))] == []
