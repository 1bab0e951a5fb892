"""The syntax tree: one frozen class per construct, each with the offset it was written at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """What all constructs share: where it stands, how many characters, how deep it nests."""

    offset: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Identity(Node):
    """`.`"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Everything(Node):
    """`..`"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal(Node):
    """A number, a text without interpolation, or one of null, true, false."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text(Node):
    """A text with interpolation; `format` is the name after `@`, or "text"; only nodes are formatted."""

    format: str
    parts: tuple[str | Node, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Format(Node):
    """`@name` without a text."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index(Node):
    """`target.key`, `target[key]`; `optional` where a `?` follows: it forgives this step only."""

    target: Node
    key: Node
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slice(Node):
    """`target[start:stop]`."""

    target: Node
    start: Node | None
    stop: Node | None
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Iterate(Node):
    """`target[]`."""

    target: Node
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Array(Node):
    """`[body]`."""

    body: Node | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Object(Node):
    """`{key: value, ...}`."""

    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negate(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pipe(Node):
    """`left | right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comma(Node):
    """`first, second, ...`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Node):
    """Arithmetic and comparison."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Logic(Node):
    """`and`, `or`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alternative(Node):
    """`left // right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assign(Node):
    """`left = right`, `|=`, `//=` and the arithmetic ones; `op` as written."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class If(Node):
    """`if condition then yes else no end`; `no` is None where it is left out."""

    condition: Node
    yes: Node
    no: Node | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Try(Node):
    """`try body catch handler`, and `body?` with no handler."""

    body: Node
    handler: Node | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VariablePattern(Node):
    """`$name`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayPattern(Node):
    """`[pattern, ...]`."""

    items: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ObjectPattern(Node):
    """`{key: pattern, $name, ...}`: the variable to bind or None, the key, the pattern or None."""

    entries: tuple[tuple[str | None, Node, Pattern | None], ...]


Pattern = VariablePattern | ArrayPattern | ObjectPattern


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bind(Node):
    """`source as pattern ?// pattern | body`."""

    source: Node
    patterns: tuple[Pattern, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduce(Node):
    """`reduce source as pattern (start; update)`."""

    source: Node
    patterns: tuple[Pattern, ...]
    start: Node
    update: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Foreach(Node):
    """`foreach source as pattern (start; update; extract)`."""

    source: Node
    patterns: tuple[Pattern, ...]
    start: Node
    update: Node
    extract: Node | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Define(Node):
    """`def name(parameters): body; rest`; a parameter that begins with `$` is a value."""

    name: str
    parameters: tuple[str, ...]
    body: Node
    rest: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """`name(argument; ...)`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Variable(Node):
    """`$name`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Label(Node):
    """`label $name | body`."""

    name: str
    body: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Break(Node):
    """`break $name`."""

    name: str
