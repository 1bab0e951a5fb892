"""Tokens to a syntax tree, with the grammar and precedences of jq 1.8."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from language.expressions import tree
from language.expressions.errors import ExpressionError, refused
from language.expressions.lexer import Token, tokenize
from language.expressions.numbers import literal_number

MAX_SOURCE = 20_000
"""Characters of one expression."""
MAX_DEPTH = 400
"""How deep constructs may nest."""

_LEVEL = {
    "//": 1,
    "=": 2, "|=": 2, "+=": 2, "-=": 2, "*=": 2, "/=": 2, "%=": 2, "//=": 2,
    "or": 3, "and": 4,
    "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5,
    "+": 6, "-": 6, "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_MODULES = frozenset({"import", "include", "module"})
_CONSTANTS: dict[str, Any] = {"null": None, "true": True, "false": False}


def parse_source(source: str) -> tree.Node:
    """The syntax tree of an expression; raises `ExpressionError` with the place."""
    if len(source) > MAX_SOURCE:
        raise ExpressionError(
            f"the expression has {len(source):,} characters; {MAX_SOURCE:,} are allowed",
            MAX_SOURCE,
            "budget",
        )
    parser = _Parser(tokenize(source), source)
    node = parser.program()
    parser.expect_end()
    return node


class _Parser:
    """Recursive descent over one list of tokens."""

    def __init__(self, tokens: tuple[Token, ...], source: str, level: int = 0) -> None:
        self.tokens = tokens
        self.source = source
        self.at = 0
        self.token = tokens[0]
        self.level = level

    # Tokens

    def advance(self) -> Token:
        token = self.token
        self.at += 1
        if self.at < len(self.tokens):
            self.token = self.tokens[self.at]
        return token

    def ahead(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def is_op(self, text: str) -> bool:
        token = self.token
        return token.kind == "op" and token.text == text

    def is_keyword(self, text: str) -> bool:
        token = self.token
        return token.kind == "keyword" and token.text == text

    def expect(self, text: str) -> Token:
        token = self.token
        if token.text != text or token.kind not in ("op", "keyword"):
            self.fail(f"expected '{text}'")
        return self.advance()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            self.fail("expected the end of the expression")

    def fail(self, what: str) -> NoReturn:
        raise self.wrong(what)

    def wrong(self, what: str) -> ExpressionError:
        token = self.token
        if token.kind == "end":
            found = "the expression ends here" if not token.text else "found ')'"
        else:
            found = f"found '{self.source[token.offset : token.end]}'"
        return ExpressionError(f"{what}, {found}", token.offset, "syntax")

    def nest(self, *children: tree.Node | None) -> int:
        depth = 1 + max((child.depth for child in children if child is not None), default=0)
        if depth > MAX_DEPTH:
            self.too_deep()
        return depth

    def too_deep(self) -> NoReturn:
        raise ExpressionError(
            f"constructs nest more than {MAX_DEPTH} deep", self.token.offset, "budget"
        )

    # Queries: definitions, bindings, pipes, commas

    def program(self) -> tree.Node:
        if self.token.kind == "end":
            if self.level:
                self.fail("expected an expression")
            return tree.Identity(self.token.offset, self.token.offset, 1)
        if self.token.kind == "keyword" and self.token.text in _MODULES:
            raise refused(self.token.text, self.token.offset)
        return self.query()

    def query(self) -> tree.Node:
        self.level += 1
        if self.level > MAX_DEPTH:
            self.too_deep()
        stages: list[tree.Node] = []
        while True:
            stage, closed = self.commas()
            stages.append(stage)
            if closed or not self.is_op("|"):
                break
            self.advance()
        self.level -= 1
        # Grouped from the left: a long chain of pipes then nests on one side only.
        node = stages.pop()
        while stages:
            left = stages.pop()
            node = tree.Pipe(left.offset, node.end, self.nest(left, node), left, node)
        return node

    def commas(self) -> tuple[tree.Node, bool]:
        first, closed = self.element()
        parts = [first]
        while not closed and self.is_op(","):
            self.advance()
            part, closed = self.element()
            parts.append(part)
        if len(parts) == 1:
            return first, closed
        return (
            tree.Comma(first.offset, parts[-1].end, self.nest(*parts), tuple(parts)),
            closed,
        )

    def element(self) -> tuple[tree.Node, bool]:
        """One operand of a comma, and whether it took everything up to the end of the query."""
        start = self.token.offset
        if self.is_keyword("def"):
            name, parameters, body = self.definition()
            rest = self.query()
            depth = self.nest(body, rest)
            return tree.Define(start, rest.end, depth, name, parameters, body, rest), True
        if self.is_keyword("label"):
            self.advance()
            name = self.variable()
            self.expect("|")
            body = self.query()
            return tree.Label(start, body.end, self.nest(body), name, body), True
        node = self.expression(0)
        if self.is_keyword("as"):
            patterns = self.patterns()
            self.expect("|")
            body = self.query()
            depth = self.nest(node, body, *patterns)
            return tree.Bind(start, body.end, depth, node, patterns, body), True
        return node, False

    def definition(self) -> tuple[str, tuple[str, ...], tree.Node]:
        self.expect("def")
        token = self.token
        if token.kind not in ("name", "keyword") or "::" in token.text:
            self.fail("expected the name of a function")
        self.advance()
        parameters: list[str] = []
        if self.is_op("("):
            self.advance()
            while True:
                parameter = self.token
                if parameter.kind == "variable":
                    parameters.append("$" + parameter.text)
                elif parameter.kind in ("name", "keyword"):
                    parameters.append(parameter.text)
                else:
                    self.fail("expected a parameter")
                self.advance()
                if not self.is_op(";"):
                    break
                self.advance()
            self.expect(")")
        self.expect(":")
        body = self.query()
        self.expect(";")
        return token.text, tuple(parameters), body

    def variable(self) -> str:
        if self.token.kind != "variable":
            self.fail("expected a $name")
        return self.advance().text

    # Patterns

    def patterns(self) -> tuple[tree.Pattern, ...]:
        self.expect("as")
        found = [self.pattern()]
        while self.is_op("?//"):
            self.advance()
            found.append(self.pattern())
        return tuple(found)

    def pattern(self) -> tree.Pattern:
        self.level += 1
        if self.level > MAX_DEPTH:
            self.too_deep()
        try:
            return self.any_pattern()
        finally:
            self.level -= 1

    def any_pattern(self) -> tree.Pattern:
        token = self.token
        if token.kind == "variable":
            self.advance()
            return tree.VariablePattern(token.offset, token.end, 1, token.text)
        if self.is_op("["):
            self.advance()
            items = [self.pattern()]
            while self.is_op(","):
                self.advance()
                items.append(self.pattern())
            end = self.expect("]").end
            return tree.ArrayPattern(token.offset, end, self.nest(*items), tuple(items))
        if self.is_op("{"):
            self.advance()
            entries = [self.pattern_entry()]
            while self.is_op(","):
                self.advance()
                entries.append(self.pattern_entry())
            end = self.expect("}").end
            depth = self.nest(*(e[1] for e in entries), *(e[2] for e in entries))
            return tree.ObjectPattern(token.offset, end, depth, tuple(entries))
        raise self.wrong("expected $name, [pattern] or {pattern}")

    def pattern_entry(self) -> tuple[str | None, tree.Node, tree.Pattern | None]:
        token = self.token
        name: str | None = None
        key: tree.Node
        if token.kind == "variable":
            self.advance()
            name = token.text
            key = tree.Literal(token.offset, token.end, 1, name)
            if not self.is_op(":"):
                return name, key, None
        elif token.kind in ("name", "keyword"):
            self.advance()
            key = tree.Literal(token.offset, token.end, 1, token.text)
        elif token.kind == "text":
            key = self.text("text")
        elif self.is_op("("):
            self.advance()
            key = self.query()
            self.expect(")")
            self.check_key(key)
        else:
            self.fail("expected a key")
        self.expect(":")
        return name, key, self.pattern()

    # Operators

    def expression(self, minimum: int) -> tree.Node:
        self.level += 1
        if self.level > MAX_DEPTH:
            self.too_deep()
        left = self.unary()
        while True:
            token = self.token
            if token.kind not in ("op", "keyword"):
                break
            op = token.text
            level = _LEVEL.get(op)
            if level is None or level < minimum:
                break
            self.advance()
            if op == "//":
                right = self.expression(level)
                depth = self.nest(left, right)
                left = tree.Alternative(left.offset, right.end, depth, left, right)
                continue
            right = self.expression(level + 1)
            depth = self.nest(left, right)
            if level == 2:
                left = tree.Assign(left.offset, right.end, depth, op, left, right)
            elif level in (3, 4):
                left = tree.Logic(left.offset, right.end, depth, op, left, right)
            else:
                left = tree.Binary(left.offset, right.end, depth, op, left, right)
            if level in (2, 5) and _LEVEL.get(self.token.text) == level:
                self.fail("put parentheses around one of the two")
        self.level -= 1
        return left

    def unary(self) -> tree.Node:
        token = self.token
        if token.kind == "op" and token.text == "-":
            self.level += 1
            if self.level > MAX_DEPTH:
                self.too_deep()
            self.advance()
            operand = self.unary()
            self.level -= 1
            return tree.Negate(token.offset, operand.end, self.nest(operand), operand)
        if token.kind == "keyword" and token.text == "try":
            self.level += 1
            if self.level > MAX_DEPTH:
                self.too_deep()
            self.advance()
            body = self.unary()
            handler = None
            if self.is_keyword("catch"):
                self.advance()
                handler = self.unary()
            self.level -= 1
            end = body.end if handler is None else handler.end
            return tree.Try(token.offset, end, self.nest(body, handler), body, handler)
        return self.postfix()

    # Terms

    def postfix(self) -> tree.Node:
        node = self.term()
        while True:
            token = self.token
            if token.kind == "field":
                self.advance()
                key = tree.Literal(token.offset + 1, token.end, 1, token.text[1:])
                node = tree.Index(node.offset, token.end, self.nest(node), node, key)
            elif token.kind != "op":
                return node
            elif token.text == "?":
                self.advance()
                node = self.optional(node, token)
            elif token.text == "[":
                node = self.brackets(node)
            elif token.text == ".":
                follows = self.ahead()
                if follows.kind == "text":
                    self.advance()
                    key_node = self.text("text")
                    depth = self.nest(node, key_node)
                    node = tree.Index(node.offset, key_node.end, depth, node, key_node)
                elif follows.kind == "op" and follows.text == "[":
                    self.advance()
                    node = self.brackets(node)
                else:
                    self.advance()
                    self.fail("expected a field name after '.'")
            else:
                return node

    def optional(self, node: tree.Node, mark: Token) -> tree.Node:
        """What a `?` makes of the term before it: directly after a step it forgives that step only."""
        last = self.tokens[self.at - 2]
        if (
            isinstance(node, tree.Index | tree.Slice | tree.Iterate)
            and not node.optional
            and node.end == last.end
        ):
            return replace(node, optional=True, end=mark.end)
        return tree.Try(node.offset, mark.end, self.nest(node), node, None)

    def brackets(self, target: tree.Node) -> tree.Node:
        self.expect("[")
        if self.is_op("]"):
            end = self.advance().end
            return tree.Iterate(target.offset, end, self.nest(target), target)
        start: tree.Node | None = None
        if not self.is_op(":"):
            start = self.query()
            if self.is_op("]"):
                end = self.advance().end
                depth = self.nest(target, start)
                return tree.Index(target.offset, end, depth, target, start)
        self.expect(":")
        stop: tree.Node | None = None
        if not self.is_op("]"):
            stop = self.query()
        elif start is None:
            self.fail("expected a number before or after ':'")
        end = self.expect("]").end
        depth = self.nest(target, start, stop)
        return tree.Slice(target.offset, end, depth, target, start, stop)

    def term(self) -> tree.Node:
        token = self.token
        kind = token.kind
        if kind == "field":
            self.advance()
            here = tree.Identity(token.offset, token.offset, 1)
            key = tree.Literal(token.offset + 1, token.end, 1, token.text[1:])
            return tree.Index(token.offset, token.end, 2, here, key)
        if kind == "name":
            return self.call()
        if kind == "variable":
            return self.read_variable()
        if kind == "text":
            return self.text("text")
        if kind == "number":
            self.advance()
            return tree.Literal(token.offset, token.end, 1, literal_number(token.text))
        if kind == "format":
            self.advance()
            if self.token.kind == "text":
                return self.text(token.text[1:])
            return tree.Format(token.offset, token.end, 1, token.text[1:])
        if kind == "op":
            return self.bracketed()
        if kind == "keyword":
            return self.block()
        raise self.wrong("expected a value")

    def bracketed(self) -> tree.Node:
        token = self.token
        if token.text == ".":
            self.advance()
            here = tree.Identity(token.offset, token.end, 1)
            if self.token.kind == "text":
                key = self.text("text")
                return tree.Index(token.offset, key.end, self.nest(here, key), here, key)
            return self.brackets(here) if self.is_op("[") else here
        if token.text == "..":
            self.advance()
            return tree.Everything(token.offset, token.end, 1)
        if token.text == "(":
            self.advance()
            node = self.query()
            self.expect(")")
            return node
        if token.text == "[":
            self.advance()
            body = None if self.is_op("]") else self.query()
            end = self.expect("]").end
            return tree.Array(token.offset, end, self.nest(body), body)
        if token.text == "{":
            return self.object()
        raise self.wrong("expected a value")

    def read_variable(self) -> tree.Node:
        token = self.advance()
        if token.text == "__loc__":
            line = self.source.count("\n", 0, token.offset) + 1
            place = {"file": "<top-level>", "line": line}
            return tree.Literal(token.offset, token.end, 1, place)
        if token.text in ("ENV", "__prog_args"):
            raise refused("$" + token.text, token.offset)
        if "::" in token.text:
            raise refused("import", token.offset)
        return tree.Variable(token.offset, token.end, 1, token.text)

    def call(self) -> tree.Node:
        token = self.advance()
        if "::" in token.text:
            raise refused("import", token.offset)
        if token.text == "break" and self.token.kind == "variable":
            label = self.advance()
            return tree.Break(token.offset, label.end, 1, label.text)
        if not self.is_op("("):
            if token.text in _CONSTANTS:
                return tree.Literal(token.offset, token.end, 1, _CONSTANTS[token.text])
            return tree.Call(token.offset, token.end, 1, token.text, ())
        self.advance()
        arguments = [self.query()]
        while self.is_op(";"):
            self.advance()
            arguments.append(self.query())
        self.expect(")")
        depth = self.nest(*arguments)
        return tree.Call(token.offset, token.end, depth, token.text, tuple(arguments))

    def text(self, form: str) -> tree.Node:
        token = self.advance()
        if len(token.parts) == 1 and isinstance(token.parts[0], str):
            return tree.Literal(token.offset, token.end, 1, token.parts[0])
        parts = tuple(
            part if isinstance(part, str) else _Parser(part, self.source, self.level).interpolated()
            for part in token.parts
        )
        depth = self.nest(*(part for part in parts if not isinstance(part, str)))
        return tree.Text(token.offset, token.end, depth, form, parts)

    def interpolated(self) -> tree.Node:
        node = self.query()
        self.expect_end()
        return node

    def block(self) -> tree.Node:
        token = self.token
        if token.text == "if":
            self.advance()
            return self.branch(token.offset)
        if token.text == "reduce":
            self.advance()
            source = self.expression(0)
            patterns = self.patterns()
            self.expect("(")
            start = self.query()
            self.expect(";")
            update = self.query()
            end = self.expect(")").end
            depth = self.nest(source, start, update, *patterns)
            return tree.Reduce(token.offset, end, depth, source, patterns, start, update)
        if token.text == "foreach":
            self.advance()
            source = self.expression(0)
            patterns = self.patterns()
            self.expect("(")
            start = self.query()
            self.expect(";")
            update = self.query()
            extract = None
            if self.is_op(";"):
                self.advance()
                extract = self.query()
            end = self.expect(")").end
            depth = self.nest(source, start, update, extract, *patterns)
            return tree.Foreach(token.offset, end, depth, source, patterns, start, update, extract)
        if token.text in _MODULES:
            raise refused(token.text, token.offset)
        raise self.wrong("expected a value")

    def branch(self, offset: int) -> tree.Node:
        """What follows `if` or `elif`, up to and with `end`."""
        self.level += 1
        if self.level > MAX_DEPTH:
            self.too_deep()
        condition = self.query()
        self.expect("then")
        yes = self.query()
        no: tree.Node | None = None
        if self.is_keyword("elif"):
            no = self.branch(self.advance().offset)
            end = no.end
        else:
            if self.is_keyword("else"):
                self.advance()
                no = self.query()
            end = self.expect("end").end
        self.level -= 1
        return tree.If(offset, end, self.nest(condition, yes, no), condition, yes, no)

    def object(self) -> tree.Node:
        start = self.expect("{").offset
        entries: list[tuple[tree.Node, tree.Node]] = []
        while not self.is_op("}"):
            entries.append(self.entry())
            if not self.is_op(","):
                break
            self.advance()
            if self.is_op("}"):
                self.fail("expected a key")
        end = self.expect("}").end
        children = [part for entry in entries for part in entry]
        return tree.Object(start, end, self.nest(*children), tuple(entries))

    def entry(self) -> tuple[tree.Node, tree.Node]:
        token = self.token
        key: tree.Node
        if token.kind == "variable":
            value = self.read_variable()
            return tree.Literal(token.offset, token.end, 1, token.text), value
        if token.kind in ("name", "keyword") and "::" not in token.text:
            self.advance()
            key = tree.Literal(token.offset, token.end, 1, token.text)
        elif token.kind == "text":
            key = self.text("text")
        elif token.kind == "format":
            self.advance()
            if self.token.kind != "text":
                self.fail("expected a text after the format")
            key = self.text(token.text[1:])
        elif self.is_op("("):
            self.advance()
            key = self.query()
            self.expect(")")
            self.check_key(key)
            self.expect(":")
            return key, self.object_value()
        elif token.kind == "number":
            self.fail("a key is a name or a text; put an expression in parentheses")
        else:
            self.fail("expected a key")
        if self.is_op(":"):
            self.advance()
            return key, self.object_value()
        here = tree.Identity(token.offset, token.offset, 1)
        return key, tree.Index(token.offset, key.end, self.nest(key), here, key)

    def check_key(self, key: tree.Node) -> None:
        if _is_constant(key) and not (isinstance(key, tree.Literal) and isinstance(key.value, str)):
            raise ExpressionError("a key must be a text", key.offset, "syntax")

    def object_value(self) -> tree.Node:
        node = self.expression(0)
        while self.is_op("|"):
            self.advance()
            right = self.expression(0)
            node = tree.Pipe(node.offset, right.end, self.nest(node, right), node, right)
        return node


def _is_constant(node: tree.Node) -> bool:
    """Whether a term is written out: a literal, or an array or object of such."""
    if isinstance(node, tree.Array):
        body = node.body
        parts = body.parts if isinstance(body, tree.Comma) else (body,)
        return all(part is None or _is_constant(part) for part in parts)
    if isinstance(node, tree.Object):
        return all(_is_constant(key) and _is_constant(value) for key, value in node.entries)
    return isinstance(node, tree.Literal)
