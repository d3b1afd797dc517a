"""What a file holds, told by its first bytes and not by its name; light, for the doors."""

from __future__ import annotations

_RIFFS = {b"RIFF", b"RF64", b"BW64"}
_FORMS = {b"WAVE": ".wav", b"RMID": ".mid", b"AIFF": ".aiff", b"AIFC": ".aiff"}
_MAGICS = (
    (b"MThd", ".mid"),
    (b"fLaC", ".flac"),
    (b"OggS", ".ogg"),
    (b"ID3", ".mp3"),
    (b"riff", ".w64"),
    (b"caff", ".caf"),
    (b".snd", ".au"),
)


def suffix_of(head: bytes) -> str | None:
    """The suffix that a file's first bytes (12 or more) call for; None when it is neither audio nor MIDI.

    MIDI is always `.mid`, in its RIFF form too.
    """
    if head[:4] in _RIFFS or head[:4] == b"FORM":
        return _FORMS.get(head[8:12])
    for magic, suffix in _MAGICS:
        if head.startswith(magic):
            return suffix
    return ".mp3" if _is_mpeg_frame(head) else None


def _is_mpeg_frame(head: bytes) -> bool:
    """An MPEG audio header: sync, a version, layer II or III (I looks like UTF-16), a bitrate and a rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer in {1, 2} and bitrate not in {0, 15} and rate != 3
