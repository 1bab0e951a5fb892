"""Functions that are written in the language itself, and the names that are left out."""

from __future__ import annotations

NOT_IN_SUBSET = frozenset(
    [
        "input",
        "inputs",
        "debug",
        "stderr",
        "input_line_number",
        "input_filename",
        "env",
        "halt",
        "halt_error",
        "now",
        "localtime",
        "strflocaltime",
        "modulemeta",
        "get_search_list",
        "get_prog_origin",
        "get_jq_origin",
        "j0",
        "j1",
        "jn",
        "y0",
        "y1",
        "yn",
    ]
)
"""What jq has and this subset leaves out: input, output, the environment, the clock, modules."""

_SOURCES = {
    "first": ".[0]",
    "last": ".[-1]",
    "nth($n)": ".[$n]",
    "in(xs)": ". as $x | xs | has($x)",
    "inside(xs)": ". as $x | xs | contains($x)",
    "map_values(f)": ".[] |= f",
    "recurse(f; cond)": "recurse(f | select(cond))",
    "leaf_paths": "paths(scalars)",
    "dateadd(u; n)": ". + n",
    "datesub(u; n)": ". - n",
    "finites": "select(isfinite)",
    "normals": "select(isnormal)",
    "isfinite": 'type == "number" and (isinfinite | not)',
    "combinations": (
        "if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end"
    ),
    "combinations(n)": ". as $dot | [range(n)] | map($dot) | combinations",
    "tostream": (
        "path(def r: (.[]? | r), .; r) as $p | getpath($p)"
        " | reduce path(.[]?) as $q ([$p, .]; [$p + $q])"
    ),
    "fromstream(f)": (
        "{x: null, e: false} as $init"
        " | foreach f as $i ($init;"
        " if .e then $init else . end"
        " | if $i | length == 2"
        ' then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])'
        ' else setpath(["e"]; $i[0] | length == 1) end;'
        " if .e then .x else empty end)"
    ),
    "truncate_stream(stream)": (
        ". as $n | null | stream | . as $input"
        " | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end"
    ),
    "INDEX(stream; idx_expr)": (
        "reduce stream as $row ({}; .[$row | idx_expr | tostring] |= $row)"
    ),
    "INDEX(idx_expr)": "INDEX(.[]; idx_expr)",
    "JOIN($idx; idx_expr)": "[.[] | [., $idx[idx_expr]]]",
    "JOIN($idx; stream; idx_expr)": "stream | [., $idx[idx_expr]]",
    "JOIN($idx; stream; idx_expr; join_expr)": "stream | [., $idx[idx_expr]] | join_expr",
    "IN(s)": "any(s == .; .)",
    "IN(src; s)": "any(src == s; .)",
    "ascii": "[.] | implode",
    "paths": "path(..) | select(length > 0)",
    "paths(f)": "path(.. | select(f)) | select(length > 0)",
    "pick(f)": ". as $top | reduce path(f) as $p (null; setpath($p; $top | getpath($p)))",
    "until(cond; update)": "def r: if cond then . else update | r end; r",
    "while(cond; update)": "def r: if cond then ., (update | r) else empty end; r",
    "repeat(f)": "def r: f, r; r",
}


def _parsed(head: str) -> tuple[tuple[str, int], tuple[str, ...]]:
    name, _, rest = head.partition("(")
    parameters = tuple(part.strip() for part in rest.rstrip(")").split(";")) if rest else ()
    return (name, len(parameters)), parameters


def _table() -> dict[tuple[str, int], tuple[tuple[str, ...], str]]:
    table = {}
    for head, body in _SOURCES.items():
        key, parameters = _parsed(head)
        table[key] = (parameters, body)
    return table


PRELUDE: dict[tuple[str, int], tuple[tuple[str, ...], str]] = _table()
"""Parameters and body by name and number of arguments."""
