"""Pipes, commas, conditions, alternatives, assignments and `try`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from language.expressions import follow, tree
from language.expressions.assignment import assignment
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env, Many, Scope
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import Raised


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
    codes = [compile_node(part, scope) for part in node.parts]

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


def _alternative(node: tree.Alternative, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    paths = lambda: follow.alternative(left, right)  # noqa: E731
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one

        def choose(env: Env, value: Any) -> Any:
            first = one(env, value)
            return other(env, value) if first is None or first is False else first

        return Code(choose, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        found = False
        for item in left.many(env, value):
            if item is not None and item is not False:
                found = True
                yield item
        if not found:
            yield from right.many(env, value)

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

    code = Code(many=many, make_paths=paths)
    if yes.tail is not None or no.tail is not None:

        def tail(env: Env, value: Any) -> Iterable[Any]:
            for chosen in condition.many(env, value):
                env[0].charge(1)
                branch = no if chosen is None or chosen is False else yes
                yield from (branch.tail or branch.many)(env, value)

        code.tail = tail
    return code


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


COMPILERS: dict[type, Compiler] = {
    tree.Pipe: _pipe,
    tree.Comma: _comma,
    tree.Alternative: _alternative,
    tree.Assign: _assign,
    tree.If: _if,
    tree.Try: _try,
}
