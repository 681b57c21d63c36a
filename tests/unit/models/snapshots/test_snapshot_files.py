"""The form of a file: what was written comes back, and nothing else ever does."""

import dataclasses
import json
import os
import struct
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.snapshots.folder import Snapshots
from models.snapshots.form import MAGIC, VERSION, DamagedError, read_header
from models.snapshots.key import DIFFERENCES, Setup, common, difference, packed, unpacked
from models.snapshots.terms import OFF, Terms
from tests.unit.models.snapshots.sample import BODY, SETUP, TOKENS, saved

KEY = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "states", free=lambda _folder: 10**12)


def test_what_was_written_comes_back(folder: Snapshots) -> None:
    name = saved(folder, "one")
    state = folder.load(name)
    assert state is not None
    assert (state.tokens, bytes(state.payload[state.start :])) == (TOKENS, BODY)
    assert (state.header.what, state.header.setup, state.header.model) == ("conversation", SETUP, "tiny")
    assert (folder.folder / name).stat().st_mode & 0o777 == 0o600
    assert folder.folder.stat().st_mode & 0o777 == 0o700


def test_every_flipped_byte_is_noticed(folder: Snapshots) -> None:
    name = saved(folder, "one")
    whole = (folder.folder / name).read_bytes()
    for place in {*range(0, len(whole), 37), *range(60), len(whole) - 1}:
        damaged = bytearray(whole)
        damaged[place] ^= 0x40
        (folder.folder / name).write_bytes(damaged)
        with pytest.raises(DamagedError):
            folder.load(name)
        assert folder.header(name) is None, place  # it has been set aside
    (folder.folder / name).write_bytes(whole)
    assert folder.load(name) is not None


@pytest.mark.parametrize("length", [0, 7, 40, 100, 700, 2_000, -1])
def test_a_cut_or_grown_file_is_noticed_by_its_header_alone(folder: Snapshots, length: int) -> None:
    name = saved(folder, "one")
    path = folder.folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    with pytest.raises(DamagedError):
        folder.header(name)
    path.write_bytes(whole + b"x")
    with pytest.raises(DamagedError):
        folder.header(name)


HOSTILE = {"what": "conversation", "tokens": 1, "tokens_sha256": "", "parting": 0, "conversation": "", "model": "",
           "made_at": 0, "bytes": 8, "sha256": sha256(b"x" * 8).hexdigest(), "nonce": "",
           "setup": SETUP.record()}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"tokens": 1.5}, {"tokens": -1}, {"tokens": True}, {"tokens": 10**30}, {"bytes": "8"}, {"what": ["prefix"]},
        {"setup": {}}, {"setup": None}, {"setup": SETUP.record() | {"n_ctx": "many"}}, {"extra": 1}, {"nonce": 7},
        {"nonce": "zz"}, {"sha256": None}, {"parting": -1}, {"parting": None},
    ],
)  # fmt: skip
def test_a_header_that_somebody_made_up_is_refused(folder: Snapshots, change: dict[str, object]) -> None:
    record = json.dumps(HOSTILE | change).encode()
    head = struct.pack("<8sII32s", MAGIC, VERSION, len(record), sha256(record).digest())
    folder.make()
    (folder.folder / "talk-a-b.kv").write_bytes(head + record + b"x" * 8)
    with pytest.raises(DamagedError):
        folder.load("talk-a-b.kv", KEY)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a pipe with a name")
def test_what_is_no_plain_file_is_not_opened(folder: Snapshots, tmp_path: Path) -> None:
    folder.make()
    os.mkfifo(folder.folder / "talk-a-b.kv")  # to open it would wait for ever
    with pytest.raises(DamagedError, match="no plain file"):
        read_header(folder.folder / "talk-a-b.kv")


OTHERS = {"adapter_scale": 0.5, "n_ctx": 8192, "threads": 4}


@pytest.mark.parametrize("part", [field.name for field in dataclasses.fields(Setup)])
def test_each_part_of_the_key_is_compared_and_named(part: str) -> None:
    other = dataclasses.replace(SETUP, **{part: OTHERS.get(part, "another")})  # type: ignore[arg-type]
    assert difference(SETUP, other) == DIFFERENCES[part]
    assert difference(SETUP, Setup.of(json.loads(json.dumps(SETUP.record())))) == ""


def test_no_two_parts_are_named_alike() -> None:
    assert len(set(DIFFERENCES.values())) == len(dataclasses.fields(Setup))


@given(st.lists(st.integers(0, 2**31 - 1)), st.lists(st.integers(0, 2**31 - 1)))
def test_tokens_are_packed_and_compared(left: list[int], right: list[int]) -> None:
    assert unpacked(packed(left)) == left
    shared = common(left, right)
    assert left[:shared] == right[:shared]
    assert left[shared : shared + 1] != right[shared : shared + 1] or shared == len(left) == len(right)


def test_a_sealed_file_tells_nothing_and_opens_with_its_key_alone(folder: Snapshots) -> None:
    name = saved(folder, "one", key=KEY)
    data = (folder.folder / name).read_bytes()
    assert BODY[:64] not in data
    assert packed(TOKENS[:16]) not in data
    state = folder.load(name, KEY)
    assert state is not None
    assert (state.tokens, bytes(state.payload[state.start :])) == (TOKENS, BODY)
    with pytest.raises(DamagedError, match="key"):
        folder.load(name, bytes(32))


def test_a_sealed_state_cannot_pass_for_another(folder: Snapshots) -> None:
    """Its header is bound to it, also when whoever changes it makes all sums right again."""
    name = saved(folder, "one", key=KEY)
    path = folder.folder / name
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    record = json.loads(data[48 : 48 + length])
    record["setup"]["n_ctx"] = 8192
    forged = json.dumps(record, separators=(",", ":")).encode()
    path.write_bytes(
        struct.pack("<8sII32s", MAGIC, VERSION, len(forged), sha256(forged).digest()) + forged + data[48 + length :]
    )
    assert folder.header(name) is not None
    with pytest.raises(DamagedError):
        folder.load(name, KEY)


def test_terms_go_through_the_pipe_and_the_key_into_no_log() -> None:
    terms = Terms("encrypted", KEY, "", 50_000_000)
    assert Terms.of(json.loads(json.dumps(terms.line()))) == terms
    assert KEY.hex() not in repr(terms)
    assert str(list(KEY)) not in repr(terms)


@pytest.mark.parametrize(
    "line", [None, {}, 3, {"mode": "kept"}, {"mode": "all", "key": "", "why": ""},
             {"mode": "encrypted", "key": "", "why": ""}, {"mode": "encrypted", "key": "?", "why": ""}],
)  # fmt: skip
def test_terms_that_cannot_be_read_keep_nothing(line: object) -> None:
    assert Terms.of(line) == OFF
