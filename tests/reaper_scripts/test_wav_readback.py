"""WAV files of the Lua side hold what they were given, and it reads what REAPER may have rendered."""

from __future__ import annotations

import importlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.reaper_scripts.lua import VERSIONS

SCRIPTS = Path(__file__).parents[2] / "reaper_scripts" / "daw-bridge"
FLOAT_HEADER_BYTES = 12 + 8 + 18 + 8 + 4 + 8

WRITE = """
function(path, rate, channels, samples, pieces)
  local writer = assert(wav.create(path, { rate = rate, channels = channels, frames = #samples // channels }))
  local at = 0
  for _, frames in ipairs(pieces) do
    local piece = table.move(samples, at + 1, at + frames * channels, 1, {})
    assert(writer.write(piece, frames * channels))
    at = at + frames * channels
  end
  assert(writer.finish())
end
"""
READ = """
function(path, frames_a_piece)
  local reader, problem = wav.open(path)
  if not reader then return nil, problem end
  local samples = {}
  for _ = 1, reader.frames, frames_a_piece do
    local piece = reader.read(frames_a_piece)
    table.move(piece, 1, #piece, #samples + 1, samples)
  end
  reader.close()
  return { rate = reader.rate, channels = reader.channels, frames = reader.frames, samples = samples }
end
"""


@pytest.fixture(params=VERSIONS.values(), ids=VERSIONS.keys())
def lua(request: pytest.FixtureRequest) -> Any:
    """A Lua with `wav` as the scripts have it."""
    runtime = importlib.import_module(request.param).LuaRuntime(unpack_returned_tuples=True)
    runtime.globals().package.path = f"{SCRIPTS.as_posix()}/?.lua"
    runtime.execute('wav = require("lib.read.wav")')
    return runtime


def noise(frames: int, channels: int) -> np.ndarray:
    return np.random.default_rng(frames + channels).uniform(-1.5, 1.5, (frames, channels)).astype(np.float32)


def write(lua: Any, path: Path, rate: int, sound: np.ndarray, pieces: list[int]) -> None:
    samples = lua.table_from(sound.ravel().astype(float).tolist())
    lua.eval(WRITE)(path.as_posix(), rate, sound.shape[1], samples, lua.table_from(pieces))


@pytest.mark.parametrize(
    ("rate", "channels", "pieces"),
    [
        (32_000, 1, [1]),
        (32_000, 2, [5_000]),
        (32_000, 1, [4_096, 4_096]),
        (48_000, 2, [2_048, 4_097, 3]),
        (44_100, 1, []),
    ],
)
def test_a_written_wav_reads_back_equal(lua: Any, tmp_path: Path, rate: int, channels: int, pieces: list[int]) -> None:
    sound = noise(sum(pieces), channels)

    write(lua, tmp_path / "clip.wav", rate, sound, pieces)

    read, read_rate = soundfile.read(tmp_path / "clip.wav", dtype="float32", always_2d=True)
    info = soundfile.info(tmp_path / "clip.wav")
    assert (read_rate, info.channels, info.frames, info.subtype) == (rate, channels, sum(pieces), "FLOAT")
    assert np.array_equal(read, sound)


def test_the_sizes_in_the_header_are_the_files_own(lua: Any, tmp_path: Path) -> None:
    write(lua, tmp_path / "clip.wav", 32_000, noise(1_000, 2), [1_000])

    data = (tmp_path / "clip.wav").read_bytes()
    assert len(data) == FLOAT_HEADER_BYTES + 1_000 * 2 * 4
    assert struct.unpack_from("<4sI4s", data) == (b"RIFF", len(data) - 8, b"WAVE")
    assert struct.unpack_from("<4sI", data, FLOAT_HEADER_BYTES - 8) == (b"data", 8_000)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("kind", ["WAV", "WAVEX"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_reaper_renders_is_read_as_it_sounds(
    lua: Any, tmp_path: Path, subtype: str, kind: str, channels: int
) -> None:
    path = tmp_path / "render.wav"
    soundfile.write(path, noise(9_001, channels) / 2, 48_000, subtype=subtype, format=kind)

    got = lua.eval(READ)(path.as_posix(), 5_000)

    wanted = soundfile.read(path, dtype="float64", always_2d=True)[0]
    assert (got.rate, got.channels, got.frames) == (48_000, channels, 9_001)
    assert np.array_equal(np.array(list(got.samples.values())).reshape(-1, channels), wanted)


def test_other_chunks_are_stepped_over(lua: Any, tmp_path: Path) -> None:
    path = tmp_path / "render.wav"
    soundfile.write(path, noise(10, 1), 48_000, subtype="FLOAT")
    data = path.read_bytes()
    path.write_bytes(data[:12] + struct.pack("<4sI3sx", b"bext", 3, b"abc") + data[12:] + b"LIST\0\0\0\0")

    got = lua.eval(READ)(path.as_posix(), 100)

    assert np.array_equal(np.array(list(got.samples.values()), dtype=np.float32), noise(10, 1).ravel())


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(lua: Any, tmp_path: Path) -> None:
    path = tmp_path / "render.wav"
    soundfile.write(path, noise(100, 2), 48_000, subtype="PCM_24")
    path.write_bytes(path.read_bytes()[:-20])

    assert lua.eval(READ)(path.as_posix(), 64).frames == 96


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("long.wav", b"RF64" + b"\xff" * 4 + b"WAVEds64" + bytes(40), "long.wav is a WAV of the long kind"),
        ("song.wav", b"OggS" + bytes(60), "song.wav is no WAV file"),
        ("empty.wav", b"", "empty.wav is no WAV file"),
        ("bare.wav", b"RIFF\x04\0\0\0WAVE", "bare.wav is no WAV file that can be read"),
        ("cut.wav", b"RIFF\x10\0\0\0WAVEfmt \x10\0\0\0\x01\0", "cut.wav is no WAV file that can be read"),
    ],
)
def test_what_cannot_be_read_is_said(lua: Any, tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)

    got, problem = lua.eval(READ)((tmp_path / name).as_posix(), 100)

    assert got is None
    assert problem.startswith(words)


def test_a_dropped_file_leaves_nothing(lua: Any, tmp_path: Path) -> None:
    shape = lua.table_from({"rate": 32_000, "channels": 1, "frames": 10})

    lua.globals().wav.create((tmp_path / "clip.wav").as_posix(), shape).drop()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(lua: Any, tmp_path: Path) -> None:
    shape = lua.table_from({"rate": 32_000, "channels": 1, "frames": 10})

    writer, problem = lua.globals().wav.create((tmp_path / "gone" / "clip.wav").as_posix(), shape)

    assert writer is None
    assert "clip.wav" in problem
    assert "gone" in problem


@pytest.mark.parametrize(("sample", "is_silent"), [(0.0, True), (-0.0, True), (1e-30, False)])
def test_a_file_of_zeros_is_silent_and_one_sample_is_a_sound(
    lua: Any, tmp_path: Path, sample: float, is_silent: bool
) -> None:
    sound = np.zeros((300_000, 2), dtype=np.float32)
    sound[-1, 1] = sample
    soundfile.write(tmp_path / "zeros.wav", sound, 48_000, subtype="FLOAT")
    assert lua.globals().wav.is_silent(str(tmp_path / "zeros.wav")) is is_silent
