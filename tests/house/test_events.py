"""Events from one system to another through cases: over HTTP, with workers killed in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.temporal.chain import Program
from tests.house.installation import Installation, until

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

ORDERS = """
document: { dsl: '1.0.3', namespace: shop, name: order, version: '1.0.0' }
schedule: { on: { one: { with: { type: order.placed } } } }
do:
  - take: { set: '${ $workflow.input[0].data }' }
  - ask:
      emit: { event: { with: { type: payment.wanted, subject: '${ .order | tostring }', data: '${ . }' } } }
      output: { as: .data }
  - paid:
      listen:
        to:
          any:
            - with: { type: payment.received, data: '${ .amount > 0 }' }
              correlate: { order: { from: .data.order, expect: .order } }
          until: (map(.amount) | add) >= $input.total
      timeout: { after: { days: 3 } }
  - sum: { set: { received: '${ map(.amount) | add }' } }
"""
CLERK = """
document: { dsl: '1.0.3', namespace: shop, name: clerk, version: '1.0.0' }
schedule: { on: { one: { with: { type: payment.wanted } } } }
do:
  - half:
      emit:
        event:
          with:
            type: payment.received
            data: { order: '${ $workflow.input[0].data.order }', amount: '${ $workflow.input[0].data.total / 2 }' }
"""
NUMBER = 12


@pytest.fixture
def shop(temporal_program: Program, tmp_path: Path) -> Any:
    """An installation with two processes that know nothing of each other."""
    del temporal_program
    for name, text in (("order", ORDERS), ("clerk", CLERK)):
        folder = tmp_path / "definitions" / name
        folder.mkdir(parents=True)
        (folder / "process.yaml").write_text(text)
    installation = Installation(tmp_path / "data", tmp_path / "definitions")
    installation.start()
    yield installation
    assert installation.stop() == 0


def test_orders_and_payments_find_each_other(shop: Installation) -> None:
    """One system places orders, a case of the clerk pays half of each, another system the rest.

    Everything is told twice, and the worker is killed twice. Each order is one case, and its
    payments are counted once.
    """

    def tell(number: int, type: str, data: Any) -> None:
        event = {
            "specversion": "1.0", "id": f"{type}-{number}", "source": "https://shop.example",
            "type": type, "data": data,
        }  # fmt: skip
        for _ in range(2):
            status, answer = shop.request(
                "POST", "/events", [event], token="intake",
                headers={"Content-Type": "application/cloudevents-batch+json"},
            )  # fmt: skip
            assert status == 202, answer

    for number in range(NUMBER):
        tell(number, "order.placed", {"order": number, "total": 10})
        if number == NUMBER // 2:
            shop.kill("worker")
    for number in reversed(range(NUMBER)):
        tell(number, "payment.received", {"order": number, "amount": 5})
        if number == NUMBER // 2:
            until("a worker", lambda: shop.pid("worker"))
            shop.kill("worker")

    def over() -> list[Any] | None:
        found = shop.cases(definition="order", phase="closed")
        return found if len(found) >= NUMBER else None

    closed = until("the end of all orders", over, 180)

    assert [each["endedAs"] for each in closed] == ["completed"] * NUMBER
    assert len(shop.cases(definition="clerk")) == NUMBER
    heard = []
    for each in closed:
        view = shop.case(each["case"]) or {}
        texts = [line["text"] for line in view["timeline"] if line["kind"] == "received"]
        heard.append(texts)
    assert heard == [["paid: payment.received", "paid: payment.received"]] * NUMBER
