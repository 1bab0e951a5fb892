"""Types of expressions: what one certainly gives, and what in it is certainly not meant.

    checked = check(parse('.requester.emial | length'), of_schema(schema), {"case": case})
    checked.type, checked.remarks

`check` claims nothing where it is given `UNKNOWN`, and what it does claim follows from the types alone:
it never evaluates anything. A `Remark` has a `kind`, the offset and length in the source, a sentence
and a hint. Kinds:

- `field`: the value has no such field; `unlisted`: its schema allows others but names a similar one
- `failure`: an operation that fails whatever the value is (indexing a text, a text plus a number)
- `kinds`: an ordered comparison of values of different kinds; `null`: with a value that may be null
- `default`: `//` on true or false, which replaces false as well
- `hyphen`: `.a-b` was read as a subtraction
- `equality`: an equality that can never hold
"""

from __future__ import annotations

from language.expressions.typing.check import Checked, Remark, check, condition_remark
from language.expressions.typing.schemas import meet, of_schema
from language.expressions.typing.types import UNKNOWN, Property, Type, join, of_value, or_null

__all__ = [
    "UNKNOWN",
    "Checked",
    "Property",
    "Remark",
    "Type",
    "check",
    "condition_remark",
    "join",
    "meet",
    "of_schema",
    "of_value",
    "or_null",
]
