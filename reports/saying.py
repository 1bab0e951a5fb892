"""How the value of a figure reads."""

from __future__ import annotations


def said_value(value: float | None, unit: str | None) -> str:
    """A value as people read it; a dash where nothing was measured."""
    if value is None:
        return "-"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "seconds":
        minutes = round(value / 60)
        return f"{minutes // 60} h {minutes % 60:02}"
    return f"{value:g}"
