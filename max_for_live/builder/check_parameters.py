"""Checks what Live knows of the controls: names, ranges, first values and who may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Box, Parameter, Patch
from max_for_live.builder.objects import Objects
from max_for_live.builder.patcher import BANK_SIZE, PARAMETER_TYPES, VISIBILITIES

_LONGEST_SHORT_NAME = 16
_BUTTON_MODE, _TOGGLE_MODE, _MOUSE_UP, _PRESSED = 0, 1, 1, 0


def check_parameters(patch: Patch, objects: Objects) -> None:
    """Refuse controls without a parameter, names that Live would number, wrong values, and floods of undo steps."""
    parameters: list[tuple[Box, Parameter]] = []
    for box in patch.boxes:
        kinds = objects.kind(box).parameters
        if box.parameter is None:
            if kinds:
                raise BuildError(
                    f"{box.name}: {box.object_name} needs a parameter, else Live neither stores nor names it"
                )
            continue
        if box.parameter.kind not in kinds:
            raise BuildError(f"{box.name}: {box.object_name} has no parameter of type {box.parameter.kind!r}")
        parameters.append((box, box.parameter))
        _check_values(box.name, box.parameter)
        _check_visibility(patch, box, box.parameter)
        if box.object_name == "live.text":
            _check_button(patch, box, box.parameter)
    _check_names("long", parameters, lambda parameter: parameter.long_name)
    _check_names("short", parameters, lambda parameter: parameter.short_name)
    _check_bank(patch, [parameter for _, parameter in parameters])


def _check_values(name: str, parameter: Parameter) -> None:
    if parameter.kind not in PARAMETER_TYPES:
        raise BuildError(f"{name}: there is no parameter type {parameter.kind!r}")
    if parameter.kind in ("button", "blob"):
        if parameter.items or parameter.range or parameter.initial is not None:
            raise BuildError(f"{name}: a {parameter.kind} has no items, range or first value")
        return
    if parameter.kind == "enum":
        if parameter.range or not parameter.items or len(set(parameter.items)) != len(parameter.items):
            raise BuildError(f"{name}: an enum has items, each once, and no range")
        low, high = 0.0, len(parameter.items) - 1.0
    else:
        if parameter.items or parameter.range is None or parameter.range[0] >= parameter.range[1]:
            raise BuildError(f"{name}: a number has a range from low to high, and no items")
        low, high = parameter.range
    if parameter.initial is None or not low <= parameter.initial <= high:
        raise BuildError(f"{name}: the first value must be from {low:g} to {high:g}, got {parameter.initial}")
    numbers = [parameter.initial, *(parameter.range or ())]
    if parameter.kind != "float" and any(not isinstance(number, int) for number in numbers):
        raise BuildError(f"{name}: type {parameter.kind} has whole numbers, got {numbers}")


def _check_visibility(patch: Patch, box: Box, parameter: Parameter) -> None:
    """What the script sets is hidden, or each change would be an undo step; what the user sets is stored."""
    if parameter.visibility not in VISIBILITIES:
        raise BuildError(
            f"{box.name}: visibility must be one of {', '.join(VISIBILITIES)}, got {parameter.visibility!r}"
        )
    if parameter.kind == "button":
        wanted = "automated" if box.name in patch.pedals else "hidden"
    else:
        is_driven = set(patch.verbs.get(box.name, ())) - {"bang"}
        wanted = "hidden" if is_driven else "stored"
    if parameter.visibility != wanted:
        raise BuildError(f"{box.name}: visibility must be {wanted!r} here, got {parameter.visibility!r}")


def _check_button(patch: Patch, box: Box, parameter: Parameter) -> None:
    mode = _BUTTON_MODE if parameter.kind == "button" else _TOGGLE_MODE
    if box.attributes.get("mode") != mode:
        raise BuildError(f"{box.name}: a live.text of type {parameter.kind} has mode {mode}")
    if box.attributes.get("outputmode") != _MOUSE_UP:
        raise BuildError(f"{box.name}: buttons speak when the mouse is let go: outputmode 1")
    if box.name in patch.pedals and box.attributes.get("transition") != _PRESSED:
        raise BuildError(f"{box.name}: a pedal is heard when it is pressed and not when it is let go: transition 0")


def _check_names(which: str, parameters: Sequence[tuple[Box, Parameter]], name_of: Callable[[Parameter], str]) -> None:
    owners: dict[str, str] = {}
    for box, parameter in parameters:
        name = name_of(parameter)
        if not name or "[" in name:
            raise BuildError(f"{box.name}: the {which} name must be a name without brackets, got {name!r}")
        if which == "short" and len(name) > _LONGEST_SHORT_NAME:
            raise BuildError(f"{box.name}: the short name has at most {_LONGEST_SHORT_NAME} letters, got {name!r}")
        if name in owners:
            raise BuildError(f"{box.name}: the {which} name {name!r} is that of {owners[name]}; Live would number them")
        owners[name] = box.name


def _check_bank(patch: Patch, parameters: Sequence[Parameter]) -> None:
    seen = {parameter.long_name: parameter for parameter in parameters if parameter.visibility != "hidden"}
    for name in patch.bank:
        if name in seen and seen[name].kind == "button":
            raise BuildError(f"bank: {name!r} is a button, and turning an encoder of Push must not start anything")
        if name not in seen:
            raise BuildError(f"bank: no parameter that Push can show has the long name {name!r}")
    if len(patch.bank) > BANK_SIZE or len(set(patch.bank)) != len(patch.bank):
        raise BuildError(f"bank: a bank holds up to {BANK_SIZE} parameters, each once")
