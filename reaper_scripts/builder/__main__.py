"""`python -m reaper_scripts.builder` writes the index for ReaPack, and reads it back as ReaPack would."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reaper_scripts.builder.check import read_index
from reaper_scripts.builder.complaint import PackageError
from reaper_scripts.builder.index import index_xml
from reaper_scripts.builder.package import FOLDER, read_package

DIST = FOLDER.parent / "dist"


def main(arguments: list[str] | None = None) -> int:
    """Build; 1 with a sentence when the package is wrong."""
    options = _options().parse_args(arguments)
    try:
        package = read_package()
        index = index_xml(package, options.url, options.commit, options.time)
        listed = read_index(index)
    except PackageError as problem:
        print(problem, file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(index)
    actions = sum(one.is_action for one in listed)
    print(f"{options.out} (daw-bridge {package.header.version}: {len(listed)} files, {actions} actions)")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reaper_scripts.builder", description=__doc__)
    parser.add_argument(
        "--url", required=True, help="where a file is: https://github.com/OWNER/daw-bridge/raw/{commit}/{path}"
    )
    parser.add_argument("--commit", required=True, help="the commit or tag whose files are fetched")
    parser.add_argument("--time", default="", help="when it was published, as 2026-03-01T12:00:00Z")
    parser.add_argument("--out", type=Path, default=DIST / "index.xml", help="where the index goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
