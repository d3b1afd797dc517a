"""Reads what a music_gen service answers, in every shape that was seen on the wire, and says what it means."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec

from bridge.credentials import scrub
from bridge.errors import BadKey, NoCredit, ProviderError, ProviderFailed, RateLimited
from bridge.model import Value

MAX_ETA_SECONDS = 3600.0
MAX_WORDS = 300

State = Literal["done", "empty", "working", "failed"]


class Answer(Value, frozen=True, kw_only=True):
    """One HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Reply(Value, frozen=True, kw_only=True):
    """What an answer's JSON says.

    `links` are the results of a reply that is done, in the order to try them; where they are `promised` they hold
    nothing yet. A reply is empty that says it is done and gives no link. `text` is the service's own words.
    """

    state: State
    id: str = ""
    links: tuple[str, ...] = ()
    promised: bool = False
    eta_seconds: float = 0.0
    text: str = ""
    retry_after_seconds: float | None = None


def read_reply(body: bytes) -> Reply | None:
    """Read a reply of submit or fetch; None when it is no JSON object, or says nothing that can be acted on."""
    table = _table(body)
    if table is None:
        return None
    status = str(table.get("status") or "").strip().lower()
    outputs = _links(table.get("output"))
    text = _words(table)
    reply = Reply(
        state="working",
        id=_identity(table),
        eta_seconds=_eta(table.get("eta")),
        text=text,
        retry_after_seconds=_number(table.get("retry_after")),
    )
    if status in _FAILED or (not status and not outputs and not reply.id and text):
        return msgspec.structs.replace(reply, state="failed")
    links = _unique(outputs + _links(table.get("proxy_links")) + _links(table.get("links")))
    if status == "queued" and not outputs:
        return msgspec.structs.replace(reply, links=links, promised=True)
    if links and (status in _DONE or (not status and outputs)):
        return msgspec.structs.replace(reply, state="done", links=links)
    if status in _DONE:
        return msgspec.structs.replace(reply, state="empty")
    return reply if status or reply.id else None


def refusal_in(answer: Answer, reply: Reply | None, provider: str, key: str) -> ProviderError | None:
    """The error that an answer stands for: the body is asked first, then the HTTP code; None when all is well.

    The service's own words are kept, bounded, with the key taken out.
    """
    refused = reply is not None and reply.state == "failed"
    if answer.status < 300 and not refused:
        return None
    said = scrub(reply.text if reply else "", key)[:MAX_WORDS]
    words = f' ("{said}")' if said else f" (HTTP {answer.status})"
    kind = _KINDS.get(answer.status) or next((kind for pattern, kind in _WORDS if pattern.search(said)), None)
    if kind is RateLimited:
        pause = _retry_after(answer, reply)
        when = f"; try again in {pause:.0f} s" if pause else "; try again in a moment"
        return RateLimited(f"{provider} has too many requests from you{words}{when}.", pause)
    if kind is BadKey:
        return BadKey(f"{provider} does not take the API key{words}; run `daw-bridge login --provider {provider}`.")
    if kind is NoCredit:
        return NoCredit(f"Your account at {provider} has no credit left{words}; add some there, then retry.")
    if 300 <= answer.status < 400:
        target = scrub(answer.headers.get("location", ""), key).split("?")[0][:200]
        return ProviderFailed(
            f"{provider} redirects to {target or 'another address'}, and the API key is not sent on; "
            f"set url of providers.{provider} in config.toml to the right address."
        )
    return ProviderFailed(f"{provider} refused{words}; change the request or retry later.")


def refuses_audio(answer: Answer, reply: Reply | None) -> bool:
    """Whether the service itself refused the request, and for the form of its conditioning audio."""
    refused = reply is not None and reply.state == "failed" and (answer.status in {200, 400, 415, 422})
    return refused and reply is not None and "init audio" in reply.text.lower().replace("_", " ")


_DONE = {"success", "ready", "completed", "done", "ok"}
_FAILED = {"error", "failed", "failure", "fail"}
_KINDS: dict[int, type[ProviderError]] = {401: BadKey, 402: NoCredit, 403: BadKey, 429: RateLimited}
_WORDS: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (re.compile(r"rate.?limit|too many requests|queued requests", re.I), RateLimited),
    (re.compile(r"(insufficient|not enough|out of|no|more) (credit|fund|balance)", re.I), NoCredit),
    (
        re.compile(r"(invalid|wrong|incorrect|unknown|missing|expired) (api[ _]?)?key|premium subscription", re.I),
        BadKey,
    ),
    (re.compile(r"(api[ _]?key|the key( field)?) is (invalid|required|missing|wrong|not valid)", re.I), BadKey),
)


def _table(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body, also from inside a list of one or a `data` envelope."""
    try:
        value = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf").strip())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and "status" not in value and isinstance(value.get("data"), dict):
        value = value["data"]
    return value if isinstance(value, dict) else None


def _links(value: object) -> tuple[str, ...]:
    """Links from a list, a text, or a list of objects that name them."""
    found = (_link(item) for item in (value if isinstance(value, list) else [value]))
    return tuple(link.strip() for link in found if isinstance(link, str) and link.strip())


def _link(item: object) -> object:
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in ("url", "file_url", "link", "audio") if item.get(name)), None)


def _unique(links: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links))[:20]


def _words(table: Mapping[str, Any]) -> str:
    """The service's own words, on one line: a text, or texts by field."""
    for name in ("message", "messege", "error", "detail", "tip"):
        said = _flat(table.get(name))
        if said:
            printable = "".join(letter if letter.isprintable() else " " for letter in said[:4000])
            return " ".join(printable.split())
    return ""


def _flat(value: object, depth: int = 3) -> str:
    if isinstance(value, str):
        return value
    if depth and isinstance(value, dict):
        inner = value.get("message")
        if isinstance(inner, str):
            return inner
        return "; ".join(f"{field}: {_flat(said, depth - 1)}" for field, said in value.items())
    if depth and isinstance(value, list):
        return ", ".join(filter(None, (_flat(said, depth - 1) for said in value)))
    return ""


def _identity(table: Mapping[str, Any]) -> str:
    """The id to ask again with: a number or a text, safe as the last part of a path; empty when there is none."""
    tail = str(table.get("fetch_result") or "").split("?")[0].rstrip("/").rpartition("/")[2]
    candidates = (*(table.get(name) for name in ("id", "request_id", "taskId", "task_id")), tail)
    texts = (_scalar(value) for value in candidates)
    return next((text for text in texts if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", text)), "")


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18:
        return ""
    return str(int(value)) if value == int(value) else ""


def _eta(value: object) -> float:
    return min(max(_number(value) or 0.0, 0.0), MAX_ETA_SECONDS)


def _number(value: object) -> float | None:
    """A finite number, also where it is written as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _retry_after(answer: Answer, reply: Reply | None) -> float | None:
    """Seconds to wait, from the body, else from the headers; dates are read against the answer's own."""
    seconds = reply.retry_after_seconds if reply else None
    if seconds is None:
        header = answer.headers.get("retry-after", "")
        seconds = _number(header)
        sent, until = _date(answer.headers.get("date", "")), _date(header)
        reset = _number(answer.headers.get("x-ratelimit-reset"))
        if seconds is None and sent is not None:
            until = until if until is not None else reset
            seconds = until - sent if until is not None else None
    return min(max(seconds, 0.0), MAX_ETA_SECONDS) if seconds is not None else None


def _date(header: str) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
