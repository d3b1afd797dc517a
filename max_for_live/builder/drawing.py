"""Draws the device's face as SVG from the patch's own rectangles and texts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from html import escape

from max_for_live.builder.description import FACE_HEIGHT, Box, Patch

LETTER_WIDTH = 0.52  # of the font's size, on average over English text in a humanist sans such as Live's
LINE_HEIGHT = 1.2

_SCALE = 2
_MARGIN = 12
_CAPTION_HEIGHT = 22
_FONT = "'Ableton Sans', 'Inter', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_FONT_SIZE = 9.5
_FACE, _EDGE, _CONTROL, _LINE = "#8f8f8f", "#3a3a3a", "#1e1e1e", "#5c5c5c"
_DARK_TEXT, _LIGHT_TEXT, _DIM_TEXT, _ON = "#101010", "#e6e6e6", "#8c8c8c", "#ffad56"


def draw_face(patch: Patch) -> str:
    """The face as an SVG, twice its size, with a caption that says what it is."""
    width, height = patch.width + 2 * _MARGIN, FACE_HEIGHT + _MARGIN + _CAPTION_HEIGHT
    caption = f"{patch.name}: drawing of the device's face, made from its description (not a screenshot)"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {_size_of(width, height)} role="img" aria-label="{escape(caption)}">',
        f"<title>{escape(caption)}</title>",
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{width}" height="{height}" fill="#ffffff"/>',
        f'<rect width="{patch.width}" height="{FACE_HEIGHT}" rx="4" fill="{_FACE}" stroke="{_EDGE}"/>',
    ]
    for box in patch.boxes:
        if box.rect is not None:
            title = escape(box.title or str(box.attributes["text"]))
            lines += [f'<g id="{box.name}"><title>{title}</title>', *_DRAWN[box.object_name](box), "</g>"]
    lines.append(_text(0, FACE_HEIGHT + 15, caption, "#555555", size=8))
    return "\n".join([*lines, "</svg>", ""])


def _size_of(width: float, height: float) -> str:
    view = f"{-_MARGIN} {-_MARGIN} {width} {height}"
    return f'width="{width * _SCALE}" height="{height * _SCALE}" viewBox="{view}"'


def _comment(box: Box) -> Iterator[str]:
    x, y, width, _ = _rect(box)
    size = _size(box)
    for row, line in enumerate(_wrapped(_shown(box), width - 6, size)):
        yield _text(x + 3, y + 12.5 + row * size * LINE_HEIGHT, line, _DARK_TEXT, size=size)


def _button(box: Box) -> Iterator[str]:
    x, y, width, height = _rect(box)
    is_idle = box.name.startswith("result") and not box.example
    is_on = box.attributes.get("mode") == 1 and box.example == "on"
    yield _frame(box, _ON if is_on else _CONTROL)
    colour = _DIM_TEXT if is_idle else _LIGHT_TEXT
    yield _text(
        x + width / 2, y + height / 2 + _size(box) * 0.36, _shown(box), colour, size=_size(box), anchor="middle"
    )


def _light(box: Box) -> Iterator[str]:
    yield _frame(box, _ON if box.example == "on" else _CONTROL)


def _menu(box: Box) -> Iterator[str]:
    x, y, width, height = _rect(box)
    items = box.parameter.items if box.parameter else ("",)
    yield _frame(box, _CONTROL)
    yield _text(x + 5, y + height / 2 + 3.4, box.example or items[0], _LIGHT_TEXT)
    yield f'<path d="M{x + width - 12} {y + 6}h6l-3 4z" fill="{_LIGHT_TEXT}"/>'


def _number(box: Box) -> Iterator[str]:
    x, y, width, height = _rect(box)
    yield _frame(box, _CONTROL)
    if box.attributes.get("appearance") == 2:
        share = float(box.example or 0)
        yield f'<rect x="{x + 1}" y="{y + 1}" width="{(width - 2) * share:g}" height="{height - 2}" fill="{_ON}"/>'
    else:
        initial = box.parameter.initial if box.parameter else 0
        yield _text(x + width / 2, y + height / 2 + 3.4, f"{initial:g}", _LIGHT_TEXT, anchor="middle")


def _typed(box: Box) -> Iterator[str]:
    x, y, width, height = _rect(box)
    yield _frame(box, _CONTROL)
    for row, line in enumerate(_wrapped(_shown(box), width - 8, _FONT_SIZE)):
        yield _text(x + 4, y + min(11.5, height / 2 + 3.9) + row * _FONT_SIZE * LINE_HEIGHT, line, _LIGHT_TEXT)


_DRAWN: Mapping[str, Callable[[Box], Iterator[str]]] = {
    "live.comment": _comment,
    "live.text": _button,
    "live.toggle": _light,
    "live.menu": _menu,
    "live.numbox": _number,
    "textedit": _typed,
}


def _shown(box: Box) -> str:
    return box.example or str(box.attributes.get("text", ""))


def _size(box: Box) -> float:
    return float(str(box.attributes.get("fontsize", _FONT_SIZE)))


def _wrapped(text: str, width: float, size: float) -> list[str]:
    return textwrap.wrap(text, max(1, int(width / (size * LETTER_WIDTH))))


def _rect(box: Box) -> tuple[float, float, float, float]:
    assert box.rect is not None
    return box.rect


def _frame(box: Box, fill: str) -> str:
    x, y, width, height = _rect(box)
    placed = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="1.5"'
    return f'<rect {placed} fill="{fill}" stroke="{_LINE}" stroke-width="0.5"/>'


def _text(x: float, y: float, text: str, colour: str, *, size: float = _FONT_SIZE, anchor: str = "start") -> str:
    placed = f'x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text {placed} font-family="{_FONT}">{escape(text)}</text>'
