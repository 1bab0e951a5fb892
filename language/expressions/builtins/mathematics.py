"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from language.expressions.budget import Meter
from language.expressions.builtins.calling import Native, on_values
from language.expressions.builtins.general import number
from language.expressions.numbers import as_float, plain


def _of(function: Callable[..., float]) -> Native:
    """A function of doubles; outside its domain it gives nan, beyond the largest double infinite."""

    def call(meter: Meter, value: Any, *arguments: Any) -> Any:
        operands = [as_float(number(item)) for item in arguments or (value,)]
        try:
            return plain(float(function(*operands)))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return on_values(call)


def _rounding(function: Callable[[float], float]) -> Native:
    def call(meter: Meter, value: Any) -> Any:
        if value.__class__ is int and -(1 << 53) <= value <= 1 << 53:
            return value
        double = as_float(number(value))
        return plain(float(function(double))) if math.isfinite(double) else double

    return on_values(call)


def _round(value: float) -> float:
    return math.copysign(math.floor(abs(value) + 0.5), value)


def _half_even(value: float) -> float:
    return math.copysign(round(value), value)


def _log(base: Callable[[float], float]) -> Callable[[float], float]:
    def call(value: float) -> float:
        return -math.inf if value == 0 else base(value)

    return call


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except ValueError:
        return math.inf if base == 0 else math.nan
    except OverflowError:
        odd = exponent == math.floor(exponent) and math.fmod(exponent, 2) != 0
        return -math.inf if base < 0 and odd else math.inf


def _significand(value: float) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    return math.frexp(value)[0] * 2


def _logb(value: float) -> float:
    if value == 0:
        return -math.inf
    if not math.isfinite(value):
        return abs(value)
    return math.frexp(value)[1] - 1


def _true_gamma(value: float) -> float:
    """The gamma function; infinite at zero, with its sign."""
    return math.gamma(value) if value else math.copysign(math.inf, value)


def _gamma(value: float) -> float:
    return math.inf if value <= 0 and value == math.floor(value) else math.lgamma(value)


def _frexp(meter: Meter, value: Any) -> list[Any]:
    double = as_float(number(value))
    if not math.isfinite(double):
        return [double, 0]
    mantissa, exponent = math.frexp(double)
    return [plain(mantissa), exponent]


def _modf(meter: Meter, value: Any) -> list[Any]:
    fraction, integral = math.modf(as_float(number(value)))
    return [plain(fraction), plain(integral)]


def _lgamma_r(meter: Meter, value: Any) -> list[Any]:
    double = as_float(number(value))
    negative = double < 0 and math.floor(double) % 2 != 0
    return [plain(_gamma(double)), -1 if negative else 1]


def _scale(value: float, exponent: float) -> float:
    if not math.isfinite(exponent):
        return value * (math.inf if exponent > 0 else 0.0)
    return math.ldexp(value, int(max(min(exponent, 5000), -5000)))


def _fma(first: float, second: float, third: float) -> float:
    return first * second + third


def _fdim(first: float, second: float) -> float:
    if math.isnan(first) or math.isnan(second):
        return math.nan
    return max(first - second, 0.0)


def _fmin(first: float, second: float) -> float:
    if math.isnan(first):
        return second
    return first if math.isnan(second) else min(first, second)


def _fmax(first: float, second: float) -> float:
    if math.isnan(first):
        return second
    return first if math.isnan(second) else max(first, second)


_UNARY: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt, "cbrt": math.cbrt, "exp": math.exp, "exp2": math.exp2,
    "exp10": lambda value: _power(10.0, value), "expm1": math.expm1,
    "log": _log(math.log), "log2": _log(math.log2), "log10": _log(math.log10),
    "log1p": lambda value: -math.inf if value == -1 else math.log1p(value),
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "asinh": math.asinh, "acosh": math.acosh, "atanh": math.atanh,
    "erf": math.erf, "erfc": math.erfc,
    "gamma": _gamma, "lgamma": _gamma, "tgamma": _true_gamma,
    "significand": _significand, "logb": _logb, "fabs": abs,
}  # fmt: skip
_BINARY: dict[str, Callable[[float, float], float]] = {
    "pow": _power, "atan2": math.atan2, "fmod": math.fmod, "hypot": math.hypot,
    "copysign": math.copysign, "drem": math.remainder, "remainder": math.remainder,
    "fmin": _fmin, "fmax": _fmax, "fdim": _fdim, "nextafter": math.nextafter,
    "nexttoward": math.nextafter, "ldexp": _scale, "scalb": _scale, "scalbln": _scale,
}  # fmt: skip

MATHEMATICS: dict[tuple[str, int], Native] = {
    **{(name, 0): _of(function) for name, function in _UNARY.items()},
    **{(name, 2): _of(function) for name, function in _BINARY.items()},
    ("fma", 3): _of(_fma),
    ("floor", 0): _rounding(math.floor),
    ("ceil", 0): _rounding(math.ceil),
    ("trunc", 0): _rounding(math.trunc),
    ("round", 0): _rounding(_round),
    ("rint", 0): _rounding(_half_even),
    ("nearbyint", 0): _rounding(_half_even),
    ("frexp", 0): on_values(_frexp),
    ("modf", 0): on_values(_modf),
    ("lgamma_r", 0): on_values(_lgamma_r),
}
