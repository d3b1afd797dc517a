"""The figures as lines of a table."""

from __future__ import annotations

from bench.measure import Figure

_NAME_WIDTH = 52
_REACHED = {None: "", True: "ok", False: "MISSED"}
_HEADS = ("median", "min", "max", "n", "floor", "ratio", "goal")


def head() -> str:
    """The line over the columns."""
    return f"{'':{_NAME_WIDTH}}" + "".join(f"{word:>9}" for word in _HEADS)


def line(figure: Figure) -> str:
    """One figure: ours, the floor, how many times the floor ours is, the goal, and whether it is reached."""
    bare = figure.bare
    goal = "" if figure.goal is None else f"{'≥' if figure.more_is_better else '≤'}{_number(figure.goal)}"
    cells = (
        _number(figure.middle),
        _number(min(figure.ours)),
        _number(max(figure.ours)),
        str(len(figure.ours)),
        "" if bare is None else _number(bare),
        f"{figure.middle / bare:.1f}x" if bare else "",
        goal,
    )
    name = f"{figure.name} [{figure.unit}]" if figure.unit else figure.name
    told = f"{name:{_NAME_WIDTH}}" + "".join(f"{cell:>9}" for cell in cells) + f"  {_REACHED[figure.reached]}"
    return told.rstrip() + (f"\n    {figure.note}" if figure.note else "")


def _number(value: float) -> str:
    if value == round(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
