"""Generated programs and inputs: the whole language, with functions that fit what they are given."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

_CONSTANTS = [
    "0", "1", "-1", "2", "3", "2.5", "10", "1e3", "0.1", '"a"', '"ab"', '"abab"', '""', '"é"', '"日本"',
    '"1"', '"-2.5"', '"a,b"', '"a b  c"', '" x "', '"2015-03-05T23:51:47Z"', "1425599621", "null",
    "true", "false", "[]", "{}", "[3,1,2]", "[[1,2],[3]]", '{"a":1}', '{"b":[1,{"a":2}]}', '["a","b"]',
    '{"a":{"b":null},"c":"x"}', '[{"a":1,"b":"x"},{"a":2,"b":"y"},{"a":1,"b":"z"}]',
    '[["a",0],["b"]]', '{"key":"k","value":1}', '[{"name":"n","value":false}]', "nan", "infinite",
    '"\\u0000"', '"x\\ty\\n"', "[1,[2,[3,[4]]]]", '"<&\'\\">"', '"aGk="', '"{\\"a\\":[1,2]}"', "$__loc__",
    "[0,false,null]", "[null,1]", '"ÀÉ"', "1.5e300", "-0",
]  # fmt: skip
_READS = [
    ".", ".a", ".b", ".a.b", ".[]", ".[0]", ".[-1]", ".[1:]", ".[:-1]", ".[:1]", ".a?", ".[]?", "..",
    "$x", "$y", "empty", '."a"', '.["b"]', ".a[]?", ".b?.a?", ".a?//1", ".[2:1]", ".[0]?", '.["a","b"]?',
    ".[.[0]]?", "..?", ".[]?.a?", "(.a,.b)=1", "error", '.["a"]?', ". as {a:$q}|$q", "input_line_number?",
]  # fmt: skip
_NULLARY = [
    "length", "keys", "keys_unsorted", "to_entries", "add", "any", "all", "not", "type", "sort",
    "unique", "min", "max", "first", "last", "tojson", "tostring", "floor", "flatten", "values", "nulls",
    "booleans", "numbers", "strings", "arrays", "objects", "iterables", "scalars", "explode", "tostream",
    "paths", "recurse", "@json", "@text", "@html", "@csv", "@tsv", "@sh", "@uri", "@urid", "@base64",
    "@base64d", "@base32", "@base32d", "ascii_upcase", "ascii_downcase", "from_entries", "transpose",
    "tonumber", "implode", "trim", "ltrim", "rtrim", "toboolean", "reverse", "abs", "sqrt",
    "ceil", "round", "trunc", "fabs", "utf8bytelength", "isnan", "isinfinite", "isnormal", "halt_error?",
    "combinations", 'getpath(["a"])', "todate", "fromdate", "gmtime", "mktime", "env?", "finites",
    "normals", "todateiso8601", "fromdateiso8601", "error", "significand", "logb", "exp2", "log2",
    "exp10", "cbrt", "gamma", "lgamma", "tgamma", "frexp", "modf", 'splits(",")', "min_by(.a?)", "rint",
    "nearbyint", "exp", "log", "log10", "sin", "cos", "atan", "expm1", "log1p", "drem(.;2)", "ldexp(.;2)",
    "scalb(.;1)", "scalbln(.;1)", "nearbyint", "lgamma_r", "limit(3;repeat(.))", "infinite", "nan",
    "have_literal_numbers", "getpath([])", "del(.[0]?)", "tojson|fromjson", '@text "v\\(.)"',
    '@json "v\\(.)"', '@html "<\\(.)>"', '@uri "?\\(.)"', '@base64 "\\(.)"', '@csv "\\(.)"',
    '@sh "echo \\(.)"', "debug?", "ascii?", "to_entries|from_entries", "with_entries(.)",
    "[paths]", "[leaf_paths?]", "[..]", "group_by(.)", "unique_by(.)", "sort_by(.)", "isvalid(.)?",
    'splits("a";null)', 'strftime("%Y-%m-%dT%H:%M:%SZ")', 'strftime("%A %B %d %j %U %e %H:%I %p")',
    'strptime("%Y-%m-%dT%H:%M:%SZ")', 'dateadd("seconds";10)?', 'datesub("seconds";10)?', "ltrimstr(1)",
    'getpath(["a",0,"b"])?', "tojson|tojson", "objects|keys", "walk(.)", "max_by(.)", 'trimstr("a")',
    "toarray?", "pick(.a)", "pick(.[1])", "pick(first)", "input?", "fromstream(tostream)",
    "[limit(3;.[]?)]", "[skip(1;.[]?)]", "first(.[]?)", "last(.[]?)", "nth(1)", "nth(1;.[]?)",
    "[.[]?|select(.)]", "map_values(.)", "map_values(empty)", "until(true;.)", "[while(false;.)]",
    "add(.[]?)", "isempty(.[]?)", "error(null)", "has(0)", 'has("a")', "in([1])", 'in({"a":1})',
    "inside([1,2])", 'inside("abc")', "bsearch(1)", 'bsearch("a")', 'index("a")', 'rindex("a")',
    "indices(1)", "indices([1])", 'indices("a")', 'index(",")', "IN(1,2)", "any(.[]?;.)", "all(.[]?;.)",
    "ascii(65)?", '@base32 "\\(.)"', 'splits(" +")', '[scan("[a-z]")]', 'test("A";"i")',
    '[match("(a)(b)?";"g")|.captures]', 'capture("(?<x>a)(?<n>b)?")', 'sub("a";"<\\(.)>")',
    'gsub("(?<l>[a-z])";"\\(.l)-")', 'gsub("";"-")', 'gsub("^";">")',
    'split(", *";null)', 'ascii_downcase|test("a")', 'sub("(?<d>\\\\d+)";"\\(.d|tonumber+1)")',
    '[splits("a|b")]', 'gsub("a";"b","c")', 'sub("$";"!")', 'scan("(a)(b)")', 'scan("\\\\w";"g")',
    'match(["a","g"])', 'match("a";"gx")', 'test(["A","i"])', 'gsub("\\\\s+";" ")', "limit(0;1,2)",
    "limit(-1;1,2)", "getpath([1])?",  'ltrimstr("a")', 'rtrimstr("b")', "tojson|length",
    'getpath(["a"]|[.])?', "truncate_stream(1;tostream)?", "[1|truncate_stream([[0],1],[[1,0],2],[[1,0]])]",
    "pow(.;2)", "pow(2;.)", "atan2(.;1)", "fmin(.;1)", "fmax(.;1)", "fmod(.;2)", "hypot(.;1)?", "fma(.;2;1)",
    "ldexp(1;.)", "nexttoward(.;1)", "copysign(.;-1)", "$__prog_args?", "splits(1)", "tojson[:3]", "exp10|floor",
    "INDEX(.a?)", "INDEX(.[]?;.)", '[JOIN({"1":2};tostring)]', "ascii_upcase?", "@text", "getpath(paths)",
    "[getpath(paths)]", "to_entries[]?", "reduce .[]? as [$p,$q] (0;.+1)", "del(.[1,0]?)", "del(.a?,.b?)",
    'delpaths([["a"]])', "delpaths([[0]])", "delpaths([paths])", 'setpath(["a"];1)', "setpath([0];1)",
    "setpath([];1)", "setpath([-1];1)", "to_entries|map(.key)", "path(..)", "[path(.a?,.[0]?)]", 'paths(type=="number")',
    "tostream|length", "limit(5;range(.))", "[range(0;3)]", "[range(3;0;-1)]", "[range(.;5;2)]", "[limit(3;range(0;10;0))]",
    "flatten(1)", "flatten(0)", "flatten(-1)", "[combinations(2)]", 'join(",")', 'join("")', "join(null)", 'split("")',
    'split(",")', 'contains("a")', "contains([1])", "contains({a:1})", 'startswith("a")', 'endswith("b")',
    'splits("x";"g")', '@tsv "\\(.)"', "limit(1;error)", "try error catch .", "try error({a:1}) catch .a",
    '.["a"]?', 'tojson|test("1")', 'ltrimstr("x","a")', 'error("x")', 'has("a","b")?', "env.PAGER?",
    'getpath(["a","b"])', 'strptime("%d %b %Y")?', "mktime|todate", "gmtime|todate", "gmtime|mktime", 'strftime("%s %z %Z %G-W%V-%u")',
]  # fmt: skip
_LEFT_OUT = (
    "halt_error",
    "env",
    "debug",
    "input",
    "input_line_number",
    "$__prog_args",
    "ascii(",
    "[leaf_paths",
    "ascii?",
    "dateadd",
    "datesub",
    "toarray",
    "isvalid",
    "hypot",
    "@base32",
    "[leaf",
)
NULLARY = [each for each in _NULLARY if not each.startswith(_LEFT_OUT)]
READS = [each for each in _READS if not each.startswith(_LEFT_OUT)]
_UNARY = [
    "map", "select", "sort_by", "group_by", "unique_by", "min_by", "max_by", "first", "last",
    "any", "all", "has", "contains", "index", "rindex", "indices", "startswith", "endswith", "ltrimstr",
    "rtrimstr", "trimstr", "join", "split", "map_values", "with_entries", "walk", "isempty", "add", "IN",
    "error", "test", "scan", "splits", "paths", "getpath", "delpaths", "inside", "in",
    "flatten", "recurse", "tojson|map", "INDEX", "nth", "bsearch", "match", "capture", "to_entries|map",
    "[limit(3;repeat(.))]|map", "strftime", "strptime", "format", "range", "combinations", "fromstream",
    "objects|map_values", "splits", "ascii_downcase|split", "tostring|test", "truncate_stream",
]  # fmt: skip
_BINARY = [
    "limit", "skip", "nth", "sub", "gsub", "setpath", "any", "all", "IN", "INDEX", "range", "split",
    "test", "pow", "fmin", "fmax", "fmod", "atan2", "ldexp", "recurse", "splits", "until", "while", "match",
    "capture", "scan",
]  # fmt: skip
_PLACES = [
    ".a", ".[0]?", ".[]?", ".b.a", ".[1:]", "(.a,.b)", "..", "(.[]?|select(.a?))", ".[-1]", ".a?",
    "first(.[]?)", "last(.[]?)", "limit(1;.[]?)", 'getpath(["a","b"])', "(.a//.b)", "if .a? then .b else .a end",
    ".a[1:3]", ".[2:][0]?", "recurse", "paths", "(.a|.b)?", "to_entries", "(.a as $q|.b)", "empty", "select(.a?)",
    '.["a"]?', "(.[]?|.a?)", "(def f: .a; f)", "skip(1;.[]?)", "nth(1;.[]?)", ".[0,1]?",
    "(label $l|.a,break $l)", "(try .a catch .b)", '(.. | select(type=="number"))', ".a.b.c?", "$x", ".[null:1]?",
    "error?", "first?", "last?", "nth(1)?", "arrays", "values", "pick(.a)?",
]  # fmt: skip
_TAKERS = ["path", "paths", "del", "pick"]
_OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "//"]
_ASSIGNMENTS = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]
_PATTERNS = [
    "$x", "[$x,$y]", "[$x]", "{a:$x}", "{$a,b:$y}", "{a:[$x]}", "[[$x],{a:$y}]", '{"a":$x}', '{("a","b"):$x}',
    "{$a:[$x]}", "[$x] ?// $x", "{a:$x} ?// [$x] ?// $x", "[[$y]] ?// {a:$x}",
]  # fmt: skip


def _larger(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = part
    two = st.tuples(part, part)
    three = st.tuples(part, part, part)
    patterns = st.sampled_from(_PATTERNS)
    place = st.sampled_from(_PLACES)
    places = place | st.tuples(place, place).map("({0[0]}|{0[1]})".format)
    return st.one_of(
        two.map("({0[0]}|{0[1]})".format),
        two.map("({0[0]}|{0[1]})".format),
        two.map("({0[0]},{0[1]})".format),
        st.tuples(part, st.sampled_from(_OPERATORS), part).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(part, st.sampled_from(_OPERATORS), part).map("({0[0]} {0[1]} {0[2]})".format),
        one.map("[{}]".format),
        one.map("-({})".format),
        two.map("{{a:{0[0]},b:{0[1]}}}".format),
        two.map("{{({0[0]}):{0[1]}}}".format),
        two.map('{{"k\\({0[0]})":{0[1]}}}'.format),
        three.map("(if {0[0]} then {0[1]} else {0[2]} end)".format),
        two.map("(if {0[0]} then {0[1]} end)".format),
        three.map("(if {0[0]} then 1 elif {0[1]} then {0[2]} else 2 end)".format),
        one.map("(try ({}) catch .)".format),
        one.map("({})?".format),
        one.map("[.[]?|{}]".format),
        one.map("(({})[])?".format),
        two.map("(try error({0[0]}) catch {0[1]})".format),
        st.tuples(part, patterns, part).map("(({0[0]}) as {0[1]}|{0[2]})".format),
        st.tuples(part, patterns, part).map("reduce ({0[0]}) as {0[1]} (.;{0[2]})".format),
        st.tuples(part, patterns, part, part).map(
            "foreach ({0[0]}) as {0[1]} ({0[2]};{0[3]})".format
        ),
        three.map("foreach ({0[0]}) as $x (0;.+1;[{0[1]},{0[2]}])".format),
        st.tuples(st.sampled_from(_PLACES), st.sampled_from(_ASSIGNMENTS), part).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(part, st.sampled_from(_PLACES), st.sampled_from(_ASSIGNMENTS), part).map(
            "({0[0]}|{0[1]} {0[2]} {0[3]})".format
        ),
        st.tuples(st.sampled_from(_TAKERS), places).map("{0[0]}({0[1]})".format),
        st.tuples(part, st.sampled_from(_TAKERS), places).map("({0[0]}|{0[1]}({0[2]}))".format),
        st.tuples(part, st.sampled_from(_UNARY), part).map("({0[0]}|{0[1]}({0[2]}))".format),
        st.tuples(st.sampled_from(_UNARY), part).map("({0[0]}({0[1]}))".format),
        st.tuples(st.sampled_from(_UNARY), st.sampled_from(_PLACES)).map("{0[0]}({0[1]})".format),
        st.tuples(part, st.sampled_from(_BINARY), part, part).map(
            "({0[0]}|[limit(5;{0[1]}({0[2]};{0[3]}))])".format
        ),
        st.tuples(part, st.sampled_from(NULLARY)).map("({0[0]}|{0[1]})".format),
        st.tuples(part, st.sampled_from(NULLARY)).map("({0[0]}|{0[1]})".format),
        st.tuples(part, st.sampled_from(NULLARY)).map("({0[0]}|try {0[1]} catch .)".format),
        two.map("({0[0]})[{0[1]}]".format),
        three.map("({0[0]})[{0[1]}:{0[2]}]".format),
        one.map('"x\\({})y"'.format),
        st.tuples(st.sampled_from(["@json", "@html", "@uri", "@sh", "@csv", "@base64"]), part).map(
            '({0[0]} "a\\({0[1]})<b")'.format
        ),
        two.map("(def g(h): h|{0[0]}; g({0[1]}))".format),
        two.map("(def g($h): $h,h|{0[0]}; g({0[1]}))".format),
        two.map("(def g(h;$i): [h,$i]; g({0[0]};{0[1]}))".format),
        one.map('(def g: if type=="array" and length>0 then .[0]|g else {} end; g)'.format),
        one.map("(label $l|({})|., break $l)".format),
        two.map("[label $l|({0[0]})|if . then {0[1]} else break $l end]".format),
    )


PROGRAMS = st.recursive(st.sampled_from(_CONSTANTS + READS + NULLARY), _larger, max_leaves=7)

INPUTS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, 2, 2.5, -3, 10, 1425599621, "a", "b", "", "é", "a,b", "abc 12",
         "2015-03-05T23:51:47Z", "1", "日本語", "  x "]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip

_FOLDS = ("reduce", "foreach", "last(")
_FOLLOWED = ("path", "del(", "pick(", "=", "map_values", "with_entries", "walk")
_UNSET = re.compile(r"strptime\(")


def is_known_difference(program: str) -> bool:
    """Whether a program may meet a difference that `docs/expressions.md` lists."""
    # Places inside of reduce and foreach; parts of a date that its format does not set.
    folded = any(word in program for word in _FOLDS) and any(word in program for word in _FOLLOWED)
    # What a break or a failed alternative of a pattern leaves behind.
    broken = "?//" in program and any(word in program for word in ("break", *_FOLDS))
    return folded or broken or bool(_UNSET.search(program))
