"""What the bundle needs to know of JavaScript: what is code and what text, and which names a module uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from max_for_live.builder.complaint import BuildError

_TEXT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)
_PATTERN = re.compile(r"/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_BEFORE_PATTERN = re.compile(r"(?:^|[(,=:\[!&|?{};+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*$")
_TEMPLATE_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
_DECLARED = re.compile(
    r"^(export )?(?:async +)?(?:function\b *\*? *|(?:class|const|let|var) +)([\w$]+|[{\[])", re.MULTILINE
)
_NAME = r"[A-Za-z_$][\w$]*"
_BOUND = re.compile(rf"\b(?:const|let|var|class|function\b *\*?) *({_NAME})")
_UNPACKED = re.compile(r"\b(?:const|let|var) *([{\[].*?[}\]])\s*(?:=|of\b)", re.DOTALL)
_PARAMETERS = re.compile(rf"(\b{_NAME} *)?\(([^()]*(?:\([^()]*\)[^()]*)*)\) *(?:=>|\{{)")
_ONE_PARAMETER = re.compile(rf"\b({_NAME}) *=>")
_USED = re.compile(rf"(?<![\w$.])({_NAME})(?!\w|:)")
_SPREAD = re.compile(rf"\.\.\.({_NAME})")
_METHOD = re.compile(rf"^\s+({_NAME})\([^()]*(?:\([^()]*\)[^()]*)*\) *\{{", re.MULTILINE)
_CONTROL = ("if", "for", "while", "switch", "catch")


def code_of(text: str) -> str:
    """The script without its comments, strings and regular expressions; lines and what a template works out stay."""
    code: list[str] = []
    depths: list[int] = []
    at = 0
    while at < len(text):
        sign = text[at]
        found = _TEXT.match(text, at)
        if found is None and sign == "/" and _BEFORE_PATTERN.search("".join(code[-80:])):
            found = _PATTERN.match(text, at)
        if found is not None:
            code.append(_blank(found.group()))
            at = found.end()
            continue
        if depths:
            depths[-1] += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "`" or (depths and depths[-1] < 0):
            if sign == "}":
                depths.pop()
            code.append(" ")
            at, is_code = _after_template_text(text, at + 1, code)
            if is_code:
                depths.append(0)
            continue
        code.append(sign)
        at += 1
    return "".join(code)


def declarations(code: str, where: str) -> Iterator[tuple[bool, str]]:
    """Each name that code without strings declares at its left margin, with whether it is exported.

    Raises:
        BuildError: one declaration makes several names.
    """
    for match in _DECLARED.finditer(code):
        export, name = match.groups()
        if name in "{[" or _has_comma(code, match.end()):
            raise BuildError(f"{where}: declare one name at a time at the left margin, got {match.group().strip()!r}")
        yield bool(export), name


def names_used(code: str) -> set[str]:
    """The names that code without strings uses and does not bind itself: neither as a local nor as a parameter."""
    bound = set(_BOUND.findall(code)) | set(_ONE_PARAMETER.findall(code)) | set(_METHOD.findall(code))
    for before, listed in _PARAMETERS.findall(code):
        if before.strip() not in _CONTROL or before.strip() == "catch":
            bound |= set(re.findall(_NAME, re.sub(r"=[^,)}]*", "", listed)))
    for listed in _UNPACKED.findall(code):
        bound |= set(re.findall(_NAME, listed))
    return (set(_USED.findall(code)) | set(_SPREAD.findall(code))) - bound


def _after_template_text(text: str, at: int, code: list[str]) -> tuple[int, bool]:
    """Where the text of a template ends, and whether code follows there, in `${`."""
    found = _TEMPLATE_TEXT.match(text, at)
    assert found is not None
    code.append(_blank(found.group()))
    is_code = text.startswith("${", found.end())
    code.append(" ")
    return found.end() + (2 if is_code else 1), is_code


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _has_comma(code: str, at: int) -> bool:
    """Whether a declaration goes on with another name before it ends."""
    if not re.match(r"\s*[=,;]", code[at:]):
        return False
    depth = 0
    for sign in code[at:]:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        if depth == 0 and sign in ",;":
            return sign == ","
    return False
