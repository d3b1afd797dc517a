"""Any part of any audio file is read exactly, and WAVs are written to the bit."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.errors import EmptyClip, MissingFile, TooLarge, UnreadableAudio
from bridge.sound.files import Sound, find_sound, probe, read_part, wav_bytes, write_wav
from bridge.sound.riff import read_chunk

RATE = 44_100
DEPTHS = [
    ("a.wav", "PCM_U8"),
    ("a.wav", "PCM_16"),
    ("a.wav", "PCM_24"),
    ("a.wav", "PCM_32"),
    ("a.wav", "FLOAT"),
    ("a.wav", "DOUBLE"),
    ("a.aiff", "PCM_S8"),
    ("a.aif", "PCM_16"),
    ("a.flac", "PCM_24"),
]


def ramp(frames: int, channels: int = 2) -> np.ndarray:
    """Samples that tell their own place: 0 to 1 over the whole length, the right channel upside down."""
    line = np.linspace(0, 0.9, frames, dtype=np.float64)
    return np.stack([line, -line], axis=1)[:, :channels]


@pytest.mark.parametrize(("name", "depth"), DEPTHS)
def test_a_part_in_the_middle_is_read_at_every_depth(tmp_path: Path, name: str, depth: str) -> None:
    path, samples = tmp_path / name, ramp(RATE)
    soundfile.write(path, samples, RATE, subtype=depth, format="AIFF" if name.endswith(".aif") else None)
    part = read_part(path, 0.25, 0.5)
    assert part.samples.dtype == np.float32
    assert (part.rate, part.channels, part.frames) == (RATE, 2, round(RATE / 2) - round(RATE / 4))
    assert np.abs(part.samples - samples[round(RATE / 4) : round(RATE / 2)]).max() < 1 / 100


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3", "a.flac"])
def test_a_part_of_a_compressed_file_is_the_same_as_in_the_whole(tmp_path: Path, name: str) -> None:
    seconds = np.arange(12 * RATE) / RATE
    samples = 0.5 * np.sin(2 * np.pi * 440 * seconds) + np.random.default_rng(1).normal(0, 0.05, seconds.size)
    soundfile.write(tmp_path / name, samples, RATE)
    whole = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)[0]
    for start in (0.0, 0.1, 1.7, 5.3, 11.2, 11.9):
        part = read_part(tmp_path / name, start, start + 0.4).samples
        first = round(start * RATE)
        assert np.abs(part - whole[first : first + part.shape[0]]).max() < 1e-5


def test_probe_tells_without_reading(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", ramp(12_000, 1), 48_000)
    facts = probe(tmp_path / "a.flac")
    assert (facts.seconds, facts.rate, facts.channels, facts.frames) == (0.25, 48_000, 1, 12_000)


def test_a_part_that_reaches_past_the_end_ends_with_the_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", ramp(RATE), RATE)
    assert read_part(tmp_path / "a.wav", 0.75, 9.0).frames == RATE - round(0.75 * RATE)


def test_a_part_behind_the_end_is_an_empty_clip(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", ramp(RATE), RATE)
    with pytest.raises(EmptyClip, match=r"a\.wav"):
        read_part(tmp_path / "a.wav", 2.0)


def test_a_file_without_frames_is_an_empty_clip(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), RATE)
    with pytest.raises(EmptyClip, match=r"a\.wav"):
        probe(tmp_path / "a.wav")


@pytest.mark.parametrize("content", [b"", b"not audio", b"RIFF\0\0\0\0WAVE", b"fLaC" + bytes(40), b"OggS" + bytes(90)])
def test_what_is_no_audio_is_unreadable_and_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(UnreadableAudio, match=r"broken\.wav"):
        probe(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"gone\.wav"):
        read_part(tmp_path / "gone.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_numbers_make_a_file_unreadable(tmp_path: Path, bad: float) -> None:
    samples = ramp(RATE)
    samples[30_000, 1] = bad
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="DOUBLE")
    with pytest.raises(UnreadableAudio, match="NaN"):
        read_part(tmp_path / "a.wav")
    assert read_part(tmp_path / "a.wav", 0.0, 0.5).frames == round(RATE / 2)


def test_a_format_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", ramp(RATE), RATE)
    (tmp_path / "a.flac").rename(tmp_path / "a.mp3")
    assert read_part(tmp_path / "a.mp3").frames == RATE


def test_the_first_sound_is_found_and_silence_is_none(tmp_path: Path) -> None:
    samples = np.full(4 * RATE, 10 ** (-90 / 20))
    soundfile.write(tmp_path / "silent.wav", samples, RATE, subtype="FLOAT")
    samples[3 * RATE] = 0.01
    soundfile.write(tmp_path / "late.wav", samples, RATE, subtype="FLOAT")
    assert find_sound(tmp_path / "silent.wav", 0.0, None, -80.0) is None
    assert find_sound(tmp_path / "late.wav", 0.0, 2.9, -80.0) is None
    found = find_sound(tmp_path / "late.wav", 0.0, None, -80.0)
    assert found is not None
    assert 1.5 <= found <= 3.0


@pytest.mark.debian
@pytest.mark.parametrize("header", [True, False])
def test_an_mp3_begins_where_its_wav_began(tmp_path: Path, header: bool) -> None:
    samples = np.zeros(2 * RATE)
    samples[RATE:] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "a.wav", samples, RATE)
    options = [] if header else ["-write_xing", "0", "-id3v2_version", "0"]
    command = ["ffmpeg", "-loglevel", "error", "-i", "a.wav", "-b:a", "256k", *options, "a.mp3"]
    subprocess.run(command, cwd=tmp_path, check=True)
    heard = read_part(tmp_path / "a.mp3").samples[:, 0]
    assert abs(int(np.argmax(np.abs(heard) > 0.1)) - RATE) < 20


@pytest.mark.parametrize("bits", [16, 24])
def test_pcm_is_written_to_the_bit(tmp_path: Path, bits: int) -> None:
    scale = 1 << (bits - 1)
    whole = np.array([[0, 1], [-1, scale - 1], [-scale, 12_345], [scale // 3, -scale // 7]])
    write_wav(tmp_path / "a.wav", Sound((whole / scale).astype(np.float32), 32_000), bits=bits)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (32_000, 2, bits // 8)
        data = file.readframes(10)
    values = [int.from_bytes(data[at : at + bits // 8], "little", signed=True) for at in range(0, len(data), bits // 8)]
    assert values == whole.ravel().tolist()


def test_samples_over_full_scale_are_held_not_wrapped(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", Sound(np.array([[1.5], [-1.5]], np.float32), 32_000), bits=16)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert read.tolist() == [32767, -32768]


def test_more_chunks_lie_padded_behind_odd_data_and_every_reader_still_opens_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = Sound(np.full((3, 1), 0.25, np.float32), 48_000)
    write_wav(path, sound, bits=24, chunks=[(b"odd ", b"abc"), (b"dawb", b'{"bpm":96}')])
    assert path.stat().st_size % 2 == 0
    assert read_chunk(path, b"dawb", 1000) == b'{"bpm":96}'
    assert read_chunk(path, b"odd ", 1000) == b"abc"
    assert probe(path).frames == 3
    with wave.open(str(path)) as file:
        assert file.getnframes() == 3


def test_a_wav_over_four_gigabytes_is_refused() -> None:
    endless = Sound(np.broadcast_to(np.zeros((1, 1), np.float32), (2_000_000_000, 1)), 48_000)
    with pytest.raises(TooLarge):
        wav_bytes(endless)


_CUT = """
import resource, sys
from pathlib import Path
from bridge.sound.files import read_part
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
part = read_part(Path(sys.argv[1]), 3584.0, 3600.0)
print(part.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_cutting_the_end_of_an_hour_takes_no_more_memory_than_the_part(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    path.write_bytes(wav_bytes(Sound(np.zeros((0, 2), np.float32), RATE), bits=16))
    size = 3600 * RATE * 4
    with path.open("r+b") as file:
        file.seek(4)
        file.write((36 + size).to_bytes(4, "little"))
        file.seek(40)
        file.write(size.to_bytes(4, "little"))
        file.truncate(44 + size)
    said = subprocess.run([sys.executable, "-c", _CUT, str(path)], capture_output=True, text=True, check=True)
    frames, grown = map(int, said.stdout.split())
    unit = 1 if sys.platform == "darwin" else 1024
    assert frames == 16 * RATE
    assert grown * unit < 3 * frames * 2 * 4 + 8_000_000
