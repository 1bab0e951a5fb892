"""Syntax tree to closures that give values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions import follow, tree
from language.expressions.access import get
from language.expressions.assignment import assignment
from language.expressions.binding import Binder, binder, pattern_names
from language.expressions.budget import exhausted
from language.expressions.builtins import BUILTINS, NOT_IN_SUBSET, PRELUDE
from language.expressions.code import (
    FIRST_SLOT,
    Code,
    Env,
    Many,
    Parameter,
    Scope,
    TailCall,
    UserFunction,
    ValueParameter,
    entered,
)
from language.expressions.errors import Broken, ExpressionError, Raised, refused
from language.expressions.formats import FORMATS
from language.expressions.operators import OPERATORS
from language.expressions.values import described, is_number, kind_name


def compile_program(node: tree.Node, variables: tuple[str, ...]) -> Code:
    """Code for a whole expression; its environment holds the variables in the given order."""
    return compile_node(node, Scope().bind(*variables))


def compile_node(node: tree.Node, scope: Scope) -> Code:
    """Code for one construct; raises `ExpressionError` for names that are not there."""
    code: Code = _COMPILERS[node.__class__](node, scope)
    code.height = max(code.height, node.depth)
    return code


def _located(node: tree.Node, problem: Raised) -> Raised:
    if problem.offset is None:
        problem.offset = node.offset
    return problem


# Values


def _identity(node: tree.Identity, scope: Scope) -> Code:
    return Code(lambda env, value: value, make_paths=lambda: follow.identity)


def _literal(node: tree.Literal, scope: Scope) -> Code:
    constant = node.value
    return Code(lambda env, value: constant)


def _variable(node: tree.Variable, scope: Scope) -> Code:
    slot = scope.variables.get(node.name)
    if slot is None:
        raise ExpressionError(f"${node.name} is not defined", node.offset, "syntax")
    return Code(lambda env, value: env[slot])


def _everything(node: tree.Everything, scope: Scope) -> Code:
    return compile_node(tree.Call(node.offset, node.end, 1, "recurse", ()), scope)


def _array(node: tree.Array, scope: Scope) -> Code:
    if node.body is None:
        return Code(lambda env, value: [])
    body = compile_node(node.body, scope)
    if body.one is not None:
        one = body.one
        return Code(lambda env, value: [one(env, value)])
    many = body.many

    def collect(env: Env, value: Any) -> Any:
        items = list(many(env, value))
        meter = env[0]
        meter.left -= len(items)
        if meter.left < 0:
            raise exhausted(meter)
        return items

    return Code(collect)


def _object(node: tree.Object, scope: Scope) -> Code:
    entries = [(compile_node(k, scope), compile_node(v, scope), k) for k, v in node.entries]
    if all(isinstance(k, tree.Literal) for _, _, k in entries) and all(
        v.one is not None for _, v, _ in entries
    ):
        fixed = [(k.value, v.one) for _, v, k in entries if isinstance(k, tree.Literal)]

        def build(env: Env, value: Any) -> Any:
            return {key: one(env, value) for key, one in fixed}  # type: ignore[misc]

        return Code(build)

    def combine(env: Env, value: Any, at: int, built: dict[str, Any]) -> Iterable[Any]:
        if at == len(entries):
            yield dict(built)
            return
        key_code, value_code, key_node = entries[at]
        meter = env[0]
        for key in key_code.many(env, value):
            if key.__class__ is not str:
                raise Raised(f"Cannot use {described(key)} as object key", key_node.offset)
            for item in value_code.many(env, value):
                meter.charge(1)
                yield from combine(env, value, at + 1, {**built, key: item})

    height = node.depth + len(entries)
    if all(k.one is not None and v.one is not None for k, v, _ in entries):

        def assemble(env: Env, value: Any) -> Any:
            built: dict[str, Any] = {}
            for key_code, value_code, key_node in entries:
                key = key_code.one(env, value)  # type: ignore[misc]
                if key.__class__ is not str:
                    raise Raised(f"Cannot use {described(key)} as object key", key_node.offset)
                built[key] = value_code.one(env, value)  # type: ignore[misc]
            return built

        return Code(assemble)
    if len(entries) > 200:
        raise ExpressionError(
            "this object has too many entries with several values", node.offset, "budget"
        )
    return Code(many=lambda env, value: combine(env, value, 0, {}), height=height)


def _text(node: tree.Text, scope: Scope) -> Code:
    form = _format(node.format, node.offset)
    parts: list[Code | str] = [
        part.value if isinstance(part, tree.Literal) and part.value.__class__ is str
        else compile_node(part, scope)
        for part in node.parts
    ]  # fmt: skip

    if all(isinstance(part, str) or part.one is not None for part in parts):
        ones = [part if isinstance(part, str) else part.one for part in parts]

        def write(env: Env, value: Any) -> Any:
            meter = env[0]
            written = "".join(
                [
                    one if one.__class__ is str else form(one(env, value), meter)  # type: ignore
                    for one in ones
                ]
            )
            meter.charge(len(written) >> 4)
            return written

        return Code(write)

    def combine(env: Env, value: Any, at: int, tail: str) -> Iterable[Any]:
        if at < 0:
            env[0].charge(1 + (len(tail) >> 4))
            yield tail
            return
        part = parts[at]
        if isinstance(part, str):
            yield from combine(env, value, at - 1, part + tail)
        else:
            for item in part.many(env, value):
                yield from combine(env, value, at - 1, form(item, env[0]) + tail)

    if len(parts) > 200:
        raise ExpressionError("this text has too many parts", node.offset, "budget")
    last = len(parts) - 1
    return Code(
        many=lambda env, value: combine(env, value, last, ""), height=node.depth + len(parts)
    )


def _format(name: str, offset: int) -> Callable[[Any, Any], str]:
    form = FORMATS.get(name)
    if form is None:
        known = ", ".join("@" + name for name in sorted(FORMATS))
        raise ExpressionError(f"{name} is not a valid format; there are {known}", offset, "syntax")
    return form


def _format_alone(node: tree.Format, scope: Scope) -> Code:
    form = _format(node.name, node.offset)
    return Code(lambda env, value: form(value, env[0]))


# Reading


def _index(node: tree.Index, scope: Scope) -> Code:
    keys: list[Any] = []
    target_node: tree.Node = node
    while isinstance(target_node, tree.Index) and isinstance(target_node.key, tree.Literal):
        keys.append((target_node.key.value, target_node.offset))
        target_node = target_node.target
    if keys and all(key.__class__ is str for key, _ in keys):
        keys.reverse()
        return _field_chain(node, target_node, keys, scope)
    target, key = compile_node(node.target, scope), compile_node(node.key, scope)
    offset = node.key.offset
    paths = lambda: follow.index(target, key)  # noqa: E731
    if target.one is not None and key.one is not None:
        one, key_one = target.one, key.one

        def read(env: Env, value: Any) -> Any:
            try:
                return get(one(env, value), key_one(env, value), env[0])
            except Raised as problem:
                if problem.offset is None:
                    problem.offset = offset
                raise

        return Code(read, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for wanted in key.many(env, value):
            for item in target.many(env, value):
                meter.charge(1)
                yield get(item, wanted, meter)

    return Code(many=many, make_paths=paths)


def _field_chain(
    node: tree.Index, target_node: tree.Node, keys: list[tuple[str, int]], scope: Scope
) -> Code:
    """Code for `target.a.b.c` with fixed names: one loop instead of one closure per name."""
    target = compile_node(target_node, scope)
    names = tuple(key for key, _ in keys)
    first = names[0]

    def failed(item: Any, key: str) -> Raised:
        return Raised(f"Cannot index {kind_name(item)} with {described(key)}", node.key.offset)

    def paths() -> Any:
        return follow.fields(target, names)

    if isinstance(target_node, tree.Identity) and len(names) == 1:

        def field(env: Env, value: Any) -> Any:
            if value.__class__ is dict:
                return value.get(first)
            if value is None:
                return None
            raise failed(value, first)

        return Code(field, make_paths=paths)

    def descend(item: Any) -> Any:
        for key in names:
            if item.__class__ is dict:
                item = item.get(key)
            elif item is not None:
                raise failed(item, key)
        return item

    if isinstance(target_node, tree.Identity):
        return Code(lambda env, value: descend(value), make_paths=paths)
    if target.one is not None:
        one = target.one
        if isinstance(target_node, tree.Variable):
            slot = scope.variables[target_node.name]
            return Code(lambda env, value: descend(env[slot]), make_paths=paths)
        return Code(lambda env, value: descend(one(env, value)), make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for item in target.many(env, value):
            yield descend(item)

    return Code(many=many, make_paths=paths)


def _slice(node: tree.Slice, scope: Scope) -> Code:
    nothing = tree.Literal(node.offset, node.offset, 1, None)
    start = compile_node(node.start or nothing, scope)
    stop = compile_node(node.stop or nothing, scope)
    target = compile_node(node.target, scope)
    paths = lambda: follow.slices(target, start, stop)  # noqa: E731
    if target.one is not None and start.one is not None and stop.one is not None:
        one, start_one, stop_one = target.one, start.one, stop.one

        def read(env: Env, value: Any) -> Any:
            key = {"start": start_one(env, value), "end": stop_one(env, value)}
            return get(one(env, value), key, env[0])

        return Code(read, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for low in start.many(env, value):
            for high in stop.many(env, value):
                for item in target.many(env, value):
                    env[0].charge(1)
                    yield get(item, {"start": low, "end": high}, env[0])

    return Code(many=many, make_paths=paths)


def _iterate(node: tree.Iterate, scope: Scope) -> Code:
    target = compile_node(node.target, scope)
    offset = node.target.end

    def items_of(value: Any) -> Iterable[Any]:
        if value.__class__ is list:
            return value  # type: ignore[no-any-return]
        if value.__class__ is dict:
            return value.values()  # type: ignore[no-any-return]
        raise Raised(f"Cannot iterate over {described(value)}", offset)

    one = target.one
    if one is not None:

        def many(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for item in items_of(one(env, value)):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield item
    else:

        def many(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for holder in target.many(env, value):
                for item in items_of(holder):
                    meter.left -= 1
                    if meter.left < 0:
                        raise exhausted(meter)
                    yield item

    return Code(many=many, make_paths=lambda: follow.iterate(target, offset))


# Composition


def _pipe(node: tree.Pipe, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    paths = lambda: follow.pipe(left, right)  # noqa: E731
    first, second = left.one, right.one
    many_left, many_right = left.many, right.many
    if first is not None:
        if second is not None:
            return Code(lambda env, value: second(env, first(env, value)), make_paths=paths)
        code = Code(many=lambda env, value: many_right(env, first(env, value)), make_paths=paths)
    elif second is not None:

        def each(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for item in many_left(env, value):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield second(env, item)

        code = Code(many=each, make_paths=paths)
    else:

        def many(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for item in many_left(env, value):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield from many_right(env, item)

        code = Code(many=many, make_paths=paths)
    if right.tail is not None:
        code.tail = _pipe_tail(left, right.tail)
    return code


def _pipe_tail(left: Code, tail: Many) -> Many:
    if left.one is not None:
        one = left.one
        return lambda env, value: tail(env, one(env, value))

    def many(env: Env, value: Any) -> Iterable[Any]:
        for item in left.many(env, value):
            env[0].charge(1)
            yield from tail(env, item)

    return many


def _comma(node: tree.Comma, scope: Scope) -> Code:
    # A long chain nests on the left; flat, it takes one frame.
    nodes = [node.right]
    rest = node.left
    while isinstance(rest, tree.Comma):
        nodes.append(rest.right)
        rest = rest.left
    nodes.append(rest)
    codes = [compile_node(part, scope) for part in reversed(nodes)]

    def many(env: Env, value: Any) -> Iterable[Any]:
        for code in codes:
            if code.one is not None:
                yield code.one(env, value)
            else:
                yield from code.many(env, value)

    result = Code(many=many, make_paths=lambda: follow.comma(codes))
    if any(code.tail is not None for code in codes):

        def tail(env: Env, value: Any) -> Iterable[Any]:
            for code in codes:
                yield from (code.tail or code.many)(env, value)

        result.tail = tail
    return result


def _binary(node: tree.Binary, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    operator = OPERATORS[node.op]
    offset = node.offset
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one
        if node.op in ("==", "!=") and isinstance(node.right, tree.Literal):
            constant = node.right.value
            wanted = node.op == "=="
            if constant.__class__ is str:
                return Code(lambda env, value: (one(env, value) == constant) is wanted)
            if constant is None or constant.__class__ is bool:
                return Code(lambda env, value: (one(env, value) is constant) is wanted)

        def combine(env: Env, value: Any) -> Any:
            second = other(env, value)
            try:
                return operator(one(env, value), second, env[0])
            except Raised as problem:
                if problem.offset is None:
                    problem.offset = offset
                raise

        return Code(combine)

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for second in right.many(env, value):
            for first in left.many(env, value):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield operator(first, second, meter)

    return Code(many=many)


def _negate(node: tree.Negate, scope: Scope) -> Code:
    from language.expressions.numbers import negate

    operand = compile_node(node.operand, scope)
    if isinstance(node.operand, tree.Literal) and is_number(node.operand.value):
        constant = negate(node.operand.value)
        return Code(lambda env, value: constant)

    def minus(item: Any) -> Any:
        if not is_number(item):
            raise Raised(f"{described(item)} cannot be negated", node.offset)
        return negate(item)

    if operand.one is not None:
        one = operand.one
        return Code(lambda env, value: minus(one(env, value)))

    def many(env: Env, value: Any) -> Iterable[Any]:
        for item in operand.many(env, value):
            yield minus(item)

    return Code(many=many)


def _logic(node: tree.Logic, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    decided = node.op == "or"
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one

        def decide(env: Env, value: Any) -> Any:
            first = one(env, value)
            if (first is not None and first is not False) is decided:
                return decided
            second = other(env, value)
            return second is not None and second is not False

        return Code(decide)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for first in left.many(env, value):
            env[0].charge(1)
            if (first is not None and first is not False) is decided:
                yield decided
            else:
                for second in right.many(env, value):
                    env[0].charge(1)
                    yield second is not None and second is not False

    return Code(many=many)


def _alternative(node: tree.Alternative, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    paths = lambda: follow.alternative(left, right)  # noqa: E731
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one

        def choose(env: Env, value: Any) -> Any:
            try:
                first = one(env, value)
            except Raised:
                return other(env, value)
            return other(env, value) if first is None or first is False else first

        return Code(choose, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        found = False
        try:
            for item in left.many(env, value):
                if item is not None and item is not False:
                    found = True
                    yield item
        except Raised:
            pass
        if not found:
            yield from right.many(env, value)

    if right.one is not None:
        single = right.one

        def at_least_one(env: Env, value: Any) -> Iterable[Any]:
            found = False
            try:
                for item in left.many(env, value):
                    if item is not None and item is not False:
                        found = True
                        yield item
            except Raised:
                pass
            if not found:
                yield single(env, value)

        return Code(many=at_least_one, make_paths=paths)
    return Code(many=many, make_paths=paths)


def _assign(node: tree.Assign, scope: Scope) -> Code:
    return assignment(
        node.op, compile_node(node.left, scope), compile_node(node.right, scope), node.offset
    )


def _if(node: tree.If, scope: Scope) -> Code:
    condition, yes = compile_node(node.condition, scope), compile_node(node.yes, scope)
    otherwise = node.no or tree.Identity(node.end, node.end, 1)
    no = compile_node(otherwise, scope)
    paths = lambda: follow.branch(condition, yes, no)  # noqa: E731
    test = condition.one
    if test is not None:
        then, other = yes.one, no.one
        if then is not None and other is not None:

            def choose(env: Env, value: Any) -> Any:
                chosen = test(env, value)
                if chosen is None or chosen is False:
                    return other(env, value)
                return then(env, value)

            return Code(choose, make_paths=paths)
        many_yes, many_no = yes.many, no.many

        def pick(env: Env, value: Any) -> Iterable[Any]:
            chosen = test(env, value)
            if chosen is None or chosen is False:
                return many_no(env, value)
            return many_yes(env, value)

        code = Code(many=pick, make_paths=paths)
        if yes.tail is not None or no.tail is not None:
            tail_yes, tail_no = yes.tail or yes.many, no.tail or no.many

            def pick_tail(env: Env, value: Any) -> Iterable[Any]:
                chosen = test(env, value)
                if chosen is None or chosen is False:
                    return tail_no(env, value)
                return tail_yes(env, value)

            code.tail = pick_tail
        return code

    def many(env: Env, value: Any) -> Iterable[Any]:
        for chosen in condition.many(env, value):
            env[0].charge(1)
            branch = no if chosen is None or chosen is False else yes
            yield from branch.many(env, value)

    return Code(many=many, make_paths=paths)


def _try(node: tree.Try, scope: Scope) -> Code:
    body = compile_node(node.body, scope)
    handler = compile_node(node.handler, scope) if node.handler is not None else None
    paths = lambda: follow.attempt(body, handler)  # noqa: E731
    if body.one is not None and handler is not None and handler.one is not None:
        one, recover = body.one, handler.one

        def attempt(env: Env, value: Any) -> Any:
            try:
                return one(env, value)
            except Raised as problem:
                caught = problem.value
            return recover(env, caught)

        return Code(attempt, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        try:
            yield from body.many(env, value)
            return
        except Raised as problem:
            caught = problem.value
        if handler is not None:
            yield from handler.many(env, caught)

    return Code(many=many, make_paths=paths)


# Binding


def _single_name(patterns: tuple[tree.Pattern, ...]) -> str | None:
    if len(patterns) == 1 and isinstance(patterns[0], tree.VariablePattern):
        return patterns[0].name
    return None


def _binders(
    patterns: tuple[tree.Pattern, ...], scope: Scope
) -> tuple[list[Binder], Scope, int]:
    """One binder per alternative, the scope with all their names, and how many names."""
    names = pattern_names(patterns)
    inner = scope.bind(*names)
    binders = [binder(pattern, inner, compile_node) for pattern in patterns]
    return binders, inner, len(names)


def _bind(node: tree.Bind, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    name = _single_name(node.patterns)
    if name is not None:
        body = compile_node(node.body, scope.bind(name))
        paths = lambda: follow.bind(source, body)  # noqa: E731
        one = source.one
        if one is not None and body.one is not None:
            inner_one = body.one
            return Code(
                lambda env, value: inner_one((*env, one(env, value)), value), make_paths=paths
            )
        inner_many = body.many
        if one is not None:
            code = Code(
                many=lambda env, value: inner_many((*env, one(env, value)), value),
                make_paths=paths,
            )
        else:

            def many(env: Env, value: Any) -> Iterable[Any]:
                meter = env[0]
                for item in source.many(env, value):
                    meter.charge(1)
                    yield from inner_many((*env, item), value)

            code = Code(many=many, make_paths=paths)
        if body.tail is not None:
            inner_tail = body.tail

            def tail(env: Env, value: Any) -> Iterable[Any]:
                for item in source.many(env, value):
                    env[0].charge(1)
                    yield from inner_tail((*env, item), value)

            code.tail = tail
        return code

    binders, inner, count = _binders(node.patterns, scope)
    body = compile_node(node.body, inner)

    def destructure(env: Env, value: Any) -> Iterable[Any]:
        blank = (None,) * count
        for item in source.many(env, value):
            env[0].charge(1)
            for index, bound in enumerate(binders):
                try:
                    for inner_env in bound((*env, *blank), item):
                        yield from body.many(inner_env, value)
                    break
                except Raised:
                    if index == len(binders) - 1:
                        raise

    return Code(
        many=destructure,
        make_paths=lambda: follow.destructure(source, binders, count, body),
        height=node.depth + 2,
    )


def _loop_binders(
    patterns: tuple[tree.Pattern, ...], scope: Scope
) -> tuple[Callable[[Env, Any], Iterable[Env]] | None, Scope]:
    """How a loop binds each item, None for a single variable; and the scope inside."""
    name = _single_name(patterns)
    if name is not None:
        return None, scope.bind(name)
    binders, inner, count = _binders(patterns, scope)

    def bound(env: Env, item: Any) -> Iterable[Env]:
        blank = (None,) * count
        for index, alternative in enumerate(binders):
            try:
                yield from alternative((*env, *blank), item)
                return
            except Raised:
                if index == len(binders) - 1:
                    raise

    return bound, inner


def _reduce(node: tree.Reduce, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    start = compile_node(node.start, scope)
    bound, inner = _loop_binders(node.patterns, scope)
    update = compile_node(node.update, inner)
    many_source = source.many
    update_one, update_many = update.one, update.many

    def fold(env: Env, value: Any, state: Any) -> Any:
        meter = env[0]
        for item in many_source(env, value):
            meter.left -= 1
            if meter.left < 0:
                raise exhausted(meter)
            for inner_env in ((*env, item),) if bound is None else bound(env, item):
                if update_one is not None:
                    state = update_one(inner_env, state)
                else:
                    last = None
                    for last in update_many(inner_env, state):
                        meter.charge(1)
                    state = last
        return state

    paths = lambda: follow.fold(source, start, update, bound)  # noqa: E731
    if start.one is not None:
        begin = start.one
        return Code(lambda env, value: fold(env, value, begin(env, value)), make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for state in start.many(env, value):
            yield fold(env, value, state)

    return Code(many=many, make_paths=paths)


def _foreach(node: tree.Foreach, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    start = compile_node(node.start, scope)
    bound, inner = _loop_binders(node.patterns, scope)
    update = compile_node(node.update, inner)
    extract = compile_node(node.extract, inner) if node.extract is not None else None

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for first in start.many(env, value):
            state = first
            for item in source.many(env, value):
                for inner_env in ((*env, item),) if bound is None else bound(env, item):
                    meter.charge(1)
                    before, state = state, None
                    for state in update.many(inner_env, before):
                        meter.charge(1)
                        if extract is None:
                            yield state
                        else:
                            yield from extract.many(inner_env, state)

    return Code(
        many=many, make_paths=lambda: follow.running(source, start, update, extract, bound)
    )


def _label(node: tree.Label, scope: Scope) -> Code:
    body = compile_node(node.body, scope.label(node.name))

    def many(env: Env, value: Any) -> Iterable[Any]:
        label = object()
        try:
            yield from body.many((*env, label), value)
        except Broken as broken:
            if broken.label is not label:
                raise

    return Code(many=many, make_paths=lambda: follow.label(body))


def _break(node: tree.Break, scope: Scope) -> Code:
    slot = scope.labels.get(node.name)
    if slot is None:
        raise ExpressionError(f"$*label-{node.name} is not defined", node.offset, "syntax")

    def leave(env: Env, value: Any) -> Any:
        raise Broken(env[slot])

    return Code(leave)


# Functions


def _define(node: tree.Define, scope: Scope) -> Code:
    function = UserFunction(node.parameters, scope.size)
    entry = scope.define(node.name, len(node.parameters), function)
    function.code = None
    inner = entry
    slot = scope.size
    for parameter in node.parameters:
        if parameter.startswith("$"):
            inner = inner.bind(parameter[1:]).define(parameter[1:], 0, ValueParameter(slot))
        else:
            inner = inner.bind("*" + parameter).define(parameter, 0, Parameter(slot))
        slot += 1
    function.code = compile_node(node.body, inner)
    return compile_node(node.rest, entry)


def _call(node: tree.Call, scope: Scope) -> Code:
    entry = scope.functions.get((node.name, len(node.arguments)))
    if isinstance(entry, UserFunction):
        return _user_call(node, entry, scope)
    if isinstance(entry, ValueParameter):
        value_slot = entry.slot
        return Code(lambda env, value: env[value_slot])
    if isinstance(entry, Parameter):
        return _parameter(entry.slot)
    key = (node.name, len(node.arguments))
    native = BUILTINS.get(key)
    if native is not None:
        arguments = [compile_node(argument, scope) for argument in node.arguments]
        return native(arguments, node)
    prelude = PRELUDE.get(key)
    if prelude is not None:
        return _user_call(node, _prelude_function(key, prelude), scope)
    if node.name in NOT_IN_SUBSET or node.name.startswith("_"):
        raise refused(node.name, node.offset)
    raise ExpressionError(
        f"{node.name}/{len(node.arguments)} is not defined{_near(node)}", node.offset, "syntax"
    )


def _near(node: tree.Call) -> str:
    arities = sorted(
        {arity for name, arity in (*BUILTINS, *PRELUDE) if name == node.name}
    )
    if arities:
        return f"; it takes {' or '.join(map(str, arities))} arguments"
    from difflib import get_close_matches

    names = sorted({name for name, _ in (*BUILTINS, *PRELUDE)})
    close = get_close_matches(node.name, names, 1)
    return f"; did you mean {close[0]}?" if close else ""


_compiled_prelude: dict[tuple[str, int], UserFunction] = {}


def _prelude_function(
    key: tuple[str, int], source: tuple[tuple[str, ...], str]
) -> UserFunction:
    """A built-in that is written in the language itself, compiled when first used."""
    function = _compiled_prelude.get(key)
    if function is None:
        from language.expressions.parser import parse_source

        parameters, text = source
        body = parse_source(text)
        place = body.offset
        rest = tree.Identity(place, place, 1)
        function = UserFunction(parameters, FIRST_SLOT)
        scope = Scope().define(key[0], key[1], function)
        slot = FIRST_SLOT
        for parameter in parameters:
            if parameter.startswith("$"):
                scope = scope.bind(parameter[1:]).define(
                    parameter[1:], 0, ValueParameter(slot)
                )
            else:
                scope = scope.bind("*" + parameter).define(parameter, 0, Parameter(slot))
            slot += 1
        del rest
        function.code = compile_node(body, scope)
        _compiled_prelude[key] = function
    return function


def _parameter(slot: int) -> Code:
    def many(env: Env, value: Any) -> Iterable[Any]:
        code, home = env[slot]
        depth = env[1] + code.height + 2
        meter = env[0]
        meter.left -= 1
        if meter.left < 0:
            raise exhausted(meter)
        if depth > meter.depth:
            entered(env, FIRST_SLOT, code.height + 2)
        inner = (meter, depth, *home[FIRST_SLOT:])
        if code.one is not None:
            return (code.one(inner, value),)
        return code.many(inner, value)  # type: ignore[no-any-return]

    return Code(many=many, make_paths=lambda: follow.parameter(slot))


def _user_call(node: tree.Call, function: UserFunction, scope: Scope) -> Code:
    size = function.size
    arguments = [compile_node(argument, scope) for argument in node.arguments]
    by_value = [parameter.startswith("$") for parameter in function.parameters]
    ready = function.code
    if ready is None:
        function.recursive = True
    height = ready.height if ready is not None else node.depth
    simple = not any(by_value)

    def enter(env: Env, value: Any) -> Iterable[Env]:
        """The environments of the call: one per combination of the value arguments."""
        meter = env[0]
        meter.left -= 1
        if meter.left < 0:
            raise exhausted(meter)
        code = function.code
        base = entered(env, size, (code.height if code is not None else height) + 4)
        if simple:
            return ((*base, *[(code, env) for code in arguments]),)
        return combine(env, value, base, 0)

    def combine(env: Env, value: Any, built: Env, at: int) -> Iterable[Env]:
        if at == len(arguments):
            yield built
        elif by_value[at]:
            for item in arguments[at].many(env, value):
                env[0].charge(1)
                yield from combine(env, value, (*built, item), at + 1)
        else:
            yield from combine(env, value, (*built, (arguments[at], env)), at + 1)

    def paths() -> Any:
        return follow.call(function, enter)

    if ready is not None and not function.recursive:
        if ready.one is not None and simple:
            body_one = ready.one
            if not arguments:

                def plain(env: Env, value: Any) -> Any:
                    meter = env[0]
                    meter.left -= 1
                    if meter.left < 0:
                        raise exhausted(meter)
                    return body_one(entered(env, size, height + 4), value)

                return Code(plain, make_paths=paths, height=height + 2)

            def direct(env: Env, value: Any) -> Any:
                (inner,) = enter(env, value)
                return body_one(inner, value)

            return Code(direct, make_paths=paths, height=height + 2)
        body_many = ready.many

        def many(env: Env, value: Any) -> Iterable[Any]:
            for inner in enter(env, value):
                yield from body_many(inner, value)

        return Code(many=many, make_paths=paths, height=height + 2)

    def run(env: Env, value: Any) -> Iterable[Any]:
        for inner in enter(env, value):
            yield from _run_tail(function, inner, value)

    def tail(env: Env, value: Any) -> Iterable[Any]:
        depth = env[1]
        for inner in enter(env, value):
            # A tail call takes no frame, so it starts as deep as its caller.
            yield TailCall(function, (inner[0], depth, *inner[FIRST_SLOT:]), value)

    code = Code(many=run, make_paths=paths, height=height + 4)
    code.tail = tail
    return code


def _run_tail(function: UserFunction, env: Env, value: Any) -> Iterable[Any]:
    """The outputs of a recursive function; calls in tail position go on a stack of our own."""
    code = function.code
    assert code is not None
    stack = [iter((code.tail or code.many)(env, value))]
    while stack:
        for item in stack[-1]:
            if item.__class__ is TailCall:
                body = item.function.code
                stack.append(iter((body.tail or body.many)(item.env, item.value)))
                break
            yield item
        else:
            stack.pop()


_COMPILERS: dict[type, Callable[..., Code]] = {
    tree.Identity: _identity,
    tree.Everything: _everything,
    tree.Literal: _literal,
    tree.Text: _text,
    tree.Format: _format_alone,
    tree.Index: _index,
    tree.Slice: _slice,
    tree.Iterate: _iterate,
    tree.Array: _array,
    tree.Object: _object,
    tree.Negate: _negate,
    tree.Pipe: _pipe,
    tree.Comma: _comma,
    tree.Binary: _binary,
    tree.Logic: _logic,
    tree.Alternative: _alternative,
    tree.Assign: _assign,
    tree.If: _if,
    tree.Try: _try,
    tree.Bind: _bind,
    tree.Reduce: _reduce,
    tree.Foreach: _foreach,
    tree.Define: _define,
    tree.Call: _call,
    tree.Variable: _variable,
    tree.Label: _label,
    tree.Break: _break,
}
