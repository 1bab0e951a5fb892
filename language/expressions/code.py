"""Compiled code: closures over an environment, and the scope in which names are found.

An environment is a tuple: the meter, the depth of calls so far, then one value per variable,
parameter and label in scope. It is never changed: binding makes a longer one. A function's own
environment is therefore a prefix of every environment inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from language.expressions.budget import too_deep
from language.expressions.errors import Raised
from language.expressions.values import shown

Env = tuple[Any, ...]
One = Callable[[Env, Any], Any]
Many = Callable[[Env, Any], Iterable[Any]]
Path = tuple[Any, ...] | None
"""Keys from the root; None for a value that was computed and stands nowhere."""
Paths = Callable[[Env, Path, Any], Iterable[tuple[Path, Any]]]

FIRST_SLOT = 2


class Code:
    """One compiled expression.

    `one` gives the single output and is None where there may be none or several; `many` gives all
    outputs; `paths` gives the places of the outputs, compiled when first asked for. `height` is how
    many Python frames it nests.
    """

    __slots__ = ("_make_paths", "_paths", "height", "many", "one", "tail")

    def __init__(
        self,
        one: One | None = None,
        many: Many | None = None,
        make_paths: Callable[[], Paths] | None = None,
        height: int = 1,
    ) -> None:
        self.one = one
        if many is None:
            assert one is not None
            many = _wrapped(one)
        self.many: Many = many
        self.tail: Many | None = None
        self.height = height
        self._make_paths = make_paths
        self._paths: Paths | None = None

    @property
    def paths(self) -> Paths:
        """The code that follows places instead of values."""
        if self._paths is None:
            self._paths = self._make_paths() if self._make_paths else computed(self.many)
        return self._paths


def _wrapped(one: One) -> Many:
    def many(env: Env, value: Any) -> Iterable[Any]:
        return (one(env, value),)

    return many


def computed(many: Many) -> Paths:
    """Places for code that computes its outputs: none, except where it gave back its input."""

    def paths(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
        for item in many(env, value):
            yield (path if _identical(item, value) else None), item

    return paths


def _identical(item: Any, value: Any) -> bool:
    kind = item.__class__
    if kind is list or kind is dict:
        return item is value
    # A number that was computed is another number, even where it is as large.
    return (item is None or kind is bool) and item is value


def invalid_access(key: Any, value: Any) -> Raised:
    """The error for reading below a value that stands nowhere."""
    return Raised(
        f"Invalid path expression near attempt to access element {shown(key)} of {shown(value)}"
    )


def invalid_iteration(value: Any) -> Raised:
    """The error for iterating over a value that stands nowhere."""
    return Raised(f"Invalid path expression near attempt to iterate through {shown(value)}")


def invalid_result(value: Any) -> Raised:
    """The error for a value that stands nowhere where a place is needed."""
    return Raised(f"Invalid path expression with result {shown(value)}")


class TailCall:
    """A call in the last position, handed to the loop of the call that is running."""

    __slots__ = ("env", "function", "value")

    def __init__(self, function: UserFunction, env: Env, value: Any) -> None:
        self.function = function
        self.env = env
        self.value = value


class UserFunction:
    """A function of a `def`: its code, once compiled, and where its environment begins."""

    __slots__ = ("code", "parameters", "recursive", "size")

    def __init__(self, parameters: tuple[str, ...], size: int) -> None:
        self.parameters = parameters
        self.size = size
        self.code: Code | None = None
        self.recursive = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that is an expression: the slot holds its code and environment."""

    slot: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are visible at one place, and the size of the environment there."""

    size: int = FIRST_SLOT
    variables: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    functions: dict[tuple[str, int], UserFunction | Parameter] = field(default_factory=dict)

    def bind(self, *names: str) -> Scope:
        """The scope with variables added, in order."""
        variables = dict(self.variables)
        for index, name in enumerate(names):
            variables[name] = self.size + index
        return replace(self, size=self.size + len(names), variables=variables)

    def label(self, name: str) -> Scope:
        """The scope with a label added."""
        return replace(self, size=self.size + 1, labels={**self.labels, name: self.size})

    def define(self, name: str, arity: int, entry: UserFunction | Parameter) -> Scope:
        """The scope with a function added; takes no slot."""
        return replace(self, functions={**self.functions, (name, arity): entry})


def entered(env: Env, size: int, cost: int) -> Env:
    """The first `size` slots of an environment, one call deeper."""
    depth = env[1] + cost
    if depth > env[0].depth:
        raise too_deep()
    return (env[0], depth, *env[2:size])
