"""Trying an API key without asking for music: nothing is made, nothing is billed."""

from __future__ import annotations

import time

import msgspec

from bridge.config import ProviderConfig
from bridge.errors import ProviderUnreachable
from bridge.providers.music_gen import PATHS
from bridge.providers.post import AnswerLost, NotSent, post
from bridge.providers.replies import read_reply, refusal_in

_READ_SECONDS = 30.0


def try_key(name: str, config: ProviderConfig, key: str) -> bool:
    """Ask the service whether it takes the key; False where its api has no question that costs nothing (v6).

    Raises:
        BadKey: it does not.
        ProviderUnreachable, RateLimited, ProviderFailed: it cannot be asked now.
    """
    if config.api != "enterprise":
        return False
    url = f"{config.url.rstrip('/')}{PATHS[config.api]}system_details"
    try:
        answer = post(url, msgspec.json.encode({"key": key}), _READ_SECONDS, time.monotonic)
    except (NotSent, AnswerLost) as problem:
        raise ProviderUnreachable(
            f"{name} cannot be asked about the key ({problem}); check your connection."
        ) from problem
    refusal = refusal_in(answer, read_reply(answer.body), name, key)
    if refusal is not None:
        raise refusal
    return True
