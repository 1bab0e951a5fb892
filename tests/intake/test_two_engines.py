"""Two engines whose mailboxes write to each other: whatever lies between them, it comes to an end."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from activities.sending import AUTOMATIC_PER_DAY
from language.bundle import Bundle
from language.files import compile_folder, read_organization
from tests.house.installation import question
from tests.intake.engine import Engine, Gateway, Post

DEFINITIONS = Path(__file__).parents[2] / "definitions"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
HERE, THERE = "help@here.example", "desk@there.example"
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Caseway-Hops", "Precedence")
THREAD = ("In-Reply-To", "References")

Shipped = tuple[dict[str, Bundle], Mapping[str, Any]]
Pair = Callable[[Gateway, bool], tuple[Engine, Engine, Post]]


def compiled(folder: Path) -> Shipped:
    """Intake and service desk of a folder."""
    organization, _ = read_organization(folder / "organization")
    found = {}
    for name in ("omnichannel-intake", "service-desk-case"):
        bundle = compile_folder(folder / name, organization).bundle
        assert bundle is not None
        found[name] = bundle
    return found, organization.document


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    """What ships."""
    return compiled(DEFINITIONS)


@pytest.fixture(scope="module")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    """What ships, but nobody is asked where a mail belongs: whatever names no case begins one."""
    folder = tmp_path_factory.mktemp("eager") / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    process = folder / "omnichannel-intake" / "process.yaml"
    written, times = re.subn(r"\n +sender: .*", "", process.read_text(encoding="utf-8"))
    assert times == 1
    process.write_text(written, encoding="utf-8")
    return compiled(folder)


@pytest.fixture
def pair(shipped: Shipped, eager: Shipped, tmp_path: Path) -> Iterator[Pair]:
    """Make two engines with a gateway between them; eager ones ask nobody."""
    made: list[Engine] = []

    def make(gateway: Gateway, hasty: bool) -> tuple[Engine, Engine, Post]:
        post = Post()
        post.gateway = gateway
        for address in (HERE, THERE):
            folder = tmp_path / address
            folder.mkdir()
            made.append(Engine(folder, address, START, *(eager if hasty else shipped), post))
        return made[0], made[1], post

    yield make
    for engine in made:
        engine.close()


class Dumb:
    """A gateway that loses headers, and names each mail anew where it is told to."""

    def __init__(self, *lost: str, names: str | None = None, token: bool = True) -> None:
        self._lost = lost
        self._names = names
        self._token = token
        self._carried = 0

    def __call__(self, raw: bytes) -> bytes:
        self._carried += 1
        mail = message_from_bytes(raw, policy=policy.SMTP)
        for name in self._lost:
            del mail[name]
        if self._names is not None:
            del mail["Message-ID"]
            mail["Message-ID"] = self._names.format(self._carried)
        if not self._token:
            subject = re.sub(r"\[#[^]]*\]", "", str(mail["Subject"]))
            del mail["Subject"]
            mail["Subject"] = subject
        return mail.as_bytes()


def play(
    pair: Pair, gateway: Gateway, hours: int, step: timedelta, *, hasty: bool = False
) -> tuple[Engine, Engine, Post]:
    """Each mailbox gets a mail from the other one's address; then time passes."""
    here, there, post = pair(gateway, hasty)
    for number, (sender, to) in enumerate(((THERE, HERE), (HERE, THERE))):
        mail: EmailMessage = question(sender, "VPN", "It is down.", f"<first-{number}@x.example>")
        post.drop(mail.as_bytes(policy=policy.SMTP), sender, to)
    at = START
    while at < START + timedelta(hours=hours):
        at += step
        for engine in (here, there):
            engine.look(at)
    return here, there, post


def acknowledged(post: Post) -> Counter[str]:
    """Mails between the two, by who sent them."""
    return Counter(mail.sender for mail in post.carried)


def per_case(engine: Engine) -> Counter[str]:
    """Acknowledgments that went out, by case."""
    return Counter(
        done.case
        for done in engine.world.actions
        if done.function == "mail.reply" and done.result and not done.result.get("skipped")
    )


@pytest.mark.parametrize(
    ("gateway", "most"),
    [
        (bytes, 1),
        (Dumb(*MARKS), 2),
        (Dumb(*MARKS, *THREAD), 2),
        (Dumb(*MARKS, *THREAD, names="<{}@gateway.example>"), 2),
        (Dumb(*MARKS, *THREAD, names="<{}@gateway.example>", token=False), 2),
        (Dumb(*MARKS, *THREAD, names="<{}>", token=False), 2),
    ],
    ids=["as-written", "no-marks", "no-thread", "other-names", "no-token", "odd-names"],
)
def test_two_engines_that_write_to_each_other_for_an_hour_come_to_rest(
    pair: Pair, gateway: Gateway, most: int
) -> None:
    """At most one acknowledgment per case, at most so many cases; marked mail begins none at all."""
    here, there, post = play(pair, gateway, 1, timedelta(seconds=10))

    for engine in (here, there):
        assert set(per_case(engine).values()) <= {1}
        assert 1 <= len(engine.cases("service-desk-case")) <= most
        assert engine.quarantine.entries == {}
        assert engine.box.mails == {}
    assert all(1 <= count <= most for count in acknowledged(post).values())


LOST: Mapping[str, Callable[[], Dumb]] = {
    "no-thread": lambda: Dumb(*MARKS, *THREAD, token=False),
    "other-names": lambda: Dumb(*MARKS, *THREAD, names="<{}@gateway.example>", token=False),
    "odd-names": lambda: Dumb(*MARKS, *THREAD, names="<{}>", token=False),
    "no-names": lambda: Dumb(*MARKS, *THREAD, "Message-ID", token=False),
}


@pytest.mark.parametrize("hasty", [False, True], ids=["asks", "asks-nobody"])
@pytest.mark.parametrize("lost", LOST)
def test_where_nothing_tells_what_is_automatic_the_limit_of_a_day_ends_it(
    pair: Pair, lost: str, hasty: bool
) -> None:
    """Headers, names and token are lost, so each answer looks like news: the last backstop holds."""
    here, there, post = play(pair, LOST[lost](), 24, timedelta(minutes=1), hasty=hasty)

    for engine in (here, there):
        assert set(per_case(engine).values()) <= {1}
        assert len(engine.cases("service-desk-case")) <= AUTOMATIC_PER_DAY + 1
        assert engine.box.mails == {}
    assert all(count <= AUTOMATIC_PER_DAY for count in acknowledged(post).values())
