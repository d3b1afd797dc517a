"""ReaPack's index: made of the scripts' own header, refused where that is wrong, and read back as ReaPack does."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import __version__
from bridge.setup.scripts import ROOM, read_scripts
from reaper_scripts.builder.__main__ import main
from reaper_scripts.builder.check import Listed, read_index
from reaper_scripts.builder.complaint import PackageError
from reaper_scripts.builder.header import read_header, read_tags
from reaper_scripts.builder.index import index_xml
from reaper_scripts.builder.package import FOLDER, Package, read_package
from reaper_scripts.builder.rtf import rich_text

URL = "https://github.com/mia/daw-bridge/raw/{commit}/{path}"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MAIN = "daw-bridge_Watcher.lua"
HEADER = """\
-- Brings the takes back.
-- @description daw-bridge: music from your selection
-- @version 0.1.0
-- @author Mia & Co
-- @changelog
--   First <version>
-- @provides
--   [main] .
--   [main] daw-bridge_*.lua
--   [nomain] lib/**/*.lua
-- @link Sources https://github.com/mia/daw-bridge
-- @about
--   # Generate
--
--   From a *selection*, with `FX` {or not}:
--   see [the page](https://example.com).
--
--   - one – two
--   - three

local x = 1
"""
FILES = {
    MAIN: HEADER.replace("--   [main] .\n", ""),
    "daw-bridge_Generate from selected items.lua": "-- @noindex\n-- Sends.\n",
    "daw-bridge_Again.lua": "-- Sends again.\n-- @noindex\n",
    "lib/json.lua": "-- @noindex\n-- JSON.\nreturn {}\n",
    "lib/read/audio.lua": "-- @noindex\n-- Sound.\nreturn {}\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    root = folder / "daw-bridge"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return read_package(write(tmp_path, FILES), "0.1.0")


# The real scripts


def test_the_real_scripts_make_an_index_that_reapack_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "dist" / "index.xml"
    assert main(["--url", URL, "--commit", COMMIT, "--time", "2026-03-01T13:00:00+01:00", "--out", str(out)]) == 0
    assert f"daw-bridge {__version__}" in capsys.readouterr().out
    listed = read_index(out.read_bytes())
    assert {one.target.removeprefix("Scripts/daw-bridge/daw-bridge/") for one in listed} == set(read_scripts(ROOM))
    for one in listed:
        path = unquote(urlsplit(one.url).path).removeprefix(f"/mia/daw-bridge/raw/{COMMIT}/")
        assert (FOLDER.parent.parent / path).is_file()
        assert one.is_action == (Path(path).parent.name == "daw-bridge")
    assert b'time="2026-03-01T12:00:00Z"' in out.read_bytes()


def test_a_url_that_is_no_address_is_one_sentence_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", "/raw/{commit}/{path}", "--commit", COMMIT, "--out", str(tmp_path / "index.xml")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "https://" in line
    assert list(tmp_path.iterdir()) == []


# What the header says


def test_a_header_is_read_as_reapack_index_reads_it() -> None:
    header = read_header(HEADER, MAIN)
    assert header.description == "daw-bridge: music from your selection"
    assert header.changelog == "First <version>"
    assert [(line.part, line.pattern) for line in header.provides] == [
        ("main", "."),
        ("main", "daw-bridge_*.lua"),
        ("nomain", "lib/**/*.lua"),
    ]
    assert header.links == (("Sources", "https://github.com/mia/daw-bridge"),)
    assert header.about.splitlines()[:3] == ["# Generate", "", "From a *selection*, with `FX` {or not}:"]


def test_tags_end_where_the_comment_ends() -> None:
    assert read_tags("-- @noindex\n-- words\n\n-- @version 1\n", "x") == {"noindex": ""}
    assert read_tags("\n-- @noindex\n", "x") == {}


@pytest.mark.parametrize(
    ("line", "instead", "words"),
    [
        ("-- @version 0.1.0", "", "@version is missing"),
        ("-- @version 0.1.0", "-- @version", "@version is missing or empty"),
        ("-- @version 0.1.0", "-- @version v1", "begin with a digit"),
        ("-- @version 0.1.0", "-- @version 0.65536", "over 65535"),
        ("-- @version 0.1.0", "-- @version 0.2.0", r"0\.2\.0, but daw-bridge is 0\.1\.0"),
        ("-- @version 0.1.0", "-- @version 0.1.0\n-- @version 0.1.0", "said twice"),
        ("-- @author Mia & Co", "-- @author Mia\n--   and Co", "@author goes over more than one line"),
        ("-- @author Mia & Co", "-- @autor Mia", "@autor is no tag"),
        ("-- @author Mia & Co", "-- @noindex", "@noindex is no tag"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] lib/*.lua", r"lib/read/audio\.lua is not provided"),
        ("--   [nomain] lib/**/*.lua", "--  lib/**/*.lua", "indent it as the lines above"),
        ("--   [nomain] lib/**/*.lua", "--   lib/**/*.lua", r"does not begin with \[main\]"),
        ("--   [nomain] lib/**/*.lua", "--   [win32] lib/**/*.lua", r"\[win32\] is not used here"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] lib/**/*.lua\n--   [main] lib/json.lua", "provided twice"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] **/*.lua", "provided twice"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] lib/**/*.lua\n--   [nomain] img/*.png", "names no file"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] ../lib/*.lua", "is not plain"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] lib/**/*.lua > lib/", "is not plain"),
        ("--   [nomain] lib/**/*.lua", "--   [nomain] x.lua https://example.com/x.lua", "is not plain"),
        ("--   [main] daw-bridge_*.lua", "--   [nomain] daw-bridge_*.lua", "the package itself"),
        ("https://github.com/mia/daw-bridge", "http://github.com/mia/daw-bridge", "@link"),
    ],
)
def test_a_header_that_is_wrong_is_refused_with_a_sentence(line: str, instead: str, words: str, tmp_path: Path) -> None:
    assert line in FILES[MAIN]
    root = write(tmp_path, {**FILES, MAIN: FILES[MAIN].replace(f"{line}\n", f"{instead}\n" if instead else "")})
    with pytest.raises(PackageError, match=words) as caught:
        read_package(root, "0.1.0")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("lib/json.lua", "-- JSON.\n", r"lib/json\.lua would be a package of its own"),
        ("daw-bridge_Again.lua", "\n-- @noindex\n", "would be a package of its own"),
        ("lib/notes.txt", "words", r"lib/notes\.txt is not provided"),
        ("other.lua", "-- @noindex\n", r"other\.lua is not provided"),
        ("lib/what?.lua", "-- @noindex\n", r"rename what\?\.lua"),
        ("lib/aux.lua", "-- @noindex\n", r"rename aux\.lua"),
        ("lib/read /x.lua", "-- @noindex\n", "rename read "),
        ("lib/json.lua", "\ufeff-- @noindex\n", "byte order mark"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(name: str, text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=words):
        read_package(write(tmp_path, {**FILES, name: text}), "0.1.0")


def test_a_folder_without_the_main_script_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="Watcher"):
        read_package(write(tmp_path, {"lib/json.lua": "-- @noindex\n"}), "0.1.0")
    root = write(tmp_path, FILES)
    (root / "lib" / "json.lua").write_bytes(b"-- @noindex \xff\n")
    with pytest.raises(PackageError, match="UTF-8"):
        read_package(root, "0.1.0")


def test_hidden_files_and_the_note_of_an_install_are_not_offered(tmp_path: Path, package: Package) -> None:
    root = write(tmp_path, {"installed.json": "{}", ".luarc.json": "{}", "lib/.keep": ""})
    assert read_package(root, "0.1.0") == package


# What the index says


def test_the_index_lists_the_main_script_first_and_which_files_are_actions(package: Package) -> None:
    base = f"https://github.com/mia/daw-bridge/raw/{COMMIT}/reaper_scripts/daw-bridge"
    folder = "Scripts/daw-bridge/daw-bridge"
    assert read_index(index_xml(package, URL, COMMIT)) == (
        Listed(f"{folder}/{MAIN}", f"{base}/{MAIN}", True),
        Listed(f"{folder}/daw-bridge_Again.lua", f"{base}/daw-bridge_Again.lua", True),
        Listed(
            f"{folder}/daw-bridge_Generate from selected items.lua",
            f"{base}/daw-bridge_Generate%20from%20selected%20items.lua",
            True,
        ),
        Listed(f"{folder}/lib/json.lua", f"{base}/lib/json.lua", False),
        Listed(f"{folder}/lib/read/audio.lua", f"{base}/lib/read/audio.lua", False),
    )


def test_the_index_is_the_same_to_the_byte_each_time(package: Package, tmp_path: Path) -> None:
    again = read_package(write(tmp_path / "again", dict(reversed(FILES.items()))), "0.1.0")
    assert index_xml(package, URL, COMMIT) == index_xml(again, URL, COMMIT)


def test_texts_come_back_as_they_were_written(package: Package) -> None:
    root = ElementTree.fromstring(index_xml(package, URL, COMMIT))
    version = root.find("category/reapack/version")
    assert version is not None
    assert (version.get("author"), version.findtext("changelog"), version.get("time")) == (
        "Mia & Co",
        "First <version>",
        None,
    )
    link = root.find("category/reapack/metadata/link")
    assert link is not None
    assert (link.text, link.get("href")) == ("Sources", "https://github.com/mia/daw-bridge")


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30))
def test_no_author_can_break_the_index(author: str) -> None:
    header = read_header(HEADER, MAIN)
    package = Package("daw-bridge", type(header)(**{**vars(header), "author": author}), {MAIN: "main"})
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", author):
        with pytest.raises(PackageError, match="control character"):
            index_xml(package, URL, COMMIT)
        return
    index = index_xml(package, URL, COMMIT)
    version = ElementTree.fromstring(index).find("category/reapack/version")
    assert version is not None
    assert version.get("author") == author
    read_index(index)


@given(st.text(st.sampled_from("aZ09 -_.,;=@#&'+%()!$^`~öß日"), min_size=1, max_size=20))
def test_every_name_finds_its_way_into_an_address_and_back(stem: str) -> None:
    name = f"lib/{stem}x.lua"
    package = Package("daw-bridge", read_header(HEADER, MAIN), {MAIN: "main", name: "nomain"})
    listed = read_index(index_xml(package, URL, COMMIT))[1]
    assert listed.url.isascii()
    assert unquote(urlsplit(listed.url).path) == f"/mia/daw-bridge/raw/{COMMIT}/reaper_scripts/daw-bridge/{name}"
    assert listed.target == f"Scripts/daw-bridge/daw-bridge/{name}"


@pytest.mark.parametrize(
    ("url", "commit", "time", "words"),
    [
        ("http://example.com/{commit}/{path}", COMMIT, "", "https://"),
        ("https:///{commit}/{path}", COMMIT, "", "https://"),
        ("https://example.com/a b/{commit}/{path}", COMMIT, "", "https://"),
        ("https://example.com/main/{path}", COMMIT, "", r"must hold \{commit\} and \{path\}"),
        ("https://example.com/{commit}/{path}/{x}", COMMIT, "", "no other field"),
        ("https://example.com/{commit}/{path", COMMIT, "", "a brace too many"),
        (URL, "", "", "no commit"),
        (URL, "../main", "", "no commit"),
        (URL, COMMIT, "yesterday", "is no time"),
        (URL, COMMIT, "2026-03-01T12:00:00", "zone"),
    ],
)
def test_what_makes_no_address_is_refused(url: str, commit: str, time: str, words: str, package: Package) -> None:
    with pytest.raises(PackageError, match=words):
        index_xml(package, url, commit, time)


def test_a_text_that_xml_would_have_to_cut_is_refused(tmp_path: Path) -> None:
    root = write(tmp_path, {**FILES, MAIN: FILES[MAIN].replace("First <version>", "a[b[1]]> 2")})
    with pytest.raises(PackageError, match=re.escape("]]>")):
        index_xml(read_package(root, "0.1.0"), URL, COMMIT)


# What the reader refuses


@pytest.mark.parametrize(
    ("text", "instead", "words"),
    [
        ("<index", "<indes", "is no XML"),
        ('<index version="1"', '<index version="2"', "does not begin"),
        ('version="1" name="daw-bridge"', 'version="1" name="a/b"', "no repository's"),
        ('version="1" name="daw-bridge"', 'version="1" name="daw-bridge."', "no repository's"),
        ('<category name="daw-bridge">', '<category name="">', "category without a name"),
        ('<reapack name="daw-bridge_Watcher.lua"', '<reapack name="x/Watcher.lua"', "which ReaPack refuses"),
        ('type="script"', 'type="scripts"', "these are scripts"),
        ('<version name="0.1.0"', '<version name="v0.1.0"', "which ReaPack refuses"),
        ('<version name="0.1.0"', '<version name="0.70000"', "which ReaPack refuses"),
        ('author="', 'time="1 March" author="', "does not read"),
        ('author="', 'autor="" author="', "has no attribute autor"),
        ("<source ", "<sauce/><source ", "cannot stand in"),
        ('file="lib/json.lua"', 'file="../json.lua"', "outside its folder"),
        ('file="lib/json.lua"', 'file="lib/read/audio.lua"', "not the address of that file"),
        ("/daw-bridge/lib/json.lua", "/json", "not the address of that file"),
        (">https://", ">http://", "no https address"),
        (">https://", ">\nhttps://", "no https address"),
        ("%20", " ", "no https address"),
        ("%20", "%2", "not the address of that file"),
        ('main="main"', 'main="main menu"', "no list of REAPER's"),
        ('<source main="main">', "<source>", "as an action"),
        ('href="https:', 'href="ftp:', "would not show"),
        ("{\\rtf1", "{\\rtf", "is not Rich Text"),
        ("First <version>", "First]]>]]&gt;<![CDATA[<version>", "cut in two"),
    ],
)
def test_the_reader_refuses_what_reapack_would_not_take(text: str, instead: str, words: str, package: Package) -> None:
    index = index_xml(package, URL, COMMIT).decode()
    assert text in index
    with pytest.raises(PackageError, match=words):
        read_index(index.replace(text, instead).encode())


def test_the_reader_refuses_what_reapack_would_pass_over(package: Package) -> None:
    index = index_xml(package, URL, COMMIT).decode()
    for tag in ("source", "version", "reapack", "category"):
        without = re.sub(rf"<{tag}[ >].*</{tag}>", "", index, flags=re.DOTALL)
        with pytest.raises(PackageError, match=f"holds no <{tag}>"):
            read_index(without.encode())
    twice = re.sub(r"(<version .*</version>)", r"\1\1", index, flags=re.DOTALL)
    with pytest.raises(PackageError, match="a version twice"):
        read_index(twice.encode())
    source = '<source file="LIB/JSON.lua">https://example.com/LIB/JSON.lua</source></version>'
    with pytest.raises(PackageError, match="installed twice"):
        read_index(index.replace("</version>", source, 1).encode())


# The text about it


def test_a_little_markdown_becomes_rich_text() -> None:
    text = rich_text(read_header(HEADER, MAIN).about)
    paragraphs = re.findall(r"\{\\pard .*?\\fs(\d+) (.*)\\par\}", text)
    assert paragraphs == [
        ("36", "Generate"),
        ("24", r"From a *selection*, with FX \{or not\}: see the page (https://example.com)."),
        ("24", r"- one \u8211? two"),
        ("24", "- three"),
    ]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_no_text_can_open_or_close_a_group_of_rich_text(words: str) -> None:
    text = rich_text(words)
    bare = re.sub(r"\\[\\{}]", "", text)
    assert text.isascii()
    assert bare.count("{") == bare.count("}")
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
