"""The doors: each listens, turns bytes into triggers, and tells what became of them. Here is what they are handed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from bridge.events import Accepted, Event, JobView, Rejected
from bridge.model import Offer

DoorName = Literal["osc", "inbox", "watch", "command"]
Clock = Callable[[], float]


class Jobs(Protocol):
    """What the doors ask of the jobs."""

    def new_id(self) -> str:
        """An id that no job has."""

    def accept(self, offers: Sequence[Offer]) -> list[Accepted | Rejected]:
        """Store what may be stored in one commit; the answers are in the order of the offers.

        What is wrong with an offer is told in its answer, and a store that cannot be written in all of them.
        """

    def again(
        self, job_id: str, *, request_id: str, prompt: str, door: DoorName, reply_to: str, may_spend: bool = True
    ) -> Accepted:
        """The same wish with a new seed, told to the asker and to the copied job's listeners.

        Raises:
            UnknownJob: there is no such job; or the id is empty, and nothing was delivered yet.
            BridgeError: what `accept` would reject.
        """

    def find(self, job_id: str, request_id: str) -> str:
        """The job of this id, or of this request id when the first is empty.

        Raises:
            UnknownJob: no job goes by it.
        """

    def cancel(self, job_id: str) -> None:
        """Stop a job.

        Raises:
            UnknownJob, DiskError: there is no such job; the store cannot be written.
        """

    def retry(self, job_id: str) -> None:
        """Go on with what failed or was cancelled.

        Raises:
            UnknownJob, DiskError: as `cancel`.
            NotSupported: its provider is no longer configured.
        """

    def undo(self, job_id: str, *, force: bool = False) -> None:
        """Move a job's takes out of the project.

        Raises:
            UnknownJob, DiskError: as `cancel`; or a take cannot be moved.
            AlreadyImported: the DAW has imported one of them, and `force` is not set.
        """

    def imported(self, job_id: str, take: int, where: str) -> None:
        """Note where the DAW has put a take.

        Raises:
            UnknownJob, DiskError: as `cancel`.
            BadMessage: the job has no such take.
        """

    def view(self, job_id: str) -> JobView:
        """How a job stands.

        Raises:
            UnknownJob: there is no such job.
        """

    def replay(self, job_id: str, request_id: str) -> list[Event]:
        """A job's life so far, told under this request id.

        Raises:
            UnknownJob: there is no such job.
        """

    def listeners_of(self, job_id: str) -> tuple[str, ...]:
        """The reply addresses of those who are told about a job, as the doors wrote them; none for an unknown job."""

    def delivered(self, sha256: str) -> bool:
        """Whether a file with this content is a take of ours."""

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Hear every event from now on."""


class Clients(Protocol):
    """The reply ports that clients have named, kept for 7 days."""

    def remember_client(self, name: str, host: str, port: int) -> None:
        """Note where a client listens."""

    def client(self, name: str) -> tuple[str, int] | None:
        """Where a client listens."""

    def last_of_host(self, host: str) -> int | None:
        """The port that a host's last hello named."""

    def all_clients(self) -> list[tuple[str, int]]:
        """Every host and port that is known."""


class Seen(Protocol):
    """The files of watched folders that were taken or passed over."""

    def is_seen(self, path: str, sha256: str) -> bool:
        """Whether this content was seen at this path."""

    def remember_seen(self, path: str, sha256: str) -> None:
        """Note that it was."""
