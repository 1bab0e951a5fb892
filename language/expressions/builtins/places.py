"""Functions of places: paths, reading and deleting at them, recursion, entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from language.expressions import tree
from language.expressions.access import delete_paths, get_path, put, set_path
from language.expressions.assignment import places
from language.expressions.budget import Meter, exhausted
from language.expressions.builtins.calling import Native, on_values
from language.expressions.code import Code, Env, Path, Paths, invalid_access
from language.expressions.errors import Raised
from language.expressions.values import described


def _path(arguments: list[Code], node: tree.Call) -> Code:
    target = arguments[0]
    return Code(many=lambda env, value: places(target, env, value))


def _delete(arguments: list[Code], node: tree.Call) -> Code:
    target = arguments[0]

    def delete(env: Env, value: Any) -> Any:
        return delete_paths(value, list(places(target, env, value)), env[0])

    return Code(delete)


def _get_path(arguments: list[Code], node: tree.Call) -> Code:
    target = arguments[0]
    plain = on_values(lambda meter, value, path: get_path(value, path, meter))(arguments, node)

    def paths(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
        for keys in target.many(env, value):
            item = get_path(value, keys, env[0])
            if path is None:
                raise invalid_access(keys, value)
            yield (*path, *keys), item

    return Code(plain.one, plain.many, make_paths=lambda: paths)


def _set_path(meter: Meter, value: Any, path: Any, item: Any) -> Any:
    return set_path(value, path, item, meter)


def _delete_paths(meter: Meter, value: Any, paths: Any) -> Any:
    return delete_paths(value, paths, meter)


def _everything(arguments: list[Code], node: tree.Call) -> Code:
    """`recurse`: the value, then all values below it, from the outside in."""

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        yield value
        stack: list[Iterator[Any]] = [iter(_inside(value))]
        while stack:
            for item in stack[-1]:
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield item
                if item.__class__ is list or item.__class__ is dict:
                    stack.append(iter(_inside(item)))
                    break
            else:
                stack.pop()

    def paths(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
        meter = env[0]
        yield path, value
        if path is None:
            for item in many(env, value):
                if item is not value:
                    yield None, item
            return
        stack: list[Iterator[tuple[Path, Any]]] = [iter(_places_inside(path, value))]
        while stack:
            for place, item in stack[-1]:
                assert place is not None
                meter.charge(1 + (len(place) >> 3))
                yield place, item
                if item.__class__ is list or item.__class__ is dict:
                    stack.append(iter(_places_inside(place, item)))
                    break
            else:
                stack.pop()

    return Code(many=many, make_paths=lambda: paths)


def _inside(value: Any) -> Iterable[Any]:
    if value.__class__ is list:
        return value
    return value.values() if value.__class__ is dict else ()


def _places_inside(path: tuple[Any, ...], value: Any) -> Iterable[tuple[Path, Any]]:
    if value.__class__ is list:
        return (((*path, index), item) for index, item in enumerate(value))
    if value.__class__ is dict:
        return (((*path, key), item) for key, item in value.items())
    return ()


def _recurse(arguments: list[Code], node: tree.Call) -> Code:
    step = arguments[0]

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        yield value
        stack = [iter(step.many(env, value))]
        while stack:
            for item in stack[-1]:
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield item
                stack.append(iter(step.many(env, item)))
                break
            else:
                stack.pop()

    def paths() -> Paths:
        def follow(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
            yield path, value
            stack = [iter(step.paths(env, path, value))]
            while stack:
                for place, item in stack[-1]:
                    env[0].charge(1)
                    yield place, item
                    stack.append(iter(step.paths(env, place, item)))
                    break
                else:
                    stack.pop()

        return follow

    return Code(many=many, make_paths=paths, height=node.depth + 2)


def _from_entries(meter: Meter, value: Any) -> dict[str, Any]:
    if value.__class__ is dict:
        value = list(value.values())
    if value.__class__ is not list:
        raise Raised(f"Cannot iterate over {described(value)}")
    meter.charge(len(value))
    built: dict[str, Any] = {}
    for entry in value:
        if entry is None:
            entry = {}
        if entry.__class__ is not dict:
            put(entry, "key", None, meter)
        key: Any = None
        for name in ("key", "Key", "name", "Name"):
            key = entry.get(name)
            if key is not None and key is not False:
                break
        else:
            key = None
        if key.__class__ is not str:
            raise Raised(f"Cannot use {described(key)} as object key")
        built[key] = entry["value"] if "value" in entry else entry.get("Value")
    return built


def _with_entries(arguments: list[Code], node: tree.Call) -> Code:
    change = arguments[0]

    def rebuild(env: Env, value: Any) -> Any:
        meter = env[0]
        if value.__class__ is dict:
            entries = [{"key": key, "value": item} for key, item in value.items()]
        elif value.__class__ is list:
            entries = [{"key": index, "value": item} for index, item in enumerate(value)]
        else:
            raise Raised(f"{described(value)} has no keys", node.offset)
        meter.charge(len(entries))
        changed: list[Any] = []
        for entry in entries:
            changed.extend(change.many(env, entry))
        meter.charge(len(changed))
        return _from_entries(meter, changed)

    return Code(rebuild, height=node.depth + 1)


PLACES: dict[tuple[str, int], Native] = {
    ("path", 1): _path,
    ("del", 1): _delete,
    ("getpath", 1): _get_path,
    ("setpath", 2): on_values(_set_path),
    ("delpaths", 1): on_values(_delete_paths),
    ("recurse", 0): _everything,
    ("recurse", 1): _recurse,
    ("from_entries", 0): on_values(_from_entries),
    ("with_entries", 1): _with_entries,
}
