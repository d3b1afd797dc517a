"""Checks the face: every control lies on it in whole pixels, over no other, and says what it is for."""

from __future__ import annotations

from itertools import combinations

from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import FACE_HEIGHT, Box, Patch


def check_face(patch: Patch) -> None:
    """Refuse rectangles that leave the face, overlap or blur, and controls without info text."""
    shown = [box for box in patch.boxes if box.rect is not None]
    for box in shown:
        _check_rect(box, patch.width)
        if not box.is_label and not (box.title and box.info):
            raise BuildError(f"{box.name}: a control needs a title and an info text")
    for one, other in combinations(shown, 2):
        if _overlap(one, other):
            raise BuildError(f"{one.name}: lies over {other.name}")


def _check_rect(box: Box, width: int) -> None:
    assert box.rect is not None
    x, y, box_width, box_height = box.rect
    if any(value != int(value) for value in box.rect):
        raise BuildError(f"{box.name}: rect must be whole pixels, else it blurs, got {list(box.rect)}")
    if box_width <= 0 or box_height <= 0:
        raise BuildError(f"{box.name}: rect has no size: {list(box.rect)}")
    if x < 0 or x + box_width > width:
        raise BuildError(f"{box.name}: rect leaves the face, which is {width} pixels wide: {list(box.rect)}")
    if y < 0 or y + box_height > FACE_HEIGHT:
        raise BuildError(f"{box.name}: rect leaves the face, which is {FACE_HEIGHT} pixels high: {list(box.rect)}")


def _overlap(one: Box, other: Box) -> bool:
    assert one.rect is not None
    assert other.rect is not None
    ax, ay, aw, ah = one.rect
    bx, by, bw, bh = other.rect
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah
