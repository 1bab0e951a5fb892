"""JSON as it goes to Temporal: the SDK's, but objects keep the order of their keys.

The SDK sorts them. Answers of other systems, events and inputs would reach expressions in another
order than in a rehearsal, and `to_entries`, `keys_unsorted` or `tojson` would show it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

_ENCODER = AdvancedJSONEncoder(separators=(",", ":"))


class OrderedJson(JSONPlainPayloadConverter):
    """Values as JSON, in the order in which they have their keys."""

    def to_payload(self, value: Any) -> Payload | None:
        """The value as a payload; whatever JSON cannot hold raises `TypeError`."""
        metadata = {"encoding": self.encoding.encode()}
        return Payload(metadata=metadata, data=_ENCODER.encode(value).encode())


class Payloads(CompositePayloadConverter):
    """The SDK's converters, with ours in place of its JSON."""

    def __init__(self) -> None:
        super().__init__(
            *(
                OrderedJson() if type(each) is JSONPlainPayloadConverter else each
                for each in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )


CONVERTER = dataclasses.replace(DataConverter.default, payload_converter_class=Payloads)
