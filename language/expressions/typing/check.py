"""An abstract interpreter: walks the syntax tree with types in place of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from language.expressions import tree
from language.expressions.binding import pattern_names
from language.expressions.program import Program
from language.expressions.typing.functions import OF_INPUT, OF_ITEMS, SIGNATURES
from language.expressions.typing.operators import COMPARISONS, combine, compared
from language.expressions.typing.paths import changes, static_path
from language.expressions.typing.types import (
    A_LIST,
    A_TEXT,
    ANYTHING,
    ARRAY,
    BOOLEAN,
    FALSE,
    FALSY,
    NEVER,
    NOTHING,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    TRUE,
    UNKNOWN,
    YES_OR_NO,
    Change,
    Property,
    Type,
    field_of,
    items_of,
    join,
    join_all,
    kinds_text,
    list_of,
    narrowed,
    of_value,
    only,
    or_null,
    with_field,
    without_field,
)

MANY = 2
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is certainly, or nearly certainly, not what was meant."""

    kind: str
    offset: int
    length: int
    message: str
    hint: str = ""
    name: str = ""
    """The field that the input itself does not have."""


class Checked(NamedTuple):
    """The type of the outputs, how many there are (at least, at most; 2 is many), and the remarks."""

    type: Type
    least: int
    most: int
    remarks: tuple[Remark, ...]


class Outputs(NamedTuple):
    """Type and number of what a construct gives."""

    type: Type
    least: int = 1
    most: int = 1


def check(program: Program, value: Type, variables: Mapping[str, Type]) -> Checked:
    """What a program gives for an input of this type, and what is wrong with it.

    Args:
        program: The parsed expression.
        value: The type of `.`; `UNKNOWN` where nothing is known.
        variables: The types of the variables, without `$`; those that are missing are unknown.
    """
    checker = _Checker(program.source, value)
    given = checker.visit(program.node, value, _Names(dict(variables)))
    remarks = sorted(checker.remarks.values(), key=lambda each: (each.offset, each.length))
    return Checked(given.type, given.least, given.most, tuple(remarks))


def condition_remark(program: Program, checked: Checked) -> Remark | None:
    """What is wrong with an expression that stands as a condition: it never says no, or never yes."""
    source = program.source.strip()
    offset = len(program.source) - len(program.source.lstrip())
    if checked.most == 0:
        return Remark("condition", offset, len(source), "this condition never gives an answer")
    kinds = checked.type.kinds
    if kinds == 0 or checked.type.kinds == ANYTHING or source in ("true", "false"):
        return None
    if not kinds & FALSY:
        return Remark(
            "condition",
            offset,
            len(source),
            f"this condition always holds: it gives {kinds_text(kinds)}",
            "Only null and false count as no; compare the value with something.",
        )
    if not kinds & ~FALSY:
        return Remark(
            "condition",
            offset,
            len(source),
            f"this condition never holds: it gives {kinds_text(kinds & FALSY)}",
        )
    return None


class _Names(NamedTuple):
    """What is in scope: types of variables, and functions of the expression's own."""

    variables: dict[str, Type]
    functions: tuple[tuple[str, int], ...] = ()
    forgiving: bool = False
    """Inside of `try` and `?`: what fails is caught, and may be meant."""
    writing: bool = False
    """Left of an assignment: what is not there is made."""


