"""Project files made to harm, broken, or cut off: nothing is raised, little memory is taken, nothing false is told."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.projects import ProjectFacts, read_project
from tests.projects.sets import (
    daw_clip,
    daw_project,
    daw_track,
    dawproject_bytes,
    live_clip,
    live_set,
    live_track,
    reaper_item,
    reaper_project,
    reaper_track,
)

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE Ableton [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE Ableton SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
)

LIVE = live_set(bpm=96, tracks=[live_track("Größe & Co", arranged=[live_clip("/songs/a.wav", "a.wav", 8)])])
REAPER = reaper_project(
    points=["0 96 1 262148", "8 90 0", "9 100 1"], tracks=[reaper_track('"A b"', reaper_item("a", 1))]
)
DAW = daw_project(
    transport='<Tempo unit="bpm" value="96"/><TimeSignature denominator="4" numerator="4"/>',
    structure=daw_track("id1", "Bass"),
    arrangement=f'<Lanes track="id1"><Clips>{daw_clip("a.wav", 4)}</Clips></Lanes>'
    '<TempoAutomation><RealPoint time="0" value="96"/><RealPoint time="9" value="90"/></TempoAutomation>',
)
VALID = {".als": gzip.compress(LIVE.encode()), ".rpp": REAPER.encode(), ".dawproject": dawproject_bytes(DAW)}


def told(folder: Path, suffix: str, content: bytes) -> ProjectFacts | None:
    path = folder / f"Song{suffix}"
    path.write_bytes(content)
    try:
        return read_project(folder, near=folder / "a.wav")
    finally:
        path.unlink()


def memory_taken(folder: Path, suffix: str, content: bytes) -> int:
    tracemalloc.start()
    try:
        assert told(folder, suffix, content) is None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_the_others_are_made_of_is_good(tmp_path: Path) -> None:
    for suffix, content in VALID.items():
        facts = told(tmp_path, suffix, content)
        assert facts is not None
        assert facts.bpm == 96


@pytest.mark.parametrize("kind", [LAUGHS, OUTSIDE, "<!DOCTYPE Ableton>"])
@pytest.mark.parametrize("reference", ["", "&i;", "&x;"])
def test_document_types_and_entities_are_refused(tmp_path: Path, kind: str, reference: str) -> None:
    body = LIVE.split("?>", 1)[1].replace("Größe &amp; Co", f"Bass {reference}")
    assert told(tmp_path, ".als", gzip.compress((kind + body).encode())) is None
    body = DAW.split("?>", 1)[1].replace("Bass", f"Bass {reference}")
    assert told(tmp_path, ".dawproject", dawproject_bytes(kind + body)) is None


def test_a_gzip_bomb_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    head = LIVE.removesuffix("</Ableton>").encode()
    bomb = packer.compress(head) + b"".join(packer.compress(b" " * 2**20) for _ in range(300)) + packer.flush()
    assert memory_taken(tmp_path, ".als", bomb) < 16 * 2**20


def test_a_zip_bomb_is_refused_whatever_size_it_claims(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("project.xml", "w") as member:
        member.write(DAW.removesuffix("</Project>").encode())
        for _ in range(300):
            member.write(b" " * 2**20)
    assert memory_taken(tmp_path, ".dawproject", packed.getvalue()) < 16 * 2**20


def test_a_zip_of_very_many_files_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("project.xml", DAW)
        for count in range(21_000):
            archive.writestr(zipfile.ZipInfo(f"{count}"), b"")
    assert memory_taken(tmp_path, ".dawproject", packed.getvalue()) < 32 * 2**20


def test_one_endless_tag_is_refused(tmp_path: Path) -> None:
    endless = b'<Ableton MinorVersion="' + b"1" * 30 * 2**20
    assert memory_taken(tmp_path, ".als", gzip.compress(endless, 1)) < 16 * 2**20


def test_endless_kinds_of_elements_are_refused(tmp_path: Path) -> None:
    kinds = b"<Ableton>" + b"".join(b"<a%d/>" % number for number in range(300_000))
    assert memory_taken(tmp_path, ".als", gzip.compress(kinds, 1)) < 64 * 2**20


@pytest.mark.parametrize("deep", [10_000, 501])
def test_elements_and_blocks_deep_in_each_other_are_refused(tmp_path: Path, deep: int) -> None:
    nested = "<LiveSet>" * deep + "</LiveSet>" * deep
    assert told(tmp_path, ".als", gzip.compress(f"<Ableton MinorVersion='12'>{nested}</Ableton>".encode())) is None
    assert told(tmp_path, ".rpp", REAPER.replace("RIPPLE 0 0", "<A\n" * deep + ">\n" * deep).encode()) is None


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    facts = told(tmp_path, ".rpp", REAPER.replace("RIPPLE 0 0", "RIPPLE " + "<TRACK PT 0 1 " * 200_000).encode())
    assert facts is not None
    assert facts.tracks == ("A b",)


def test_more_tempo_events_than_can_be_followed_are_refused(tmp_path: Path) -> None:
    many = live_set(tempo=[(beat, 100 + beat % 7) for beat in range(16_001)])
    assert told(tmp_path, ".als", gzip.compress(many.encode(), 1)) is None
    assert told(tmp_path, ".rpp", reaper_project(points=[f"{n} 120 1" for n in range(16_001)]).encode()) is None


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "Song.rpp").open("wb") as file:
        file.write(REAPER.encode())
        file.truncate(65 * 2**20)
    assert read_project(tmp_path) is None


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "ascii", "bogus", "utf-7", "punycode", "rot13"])
def test_a_wrong_encoding_is_an_answer_too(tmp_path: Path, encoding: str) -> None:
    claimed = LIVE.replace("UTF-8", encoding).encode()
    facts = told(tmp_path, ".als", gzip.compress(claimed))
    assert facts is None or facts.bpm == 96


def test_a_set_in_utf_16_is_read(tmp_path: Path) -> None:
    facts = told(tmp_path, ".als", gzip.compress(LIVE.replace("UTF-8", "UTF-16").encode("utf-16")))
    assert facts is not None
    assert facts.tracks == ("Größe & Co",)


@pytest.mark.parametrize("suffix", list(VALID))
def test_another_kind_of_file_is_none(tmp_path: Path, suffix: str) -> None:
    for content in (b"", b"\0" * 4096, b"RIFF\x10\0\0\0WAVE", b"<html></html>", bytes(range(256)) * 16):
        assert told(tmp_path, suffix, content) is None
    assert told(tmp_path, ".als", gzip.compress(b"<Ableton></Ableton>")) is None
    assert told(tmp_path, ".rpp", b"<REAPER_PROJECT 0.1\n>\n") is None


@pytest.mark.parametrize("suffix", [".als", ".dawproject"])
def test_a_file_that_is_cut_off_tells_nothing(tmp_path: Path, suffix: str) -> None:
    whole = VALID[suffix]
    for part in (0.1, 0.5, 0.9, 0.99):
        assert told(tmp_path, suffix, whole[: int(len(whole) * part)]) is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if hasattr(os, "mkfifo"):  # Windows has no pipes among its files
        os.mkfifo(tmp_path / "Song.als")
    assert read_project(tmp_path) is None


@settings(max_examples=60, deadline=None)
@given(suffix=st.sampled_from(list(VALID)), content=st.binary(max_size=600))
def test_any_bytes_raise_nothing(tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes) -> None:
    assert _is_sane(told(tmp_path_factory.mktemp("p"), suffix, content))


@settings(max_examples=150, deadline=None)
@given(
    suffix=st.sampled_from(list(VALID)),
    packed=st.booleans(),
    place=st.floats(0, 1),
    length=st.integers(0, 40),
    put=st.one_of(
        st.binary(max_size=40), st.sampled_from([b"NaN", b"1e999", b"-1", b">", b"<", b'"', b"99999999999999"])
    ),
)
def test_valid_files_with_something_else_in_them_raise_nothing(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, packed: bool, place: float, length: int, put: bytes
) -> None:
    plain = {".als": LIVE, ".rpp": REAPER, ".dawproject": DAW}[suffix].encode()
    content = VALID[suffix] if packed else plain
    at = int(place * len(content))
    changed = content[:at] + put + content[at + length :]
    if not packed and suffix == ".dawproject":
        changed = _zipped(changed)
    assert _is_sane(told(tmp_path_factory.mktemp("p"), suffix, changed))


def _zipped(xml: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("project.xml", xml)
    return packed.getvalue()


def _is_sane(facts: ProjectFacts | None) -> bool:
    if facts is None:
        return True
    tempi = [point.bpm for point in facts.tempo_map] + ([facts.bpm] if facts.bpm is not None else [])
    beats = [point.beat for point in facts.tempo_map]
    return all(20 <= bpm <= 999 for bpm in tempi) and beats == sorted(set(beats)) and beats[:1] in ([], [0.0])
