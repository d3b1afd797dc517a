"""Offers triggers to the jobs; whatever goes wrong there comes back as rejections."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bridge.doors import Jobs
from bridge.errors import BridgeError, Internal
from bridge.events import Accepted, Rejected
from bridge.model import Offer

log = logging.getLogger(__name__)


def offer_all(jobs: Jobs, offers: Sequence[Offer]) -> list[Accepted | Rejected]:
    """Offer these in one commit; the answers are in their order."""
    problem: BridgeError
    try:
        return jobs.accept(offers)
    except BridgeError as refusal:
        problem = refusal
    except Exception:
        log.exception("a defect while accepting %d triggers", len(offers))
        problem = Internal()
    return [Rejected(request_id=offer.trigger.request_id, code=problem.code, text=problem.text) for offer in offers]
