"""Project files as the DAWs write them, built in the test: the same elements in the same places, nothing else."""

from __future__ import annotations

import gzip
import io
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

BEFORE_ALL = -63072000


def metre_number(numerator: int, denominator: int) -> int:
    """A metre as Live counts it."""
    return numerator - 1 + 99 * int(math.log2(denominator))


def live_clip(path: str, relative: str = "", at: float = 0.0, kind: int = 3) -> str:
    return (
        f'<AudioClip Id="0" Time="{at}"><LomId Value="0" /><CurrentStart Value="{at}" /><CurrentEnd Value="{at + 8}" />'
        '<Loop><LoopStart Value="0" /><LoopEnd Value="8" /></Loop><Name Value="a clip" />'
        '<TimeSignature><TimeSignatures><RemoteableTimeSignature Id="0"><Numerator Value="3" />'
        '<Denominator Value="4" />'
        "</RemoteableTimeSignature></TimeSignatures></TimeSignature>"
        '<IsInKey Value="true" /><ScaleInformation><Root Value="3" /><Name Value="5" /></ScaleInformation>'
        f'<SampleRef><FileRef><RelativePathType Value="{kind}" /><RelativePath Value={quoteattr(relative)} />'
        f'<Path Value={quoteattr(path)} /><Type Value="1" /></FileRef>'
        '<SourceContext><SourceContext Id="0"><OriginalFileRef><FileRef Id="0"><RelativePath Value="other.wav" />'
        '<Path Value="/elsewhere/other.wav" /></FileRef></OriginalFileRef></SourceContext></SourceContext>'
        '<DefaultDuration Value="96000" /><DefaultSampleRate Value="48000" /></SampleRef></AudioClip>'
    )


def live_track(name: str, *, kind: str = "AudioTrack", arranged: Sequence[str] = (), slots: Sequence[str] = ()) -> str:
    session = "".join(f"<ClipSlot><ClipSlot><Value>{clip}</Value></ClipSlot></ClipSlot>" for clip in slots)
    return (
        f'<{kind} Id="12"><LomId Value="0" /><Name><EffectiveName Value={quoteattr(name)} />'
        '<UserName Value="" /></Name>'
        '<AutomationEnvelopes><Envelopes><AutomationEnvelope Id="0"><EnvelopeTarget><PointeeId Value="8" />'
        '</EnvelopeTarget><Automation><Events><FloatEvent Id="0" Time="4" Value="55" /></Events></Automation>'
        "</AutomationEnvelope></Envelopes></AutomationEnvelopes>"
        '<DeviceChain><Mixer><Tempo><Manual Value="44" /></Tempo></Mixer>'
        f"<MainSequencer><ClipSlotList>{session}</ClipSlotList><Sample><ArrangerAutomation><Events>"
        f"{''.join(arranged)}</Events></ArrangerAutomation></Sample></MainSequencer>"
        "<DeviceChain><Devices><OriginalSimpler><Player><MultiSampleMap><SampleParts><MultiSamplePart>"
        '<Name Value="kick" /><SampleRef><FileRef><Path Value="/packs/kick.wav" /></FileRef></SampleRef>'
        "</MultiSamplePart></SampleParts></MultiSampleMap></Player></OriginalSimpler></Devices></DeviceChain>"
        f"</DeviceChain></{kind}>"
    )


def live_set(
    *,
    version: int = 12,
    bpm: object = 120,
    tempo: Sequence[tuple[float, object] | tuple[float, object, tuple[float, float, float, float]]] | None = None,
    metre: object = 201,
    metres: Sequence[tuple[float, object]] | None = None,
    scale: tuple[object, object] | None = None,
    in_key: bool = False,
    tracks: Sequence[str] = (),
) -> str:
    """The XML of a Live set; tempo and metre events after the one that Live puts before all time."""
    main, root = ("MainTrack", "Root") if version >= 12 else ("MasterTrack", "RootNote")
    scale = scale or ((0, 0) if version >= 12 else (0, "Major"))
    tempo = tempo if tempo is not None else [(BEFORE_ALL, bpm)]
    metres = metres if metres is not None else [(BEFORE_ALL, metre)]
    envelopes = _envelope("10", "".join(f'<EnumEvent Id="0" Time="{at}" Value="{value}" />' for at, value in metres))
    envelopes += _envelope("8", "".join(_float_event(*event) for event in tempo))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Ableton MajorVersion="5" MinorVersion="{version}.0_{version}300" Creator="Ableton Live {version}.3.2">'
        f'<LiveSet><NextPointeeId Value="25168" /><Tracks>{"".join(tracks)}'
        '<ReturnTrack Id="2"><Name><EffectiveName Value="A-Reverb" /></Name></ReturnTrack></Tracks>'
        f'<{main}><LomId Value="0" /><Name><EffectiveName Value="Main" /></Name>'
        f"<AutomationEnvelopes><Envelopes>{envelopes}</Envelopes></AutomationEnvelopes><DeviceChain><Mixer>"
        '<Volume><LomId Value="0" /><Manual Value="1" /><AutomationTarget Id="4"><LockEnvelope Value="0" />'
        "</AutomationTarget></Volume>"
        f'<Tempo><LomId Value="0" /><Manual Value="{bpm}" />'
        '<MidiControllerRange><Min Value="60" /></MidiControllerRange>'
        '<AutomationTarget Id="8"><LockEnvelope Value="0" /></AutomationTarget></Tempo>'
        f'<TimeSignature><LomId Value="0" /><Manual Value="{metre}" /><AutomationTarget Id="10" /></TimeSignature>'
        f"</Mixer></DeviceChain></{main}>"
        '<Scenes><Scene Id="0"><Name Value="" /><Tempo Value="99" /></Scene></Scenes>'
        f'<ScaleInformation><{root} Value="{scale[0]}" /><Name Value="{scale[1]}" /></ScaleInformation>'
        f'<InKey Value="{str(in_key).lower()}" /></LiveSet></Ableton>'
    )


