"""A job's state and progress, derived from its rows."""

from __future__ import annotations

import pytest

from bridge.store.states import fraction_done, job_state, waited_share


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        ([["composed"]], "composed"),
        ([["delivered"], ["composed"]], "composed"),
        ([["composed"], ["submitted"]], "submitted"),
        ([["generated", "composed"]], "composed"),
        ([["generated", "generated"], ["composed", "composed"]], "generated"),
        ([["delivered", "delivered"]], "delivered"),
        ([["delivered"], ["failed"]], "partial"),
        ([["failed", "generated"]], "failed"),
        ([["failed", "submitted"]], "submitted"),
        ([["failed"], ["failed"]], "failed"),
        ([["cancelled"], ["failed"]], "cancelled"),
        ([["delivered"], ["cancelled"]], "cancelled"),
    ],
)
def test_the_state_of_a_job_follows_from_its_takes(takes, expected):
    assert job_state("composed", dict(enumerate(takes, 1))) == expected


@pytest.mark.parametrize("own", ["accepted", "rendered", "failed", "cancelled"])
def test_without_requests_a_job_has_its_own_state(own):
    assert job_state(own, {}) == own


def test_the_fraction_grows_with_every_step_up_to_one():
    steps = [
        fraction_done("accepted", []),
        fraction_done("rendered", []),
        fraction_done("composed", [("composed", 0.0)]),
        fraction_done("composed", [("submitting", 0.0)]),
        fraction_done("composed", [("submitted", 0.0)]),
        fraction_done("composed", [("submitted", 0.9)]),
        fraction_done("composed", [("generated", 0.0)]),
    ]
    assert steps == sorted(set(steps))
    assert fraction_done("composed", [("delivered", 0.0)]) == pytest.approx(1.0)


def test_a_wait_never_seems_to_be_over():
    shares = [waited_share(seconds, 10.0) for seconds in (0, 1, 10, 100)]
    assert shares[0] == 0
    assert shares == sorted(set(shares))
    assert shares[-1] < 1
