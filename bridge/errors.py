"""Every error a user can meet, each with the one word that a DAW sees.

BridgeError
├── ClipError             what was handed in cannot be used
│   ├── MissingFile         missing_file
│   ├── UnreadableAudio     unreadable_audio
│   ├── UnreadableMidi      unreadable_midi
│   ├── EmptyClip           empty_clip
│   └── TooLarge            too_large
├── MessageError          what was said cannot be done
│   ├── BadMessage          bad_message
│   ├── BadTrigger          bad_trigger
│   ├── NotAllowed          not_allowed
│   ├── NotSupported        not_supported
│   ├── UnknownJob          unknown_job
│   ├── QueueFull           queue_full
│   ├── BudgetReached       budget_reached
│   └── AlreadyImported     already_imported
├── ProviderError         the music service did not do it
│   ├── BadKey              bad_key
│   ├── NoCredit            no_credit
│   ├── RateLimited         rate_limited
│   ├── ProviderFailed      provider_failed
│   ├── ProviderUnreachable provider_unreachable   (nothing was sent)
│   ├── TimedOut            timed_out
│   ├── SubmissionUnknown   submission_unknown     (sent, answer lost)
│   └── BadResult           bad_result
├── DiskError             the files could not be kept
│   ├── DiskFull            disk_full
│   └── NotWritable         not_writable
├── Internal                internal             a defect of ours
└── SetupError            this installation needs a hand (told on the command line only)
"""

from __future__ import annotations

from typing import ClassVar


class BridgeError(Exception):
    """Something a user can act on: `code` for programs, one sentence for people."""

    code: ClassVar[str] = "internal"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class ClipError(BridgeError):
    """What was handed in cannot be used."""


class MissingFile(ClipError):
    """A file that was named is not there."""

    code = "missing_file"


class UnreadableAudio(ClipError):
    """A file is no audio that can be read."""

    code = "unreadable_audio"


class UnreadableMidi(ClipError):
    """A file is no MIDI that can be read."""

    code = "unreadable_midi"


class EmptyClip(ClipError):
    """The clip holds nothing to hear."""

    code = "empty_clip"


class TooLarge(ClipError):
    """The clip or message is over a limit."""

    code = "too_large"


class MessageError(BridgeError):
    """What was said cannot be done."""


class BadMessage(MessageError):
    """A message has the wrong form, or its request id belongs to another job."""

    code = "bad_message"


class BadTrigger(MessageError):
    """A trigger's JSON is not what the schema asks for."""

    code = "bad_trigger"


class NotAllowed(MessageError):
    """A path or a sender is outside what the configuration allows."""

    code = "not_allowed"


class NotSupported(MessageError):
    """The provider or this version cannot do what was asked."""

    code = "not_supported"


class UnknownJob(MessageError):
    """No job goes by that id."""

    code = "unknown_job"


class QueueFull(MessageError):
    """Too many jobs are waiting."""

    code = "queue_full"


class BudgetReached(MessageError):
    """More billable requests than the configuration allows; nothing was sent."""

    code = "budget_reached"


class AlreadyImported(MessageError):
    """The DAW has imported the take; undo it there first, or force it."""

    code = "already_imported"


class ProviderError(BridgeError):
    """The music service did not do it."""


class BadKey(ProviderError):
    """The service does not take the API key."""

    code = "bad_key"


class NoCredit(ProviderError):
    """The account has no credit left."""

    code = "no_credit"


class RateLimited(ProviderError):
    """The service asks us to wait.

    `retry_after_seconds` says how long, when it is known.
    """

    code = "rate_limited"

    def __init__(self, text: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds


class ProviderFailed(ProviderError):
    """The service says that the generation failed."""

    code = "provider_failed"


class ProviderUnreachable(ProviderError):
    """No connection to the service could be made; nothing was sent."""

    code = "provider_unreachable"


class TimedOut(ProviderError):
    """The result did not come in time; its ticket is kept."""

    code = "timed_out"


class SubmissionUnknown(ProviderError):
    """The request may have arrived, and may have been billed, but its answer was lost."""

    code = "submission_unknown"


class BadResult(ProviderError):
    """What came back is no usable audio."""

    code = "bad_result"


class DiskError(BridgeError):
    """The files could not be kept."""


class DiskFull(DiskError):
    """No room is left on the disk."""

    code = "disk_full"


class NotWritable(DiskError):
    """A folder cannot be written to."""

    code = "not_writable"


class Internal(BridgeError):
    """A defect in the bridge; the log has the details."""

    code = "internal"

    def __init__(self, text: str = "The bridge met a defect of its own; its log has the details.") -> None:
        super().__init__(text)


class SetupError(BridgeError):
    """The configuration, the home folder or the machine needs a hand; never told to a DAW."""
