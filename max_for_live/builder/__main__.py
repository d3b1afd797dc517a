"""`python -m max_for_live.builder` builds the device into max_for_live/dist."""

from __future__ import annotations

import sys

from max_for_live.builder.build import build_device, write_device
from max_for_live.builder.complaint import BuildError


def main() -> int:
    """Build; 1 with a sentence when a source is wrong."""
    try:
        path = write_device(build_device())
    except BuildError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
