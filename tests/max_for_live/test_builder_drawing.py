"""The drawing of the face is the patch's own: every control in its place, and room for what will stand there."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from max_for_live.builder.build import SOURCES
from max_for_live.builder.description import Box, read_patch
from max_for_live.builder.drawing import LETTER_WIDTH, LINE_HEIGHT, draw_face

PATCH = read_patch(SOURCES / "patch.toml")
SHOWN = [box for box in PATCH.boxes if box.rect is not None]
DEFAULT_FONT_SIZE = 9.5
WORDLESS = ("live.toggle", "live.numbox")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def groups() -> dict[str, ElementTree.Element]:
    drawing = ElementTree.fromstring(draw_face(PATCH))
    return {group.attrib["id"]: group for group in drawing.findall(f"{SVG}g")}


def size_of(box: Box) -> float:
    return float(str(box.attributes.get("fontsize", DEFAULT_FONT_SIZE)))


def letters_that_fit(box: Box, padding: float) -> int:
    """In all lines together."""
    assert box.rect is not None
    _, _, width, height = box.rect
    lines = max(1, int((height - 5) / (size_of(box) * LINE_HEIGHT)))
    return lines * int((width - padding) / (size_of(box) * LETTER_WIDTH))


def test_every_control_is_drawn_where_the_patch_has_it(groups: dict[str, ElementTree.Element]) -> None:
    assert len(groups) == len(SHOWN)
    for box in SHOWN:
        assert groups[box.name].findtext(f"{SVG}title") == (box.title or box.attributes["text"])
        frame = groups[box.name].find(f"{SVG}rect")
        if frame is not None:
            drawn = tuple(float(frame.attrib[key]) for key in ("x", "y", "width", "height"))
            assert drawn == box.rect


def test_the_drawing_says_that_it_is_one() -> None:
    drawing = ElementTree.fromstring(draw_face(PATCH))

    assert "drawing" in str(drawing.findtext(f"{SVG}title"))
    assert any("not a screenshot" in str(text.text) for text in drawing.findall(f"{SVG}text"))


def test_texts_that_svg_would_take_for_its_own_are_escaped() -> None:
    boxes = tuple(replace(box, example="<b> & co") if box.name == "status" else box for box in PATCH.boxes)
    drawing = ElementTree.fromstring(draw_face(replace(PATCH, boxes=boxes)))

    assert "<b> & co" in {text.text for text in drawing.iter(f"{SVG}text")}


@pytest.mark.parametrize("box", [box for box in SHOWN if box.object_name not in WORDLESS], ids=lambda box: box.name)
def test_what_stands_in_a_control_fits_it(box: Box) -> None:
    padding = 15 if box.object_name == "live.menu" else 4
    texts = [box.example, str(box.attributes.get("text", ""))]
    if box.object_name == "live.menu" and box.parameter is not None:
        texts += box.parameter.items

    for text in texts:
        assert len(text) <= letters_that_fit(box, padding), text


def test_the_status_holds_a_sentence_of_200_letters() -> None:
    room_for_words_that_wrap = 2 * 10

    assert letters_that_fit(PATCH.box("status"), 6) >= 200 + room_for_words_that_wrap


def test_the_prompt_shows_two_lines() -> None:
    rect = PATCH.box("prompt").rect

    assert rect is not None
    assert rect[3] >= 2 * DEFAULT_FONT_SIZE * LINE_HEIGHT + 6