class _Checker:
    def __init__(self, source: str, value: Type) -> None:
        self.source = source
        self.input = value
        self.remarks: dict[tuple[int, int, str], Remark] = {}

    def say(self, kind: str, node: tree.Node, message: str, hint: str = "", name: str = "") -> None:
        length = max(1, node.end - node.offset)
        self.remarks.setdefault(
            (node.offset, length, kind), Remark(kind, node.offset, length, message, hint, name)
        )

    def fails(self, names: _Names, node: tree.Node, message: str, hint: str = "") -> None:
        """Say that something fails for every value, unless it is caught."""
        if not names.forgiving:
            self.say("failure", node, message, hint)

    def text(self, node: tree.Node) -> str:
        """The source of a construct, as messages quote it."""
        text = " ".join(self.source[node.offset : node.end].split())
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

    def visit(self, node: tree.Node, here: Type, names: _Names) -> Outputs:
        """What a construct gives for an input."""
        visitor = _VISITORS.get(node.__class__)
        return (
            visitor(self, node, here, names) if visitor is not None else Outputs(UNKNOWN, 0, MANY)
        )

    # Values

    def identity(self, node: tree.Identity, here: Type, names: _Names) -> Outputs:
        return Outputs(here)

    def everything(self, node: tree.Everything, here: Type, names: _Names) -> Outputs:
        return Outputs(UNKNOWN, 1, MANY)

    def literal(self, node: tree.Literal, here: Type, names: _Names) -> Outputs:
        return Outputs(of_value(node.value))

    def written(self, node: tree.Text, here: Type, names: _Names) -> Outputs:
        least, most = 1, 1
        for part in node.parts:
            if isinstance(part, tree.Node):
                given = self.visit(part, here, names)
                least, most = min(least, given.least), _times(most, given.most)
        return Outputs(A_TEXT, least, most)

    def form(self, node: tree.Format, here: Type, names: _Names) -> Outputs:
        return Outputs(A_TEXT)

    def variable(self, node: tree.Variable, here: Type, names: _Names) -> Outputs:
        return Outputs(names.variables.get(node.name, UNKNOWN))

    def array(self, node: tree.Array, here: Type, names: _Names) -> Outputs:
        if node.body is None:
            return Outputs(A_LIST)
        return Outputs(list_of(self.visit(node.body, here, names).type))

    def object(self, node: tree.Object, here: Type, names: _Names) -> Outputs:
        properties: dict[str, Property] = {}
        closed = True
        least, most = 1, 1
        for key, value in node.entries:
            given = self.visit(value, here, names)
            least, most = min(least, given.least), _times(most, given.most)
            if isinstance(key, tree.Literal) and isinstance(key.value, str):
                properties[key.value] = Property(given.type, "always")
                continue
            closed = False
            named = self.visit(key, here, names)
            least, most = min(least, named.least), _times(most, named.most)
            if named.type.known and not named.type.kinds & STRING:
                kinds = kinds_text(named.type.kinds)
                self.fails(names, key, f"a key must be a text, and this is {kinds}")
        return Outputs(Type(OBJECT, properties=properties, closed=closed), least, most)

    # Reading

    def index(self, node: tree.Index, here: Type, names: _Names) -> Outputs:
        quiet = names._replace(forgiving=True) if node.optional else names
        target = self.visit(node.target, here, names)
        if isinstance(node.key, tree.Literal):
            if isinstance(node.key.value, str):
                found = self.field(node, target.type, node.key.value, quiet)
            else:
                found = self.item(node, target.type, quiet)
            return Outputs(found, 0 if node.optional else target.least, target.most)
        key = self.visit(node.key, here, names)
        found = UNKNOWN
        if key.type.kinds == NUMBER or target.type.kinds in (ARRAY, ARRAY | NULL):
            found = self.item(node, target.type, quiet) if key.type.kinds == NUMBER else UNKNOWN
        elif key.type.kinds == STRING and target.type.known:
            if not target.type.kinds & (OBJECT | NULL):
                self.unreadable(node, target.type, quiet, "a field")
        least = 0 if node.optional else min(target.least, key.least)
        return Outputs(found, least, _times(target.most, key.most))

    def field(self, node: tree.Index, target: Type, name: str, names: _Names) -> Type:
        """The type of a field; says when the value cannot have it."""
        if not target.kinds & OBJECT:
            if target.kinds in (0, NULL):
                return NOTHING if target.kinds else UNKNOWN
            self.unreadable(node, target, names, f'the field "{name}"')
            return UNKNOWN
        found = field_of(target, name)
        if found.type.kinds == 0:
            if not names.writing:
                self.missing(node, target, name)
            return UNKNOWN
        if name not in target.properties and not names.writing:
            self.unlisted(node, target, name)
        kind = found.type
        if target.kinds & NULL and kind is not UNKNOWN:
            kind = or_null(kind, doubtful=target.doubtful)
        if found.presence != "always" and kind.kinds != ANYTHING:
            kind = or_null(kind, doubtful=found.presence == "unstated")
        return kind

    def missing(self, node: tree.Index, target: Type, name: str) -> None:
        where = node.key if node.key.end > node.key.offset else node
        close = get_close_matches(name, list(target.properties), 1, 0.6)
        known = list(target.properties)
        hint = f"Did you mean {close[0]}?" if close else ""
        if not close and known:
            more = f" and {len(known) - 10} more" if len(known) > 10 else ""
            hint = f"It has: {', '.join(known[:10])}{more}."
        own = name if target is self.input and isinstance(node.target, tree.Identity) else ""
        self.say("field", where, f'{self.holder(node)} has no "{name}"', hint, own)

    def unlisted(self, node: tree.Index, target: Type, name: str) -> None:
        """A field that an open object does not name, spelled nearly like one that it names."""
        close = _misspelled(name, target.properties)
        if close is not None:
            where = node.key if node.key.end > node.key.offset else node
            self.say(
                "unlisted",
                where,
                f'the schema of {self.holder(node)} does not name "{name}"',
                f"Did you mean {close}?",
            )

    def holder(self, node: tree.Index) -> str:
        """What has, or has not, the field, in the words of the source."""
        if isinstance(node.target, tree.Identity):
            return '"."'
        return self.text(node.target)

    def unreadable(self, node: tree.Node, target: Type, names: _Names, what: str) -> None:
        holder = self.holder(node) if isinstance(node, tree.Index) else self.text(node)
        self.fails(
            names, node, f"{holder} is {kinds_text(target.kinds)}: {what} cannot be read from it"
        )

    def item(self, node: tree.Node, target: Type, names: _Names) -> Type:
        """The type of an item of a list."""
        if target.known and target.kinds != NULL and not target.kinds & ARRAY:
            self.unreadable(node, target, names, "an item")
            return UNKNOWN
        if target.kinds in (ARRAY, ARRAY | NULL) and target.items is not None:
            return or_null(target.items)
        return UNKNOWN

    def slice(self, node: tree.Slice, here: Type, names: _Names) -> Outputs:
        for part in (node.start, node.stop):
            if part is not None:
                self.visit(part, here, names)
        target = self.visit(node.target, here, names)
        quiet = names._replace(forgiving=True) if node.optional else names
        if target.type.known and not target.type.kinds & (ARRAY | STRING | NULL):
            self.fails(quiet, node, f"{kinds_text(target.type.kinds)} has no slices")
            return Outputs(UNKNOWN, 0, target.most)
        kind = only(target.type, ARRAY | STRING | NULL)
        if kind.values is not None:
            kind = replace(kind, values=None)
        return Outputs(kind if target.type.known else UNKNOWN, 0, MANY)

    def iterate(self, node: tree.Iterate, here: Type, names: _Names) -> Outputs:
        target = self.visit(node.target, here, names)
        if target.type.known and not target.type.kinds & (ARRAY | OBJECT):
            if not node.optional:
                kinds = kinds_text(target.type.kinds)
                self.fails(
                    names,
                    node,
                    f"{self.text(node.target)} is {kinds}: there is nothing to go through",
                )
            return Outputs(UNKNOWN, 0, MANY)
        return Outputs(items_of(target.type), 0, MANY)

    # Composition

    def pipe(self, node: tree.Pipe, here: Type, names: _Names) -> Outputs:
        left = self.visit(node.left, here, names)
        if left.most == 0:
            return Outputs(NEVER, 0, 0)
        before = left.type if left.type.kinds else UNKNOWN
        # What `select` and the like pass on is what they were given, and known better.
        right = self.visit(node.right, before, names)
        return Outputs(right.type, min(left.least, right.least), _times(left.most, right.most))

    def comma(self, node: tree.Comma, here: Type, names: _Names) -> Outputs:
        given = [self.visit(part, here, names) for part in node.parts]
        return Outputs(
            join_all([each.type for each in given]),
            min(MANY, sum(each.least for each in given)),
            min(MANY, sum(each.most for each in given)),
        )

    def negate(self, node: tree.Negate, here: Type, names: _Names) -> Outputs:
        given = self.visit(node.operand, here, names)
        if given.type.known and not given.type.kinds & NUMBER:
            self.fails(names, node, f"{kinds_text(given.type.kinds)} cannot be negated")
        values = given.type.values
        if isinstance(node.operand, tree.Literal) and values is not None:
            return Outputs(of_value(-node.operand.value) if given.type.kinds == NUMBER else UNKNOWN)
        return Outputs(Type(NUMBER), given.least, given.most)

    def binary(self, node: tree.Binary, here: Type, names: _Names) -> Outputs:
        if self.hyphen(node):
            return Outputs(UNKNOWN, 0, MANY)
        left, right = self.visit(node.left, here, names), self.visit(node.right, here, names)
        least, most = min(left.least, right.least), _times(left.most, right.most)
        if node.op in COMPARISONS:
            said = compared(node, left.type, right.type, self.text)
            if said is not None:
                self.say(said[0], node, said[1], said[2])
            return Outputs(YES_OR_NO, least, most)
        kind = combine(node.op, left.type, right.type)
        if kind is None:
            one, other = kinds_text(left.type.kinds), kinds_text(right.type.kinds)
            texts = node.op == "+" and (left.type.kinds | right.type.kinds) & STRING
            hint = 'Put the value into a text: "… \\(value)".' if texts else ""
            self.fails(names, node, f'"{node.op}" does not go with {one} and {other}', hint)
            return Outputs(UNKNOWN, least, most)
        return Outputs(kind, least, most)

    def hyphen(self, node: tree.Binary) -> bool:
        """Whether a subtraction was meant as a name with a hyphen in it."""
        right = node.right
        while isinstance(right, tree.Index | tree.Iterate | tree.Slice):
            right = right.target
        if (
            node.op != "-"
            or not isinstance(node.left, tree.Index)
            or not isinstance(node.left.key, tree.Literal)
            or not isinstance(right, tree.Call)
            or right.arguments
            or self.source[node.left.end : right.offset] != "-"
        ):
            return False
        name = f"{node.left.key.value}-{right.name}"
        self.say(
            "hyphen",
            node,
            f'"{self.text(node)}" is a subtraction',
            f'A name with a hyphen needs quotation marks: ."{name}".',
        )
        return True

    def logic(self, node: tree.Logic, here: Type, names: _Names) -> Outputs:
        left = self.visit(node.left, here, names)
        inner, after = self.after(node.left, node.op == "and", here, names)
        right = self.visit(node.right, inner, after)
        return Outputs(YES_OR_NO, min(left.least, right.least), _times(left.most, right.most))

    def alternative(self, node: tree.Alternative, here: Type, names: _Names) -> Outputs:
        left = self.visit(node.left, here, names)
        right = self.visit(node.right, here, names)
        kinds = left.type.kinds
        harmless = not right.type.kinds & ~FALSY
        if kinds & FALSE and kinds & TRUE and not kinds & ~(NULL | BOOLEAN) and not harmless:
            where = self.text(node.left)
            self.say(
                "default",
                node,
                f"{where} may be false, and // replaces false as it replaces null",
                f"Write: if {where} == null then {self.text(node.right)} else {where} end",
            )
        kept = only(left.type, ANYTHING & ~FALSY)
        kind = join(kept, right.type) if left.type.kinds != ANYTHING else UNKNOWN
        return Outputs(kind, 1 if right.least else 0, max(left.most, right.most))

    def assign(self, node: tree.Assign, here: Type, names: _Names) -> Outputs:
        writing = names._replace(writing=node.op in ("=", "|=", "//=", "+="))
        left = self.visit(node.left, here, writing)
        inside = left.type if node.op == "|=" else here
        right = self.visit(node.right, inside, names)
        path = static_path(node.left)
        most = right.most if node.op != "|=" else 1
        if path is None or path[0] != ".":
            return Outputs(UNKNOWN, right.least, most)
        value = right.type if node.op in ("=", "|=") else UNKNOWN
        return Outputs(with_field(here, path[1], value), right.least, most)

    def choice(self, node: tree.If, here: Type, names: _Names) -> Outputs:
        condition = self.visit(node.condition, here, names)
        yes = self.visit(node.yes, *self.after(node.condition, True, here, names))
        inner, after = self.after(node.condition, False, here, names)
        no = Outputs(inner) if node.no is None else self.visit(node.no, inner, after)
        least = min(condition.least, yes.least, no.least)
        return Outputs(
            join(yes.type, no.type), least, _times(condition.most, max(yes.most, no.most))
        )

    def attempt(self, node: tree.Try, here: Type, names: _Names) -> Outputs:
        body = self.visit(node.body, here, names._replace(forgiving=True))
        if node.handler is None:
            return Outputs(body.type, 0, body.most)
        handler = self.visit(node.handler, UNKNOWN, names)
        kind = join(body.type, handler.type)
        most = min(MANY, body.most + handler.most)
        return Outputs(kind, min(body.least, handler.least), most)

    # Names

    def bind(self, node: tree.Bind, here: Type, names: _Names) -> Outputs:
        source = self.visit(node.source, here, names)
        inner = self.bound(node.patterns, source.type, here, names)
        body = self.visit(node.body, here, inner)
        return Outputs(body.type, min(source.least, body.least), _times(source.most, body.most))

    def bound(
        self, patterns: Sequence[tree.Pattern], kind: Type, here: Type, names: _Names
    ) -> _Names:
        """The names with those of a pattern added."""
        variables = dict(names.variables)
        variables.update(dict.fromkeys(pattern_names(tuple(patterns)), UNKNOWN))
        if len(patterns) == 1:
            self.spread(patterns[0], kind, here, names, variables)
        return names._replace(variables=variables)

    def spread(
        self,
        pattern: tree.Pattern,
        kind: Type,
        here: Type,
        names: _Names,
        variables: dict[str, Type],
    ) -> None:
        if isinstance(pattern, tree.VariablePattern):
            variables[pattern.name] = kind if kind.kinds else UNKNOWN
        elif isinstance(pattern, tree.ArrayPattern):
            inner = UNKNOWN
            if kind.kinds in (ARRAY, ARRAY | NULL) and kind.items is not None:
                inner = or_null(kind.items)
            for item in pattern.items:
                self.spread(item, inner, here, names, variables)
        else:
            for name, key, inside in pattern.entries:
                found = UNKNOWN
                if isinstance(key, tree.Literal) and isinstance(key.value, str):
                    identity = tree.Identity(key.offset, key.offset, 1)
                    read = tree.Index(key.offset, key.end, 1, identity, key)
                    found = self.field(read, kind, key.value, names) if kind.kinds else UNKNOWN
                else:
                    self.visit(key, here, names)
                if name is not None:
                    variables[name] = found
                if inside is not None:
                    self.spread(inside, found, here, names, variables)

    def reduce(self, node: tree.Reduce, here: Type, names: _Names) -> Outputs:
        source = self.visit(node.source, here, names)
        start = self.visit(node.start, here, names)
        inner = self.bound(node.patterns, source.type, here, names)
        self.visit(node.update, UNKNOWN, inner)
        return Outputs(UNKNOWN, start.least, start.most)

    def foreach(self, node: tree.Foreach, here: Type, names: _Names) -> Outputs:
        source = self.visit(node.source, here, names)
        self.visit(node.start, here, names)
        inner = self.bound(node.patterns, source.type, here, names)
        self.visit(node.update, UNKNOWN, inner)
        if node.extract is not None:
            self.visit(node.extract, UNKNOWN, inner)
        return Outputs(UNKNOWN, 0, MANY)

    def define(self, node: tree.Define, here: Type, names: _Names) -> Outputs:
        variables = dict(names.variables)
        functions = [*names.functions, (node.name, len(node.parameters))]
        inner = list(functions)
        for parameter in node.parameters:
            inner.append((parameter.removeprefix("$"), 0))
            if parameter.startswith("$"):
                variables[parameter[1:]] = UNKNOWN
        body = names._replace(variables=variables, functions=tuple(inner), forgiving=True)
        self.visit(node.body, UNKNOWN, body)
        return self.visit(node.rest, here, names._replace(functions=tuple(functions)))

    def label(self, node: tree.Label, here: Type, names: _Names) -> Outputs:
        body = self.visit(node.body, here, names)
        return Outputs(body.type, 0, body.most)

    def stop(self, node: tree.Break, here: Type, names: _Names) -> Outputs:
        return Outputs(NEVER, 0, 0)

    # Functions

    def call(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        if (node.name, len(node.arguments)) in names.functions:
            for argument in node.arguments:
                self.visit(argument, UNKNOWN, names)
            return Outputs(UNKNOWN, 0, MANY)
        key = f"{node.name}/{len(node.arguments)}"
        special = _FUNCTIONS.get(key)
        if special is not None:
            given_special: Outputs = special(self, node, here, names)
            return given_special
        given = self.arguments(node, key, here, names)
        signature = SIGNATURES.get(key)
        if signature is None:
            return Outputs(UNKNOWN, 0, MANY)
        self.takes(node, signature.takes, here, names)
        least = min([signature.least, *(each.least for each in given)])
        most = signature.most
        if key in OF_INPUT:
            for each in given:
                most = _times(most, each.most)
        return Outputs(signature.gives, min(least, 1), most)

    def arguments(self, node: tree.Call, key: str, here: Type, names: _Names) -> list[Outputs]:
        """The arguments of a function, each with the input on which it runs."""
        inside = UNKNOWN
        if key in OF_ITEMS:
            inside = items_of(here)
        elif key in OF_INPUT:
            inside = here
        given = [self.visit(argument, inside, names) for argument in node.arguments]
        return given if key in OF_INPUT else []

    def takes(self, node: tree.Call, kinds: int, here: Type, names: _Names) -> None:
        """Say when a function does not take what it is given."""
        given = here.kinds & ~NULL or here.kinds
        if here.known and not given & kinds:
            wanted = kinds_text(kinds)
            self.fails(
                names,
                node,
                f"{node.name} takes {wanted}, and this is {kinds_text(given)}",
            )

    def select(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        given = self.visit(node.arguments[0], here, names)
        inner, _ = self.after(node.arguments[0], True, here, names)
        return Outputs(inner, 0, given.most)

    def empty(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        for argument in node.arguments:
            self.visit(argument, here, names)
        return Outputs(NEVER, 0, 0)

    def map(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        self.takes(node, ARRAY | OBJECT, here, names)
        given = self.visit(node.arguments[0], items_of(here), names)
        return Outputs(list_of(given.type))

    def same(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        """`sort`, `unique` and the like: the list that they are given."""
        self.takes(node, ARRAY, here, names)
        self.arguments(node, f"{node.name}/{len(node.arguments)}", here, names)
        return Outputs(only(here, ARRAY) if here.known else A_LIST)

    def one_of_items(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        """`first`, `max` and the like: an item, null where there is none."""
        self.takes(node, ARRAY | NULL, here, names)
        self.arguments(node, f"{node.name}/{len(node.arguments)}", here, names)
        if here.kinds in (ARRAY, ARRAY | NULL) and here.items is not None:
            return Outputs(or_null(here.items))
        return Outputs(UNKNOWN)

    def one_of_outputs(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        given = [self.visit(argument, here, names) for argument in node.arguments]
        several = node.name in ("limit", "skip")
        return Outputs(given[-1].type, 0, given[-1].most if several else min(given[-1].most, 1))

    def total(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        if node.arguments:
            items = self.visit(node.arguments[0], here, names).type
        else:
            self.takes(node, ARRAY | OBJECT, here, names)
            items = items_of(here)
        if items.kinds in (NUMBER, STRING):
            return Outputs(or_null(Type(items.kinds)))
        return Outputs(UNKNOWN)

    def delete(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        self.visit(node.arguments[0], here, names)
        path = static_path(node.arguments[0])
        if path is not None and path[0] == "." and len(path[1]) == 1 and here.kinds == OBJECT:
            return Outputs(without_field(here, path[1][0]))
        return Outputs(UNKNOWN)

    def has(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        key = node.arguments[0]
        self.takes(node, NULL | ARRAY | OBJECT, here, names)
        given = self.visit(key, here, names)
        if (
            isinstance(key, tree.Literal)
            and isinstance(key.value, str)
            and here.kinds & ~NULL == OBJECT
            and field_of(here, key.value).type.kinds == 0
        ):
            close = get_close_matches(key.value, list(here.properties), 1, 0.6)
            hint = f"Did you mean {close[0]}?" if close else ""
            self.say("field", key, f'"." has no "{key.value}"', hint)
        return Outputs(YES_OR_NO, given.least, given.most)

    def absolute(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        return Outputs(here if here.known else UNKNOWN)

    def of_kind(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        """`strings`, `values` and the like: the input, if it is one."""
        return Outputs(only(here, _FILTERS[node.name]), 0, 1)

    def entries(self, node: tree.Call, here: Type, names: _Names) -> Outputs:
        self.takes(node, ARRAY | OBJECT, here, names)
        inside = items_of(here) if here.known else UNKNOWN
        key = A_TEXT if here.known and not here.kinds & ARRAY else UNKNOWN
        entry = {"key": Property(key, "always"), "value": Property(inside, "always")}
        return Outputs(list_of(Type(OBJECT, properties=entry, closed=True)))

    # Conditions

    def after(
        self, condition: tree.Node, held: bool, here: Type, names: _Names
    ) -> tuple[Type, _Names]:
        """The input and the names, with what is known after a condition held or did not."""
        found: list[Change] = changes(condition, held)
        if not found:
            return here, names
        variables = dict(names.variables)
        for change in found:
            if change.root == ".":
                here = narrowed(here, change.keys, change.kinds)
            elif change.root in variables:
                variables[change.root] = narrowed(variables[change.root], change.keys, change.kinds)
        return here, names._replace(variables=variables)


def _times(one: int, other: int) -> int:
    return min(MANY, one * other)


def _misspelled(name: str, known: Mapping[str, Any]) -> str | None:
    """The known name that differs from this one by a slip: a letter or two, or its case."""
    if len(name) < 4:
        return None
    for other in known:
        if other.lower() == name.lower() or (
            abs(len(other) - len(name)) <= 1
            and {name, other} != {name + "s", other}
            and name + "s" != other
            and other + "s" != name
            and _distance(name, other) <= (1 if len(name) < 6 else 2)
        ):
            return other
    return None


def _distance(one: str, other: str) -> int:
    """How many letters are added, left out, changed or swapped between two names."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


_FILTERS = {
    "values": ANYTHING & ~NULL, "nulls": NULL, "booleans": BOOLEAN, "numbers": NUMBER,
    "strings": STRING, "arrays": ARRAY, "objects": OBJECT, "iterables": ARRAY | OBJECT,
    "scalars": NULL | BOOLEAN | NUMBER | STRING,
}  # fmt: skip
_VISITORS: dict[type, Any] = {
    tree.Identity: _Checker.identity, tree.Everything: _Checker.everything,
    tree.Literal: _Checker.literal, tree.Text: _Checker.written, tree.Format: _Checker.form,
    tree.Variable: _Checker.variable, tree.Array: _Checker.array, tree.Object: _Checker.object,
    tree.Index: _Checker.index, tree.Slice: _Checker.slice, tree.Iterate: _Checker.iterate,
    tree.Pipe: _Checker.pipe, tree.Comma: _Checker.comma, tree.Negate: _Checker.negate,
    tree.Binary: _Checker.binary, tree.Logic: _Checker.logic, tree.Alternative: _Checker.alternative,
    tree.Assign: _Checker.assign, tree.If: _Checker.choice, tree.Try: _Checker.attempt,
    tree.Bind: _Checker.bind, tree.Reduce: _Checker.reduce, tree.Foreach: _Checker.foreach,
    tree.Define: _Checker.define, tree.Label: _Checker.label, tree.Break: _Checker.stop,
    tree.Call: _Checker.call,
}  # fmt: skip
_FUNCTIONS: dict[str, Any] = {
    "select/1": _Checker.select, "empty/0": _Checker.empty, "error/0": _Checker.empty,
    "error/1": _Checker.empty, "map/1": _Checker.map, "add/0": _Checker.total,
    "add/1": _Checker.total, "del/1": _Checker.delete, "has/1": _Checker.has,
    "to_entries/0": _Checker.entries, "abs/0": _Checker.absolute,
    **{f"{name}/0": _Checker.same for name in ("sort", "unique", "reverse")},
    **{f"{name}/1": _Checker.same for name in ("sort_by", "unique_by")},
    **{f"{name}/0": _Checker.one_of_items for name in ("first", "last", "min", "max")},
    **{f"{name}/1": _Checker.one_of_items for name in ("min_by", "max_by")},
    **{f"{name}/1": _Checker.one_of_outputs for name in ("first", "last")},
    **{f"{name}/2": _Checker.one_of_outputs for name in ("limit", "skip", "nth")},
    **{f"{name}/0": _Checker.of_kind for name in _FILTERS},
}  # fmt: skip
