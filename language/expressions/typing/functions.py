"""What built-in functions take and give, as far as it is always so.

`takes > gives`, in letters: z null, b true or false, n number, s text, a list, o object, * anything.
A `~` after the result: it may be null. A `?` in front: there may be no output. A `+`: several.
"""

from __future__ import annotations

from typing import NamedTuple

from language.expressions.typing.types import (
    ANYTHING,
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    Type,
)

_LETTERS = {
    "z": NULL, "b": BOOLEAN, "n": NUMBER, "s": STRING, "a": ARRAY, "o": OBJECT, "*": ANYTHING,
}  # fmt: skip


class Signature(NamedTuple):
    """Kinds of the input, type and number of the outputs."""

    takes: int
    gives: Type
    least: int = 1
    most: int = 1


_TABLE = {
    "*>b": "not isnan/0 isinfinite/0 isnormal/0 isfinite/0 isvalid/1 isempty/1 IN/1 IN/2 any/2 all/2",
    "*>s": "tostring/0 tojson/0 type/0 @text format/1",
    "*>n": "now/0",
    "znsao>n": "length/0",
    "s>n": "utf8bytelength/0 fromdate/0 fromdateiso8601/0",
    "sn>n": "tonumber/0",
    "sb>b": "toboolean/0",
    "s>s": "ascii_downcase/0 ascii_upcase/0 ltrimstr/1 rtrimstr/1 trimstr/1 trim/0 ltrim/0 rtrim/0",
    "s>b": "startswith/1 endswith/1 test/1 test/2",
    "s>a": "explode/0 split/1 split/2",
    "s>+s": "splits/1 splits/2",
    "s>s ": "sub/2 sub/3 gsub/2 gsub/3",
    "s>+*": "scan/1 scan/2 match/1 match/2 capture/1 capture/2",
    "s>*": "fromjson/0",
    "s>a ": "strptime/1",
    "na>s": "todate/0 todateiso8601/0 strftime/1 date/0",
    "n>a": "gmtime/0",
    "a>n": "mktime/0",
    "a>s": "implode/0",
    "ao>s": "join/1",
    "ao>a": "flatten/0 flatten/1 keys/0 keys_unsorted/0 map/1 transpose/0",
    "ao>b": "any/0 all/0 any/1 all/1",
    "a>o": "from_entries/0 INDEX/1",
    "ao>o": "with_entries/1",
    "a>a": "sort/0 sort_by/1 group_by/1 unique/0 unique_by/1",
    "zas>a": "reverse/0",
    "n>n": "floor/0 ceil/0 round/0 trunc/0 sqrt/0 fabs/0 exp/0 log/0 log2/0 log10/0 exp2/0 exp10/0",
    "zao>b": "has/1",
    "*>+*": "recurse/0 recurse/1 repeat/1 while/2",
    "*>+n": "range/1 range/2 range/3",
    "*>+a": "paths/0 paths/1 path/1 tostream/0",
    "*>b ": "inside/1 in/1",
    "nosa>b": "contains/1",
    "sazo>n~": "index/1 rindex/1",
}


def _read(text: str) -> Signature:
    takes, _, gives = text.strip().partition(">")
    kinds = 0
    for letter in takes:
        kinds |= _LETTERS[letter]
    several = gives.startswith("+")
    letter = gives.strip("+~")
    result = UNKNOWN if letter == "*" else Type(_LETTERS[letter])
    if gives.endswith("~"):
        result = Type(result.kinds | NULL, doubtful=True)
    return Signature(kinds, result, 0 if several else 1, 2 if several else 1)


SIGNATURES: dict[str, Signature] = {
    name if "/" in name else f"{name}/0": _read(text)
    for text, names in _TABLE.items()
    for name in names.split()
}
"""By `name/arguments`."""

OF_ITEMS = frozenset(
    f"{name}/1"
    for name in (
        "map",
        "sort_by",
        "group_by",
        "unique_by",
        "min_by",
        "max_by",
        "any",
        "all",
        "INDEX",
    )
)
"""Functions whose argument runs on each item of the list."""
OF_INPUT = frozenset(
    [
        "select/1", "first/1", "last/1", "isempty/1", "error/1", "add/1", "path/1", "pick/1", "del/1",
        "any/2", "all/2", "limit/2", "skip/2", "nth/2", "range/1", "range/2", "range/3", "IN/1",
        "has/1", "contains/1", "inside/1", "index/1", "rindex/1", "indices/1", "startswith/1",
        "endswith/1", "ltrimstr/1", "rtrimstr/1", "trimstr/1", "split/1", "split/2", "join/1", "test/1",
        "test/2", "match/1", "match/2", "capture/1", "scan/1", "splits/1", "getpath/1", "flatten/1",
        "strftime/1", "strptime/1", "setpath/2", "delpaths/1", "bsearch/1", "pow/2", "nth/1", "format/1",
        "ltrimstr/1", "splits/2", "scan/2", "capture/2", "IN/2", "in/1", "min/2", "max/2",
    ]
)  # fmt: skip
"""Functions whose arguments run on the input itself."""