def _envelope(target: str, events: str) -> str:
    return (
        f'<AutomationEnvelope Id="0"><EnvelopeTarget><PointeeId Value="{target}" /></EnvelopeTarget>'
        f"<Automation><Events>{events}</Events></Automation></AutomationEnvelope>"
    )


def _float_event(at: float, value: object, bend: tuple[float, float, float, float] | None = None) -> str:
    names = ("CurveControl1X", "CurveControl1Y", "CurveControl2X", "CurveControl2Y")
    curve = " ".join(f'{name}="{part}"' for name, part in zip(names, bend, strict=True)) if bend else ""
    return f'<FloatEvent Id="0" Time="{at}" Value="{value}" {curve}/>'


def write_als(path: Path, xml: str) -> Path:
    path.write_bytes(gzip.compress(xml.encode(), 1))
    return path


def reaper_item(file: str, at: float, *, wrapped: bool = False) -> str:
    source = f"<SOURCE WAVE\n        FILE {file}\n      >"
    source = f"<SOURCE SECTION\n        LENGTH 2\n        STARTPOS 1\n        {source}\n      >" if wrapped else source
    return (
        f'    <ITEM\n      POSITION {at}\n      SNAPOFFS 0\n      LENGTH 4\n      NAME "an item"\n'
        f"      {source}\n      TAKE\n      NAME second\n      <SOURCE MIDI\n        HASDATA 1 960 QN\n"
        "        E 0 90 3c 60\n      >\n    >\n"
    )


def reaper_track(name: str, *items: str) -> str:
    return (
        f"  <TRACK {{11111111-0000-0000-0000-000000000000}}\n    NAME {name}\n    PEAKCOL 16576\n{''.join(items)}  >\n"
    )


def reaper_project(
    *,
    tempo: str = "120 4 4",
    points: Sequence[str] = (),
    rate: str = "48000 1 0",
    tracks: Sequence[str] = (),
) -> str:
    """A REAPER project; `points` are what follows PT."""
    return (
        '<REAPER_PROJECT 0.1 "7.59/macOS-arm64" 1700000000 0\n'
        "  <NOTES 0 2\n    |TEMPO 55 3 4\n    |<TRACK\n  >\n  RIPPLE 0 0\n"
        f"  SAMPLERATE {rate}\n  <METRONOME 6 2\n    PATTERNSTR ABBB\n  >\n  TEMPO {tempo}\n"
        '  MARKER 1 0 "Verse" 0 0 1\n  <TEMPOENVEX\n    EGUID {2}\n    ACT 1 -1\n    DEFSHAPE 1 -1 -1\n'
        f"{''.join(f'    PT {point}{chr(10)}' for point in points)}  >\n{''.join(tracks)}"
        "  <EXTENSIONS\n  >\n>\n"
    )


def daw_project(*, transport: str = "", arrangement: str = "", structure: str = "", scenes: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Project version="1.0">'
        f'<Application name="Bitwig Studio" version="5.0"/><Transport>{transport}</Transport>'
        f'<Structure>{structure}</Structure><Arrangement id="id19">{arrangement}</Arrangement>'
        f"<Scenes>{scenes}</Scenes></Project>"
    )


def daw_track(key: str, name: str, inside: str = "", role: str = "regular") -> str:
    return (
        f'<Track contentType="audio" id="{key}" name={quoteattr(name)}><Channel audioChannels="2" role="{role}" '
        f'id="c{key}"><Volume unit="linear" value="1.0"/></Channel>{inside}</Track>'
    )


def daw_clip(file: str, at: float, *, external: bool = False) -> str:
    outside = ' external="true"' if external else ""
    return (
        f'<Clip time="{at}" duration="8.0" playStart="0.0"><Clips id="x"><Clip time="0.0" duration="8.0">'
        '<Warps contentTimeUnit="seconds" timeUnit="beats"><Audio channels="2" duration="2.8" sampleRate="48000">'
        f'<File path="{escape(file)}"{outside}/></Audio><Warp time="0.0" contentTime="0.0"/></Warps>'
        "</Clip></Clips></Clip>"
    )


def write_dawproject(path: Path, xml: str, files: dict[str, bytes] | None = None) -> Path:
    path.write_bytes(dawproject_bytes(xml, files))
    return path


def dawproject_bytes(xml: str, files: dict[str, bytes] | None = None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", xml)
        archive.writestr("metadata.xml", "<MetaData><Title>A song</Title></MetaData>")
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return packed.getvalue()
