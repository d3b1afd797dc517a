"""What the build says when a source is not as it must be."""

from __future__ import annotations


class BuildError(Exception):
    """A source of the device is wrong; the text names the file or the box and says what to do."""
