"""What the build says when the package is not as it must be."""

from __future__ import annotations


class PackageError(Exception):
    """The scripts, their header or the index are wrong; the text names the file or the line and says what to do."""
