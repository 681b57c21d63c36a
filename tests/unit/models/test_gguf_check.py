"""Every wrong file gets a sentence: what is wrong, where, what to do."""

import os
import random
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.catalog import Catalog
from models.errors import ModelFileBadError
from models.gguf_check import check
from models.gguf_read import HEADER_BYTES_MAX
from models.worker.engine import Engine
from tests.shapes.search import write_search_gguf
from tests.tiny_gguf import write_tiny_gguf


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileBadError) as caught:
        check(path)
    assert caught.value.where == str(path)
    assert caught.value.todo
    assert caught.value.exit_code == 2
    return caught.value.what


def gguf(values: bytes = b"", *, version: int = 3, tensors: int = 0, count: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, count) + values


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def test_a_good_file_tells_what_it_is(tiny_chat: Path, tiny_starter: Path) -> None:
    header = check(tiny_chat)
    assert (header.name, header.architecture, header.kind) == ("tiny", "llama", "chat")
    assert (header.n_ctx_train, header.license, header.parts, header.tensors) == (8192, "apache-2.0", 1, 21)
    assert "<|im_start|>" in header.chat_template
    assert header.parameters == 37_280
    assert check(tiny_starter).kind == "starter"


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"<HTML><body>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
        (struct.pack("<Q", 40) + b'{"__metadata__":{}}', "safetensors"),
        (b'{"error": "not found"}', "JSON"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"tjgg\x03\x00", "older llama.cpp format"),
        (b"\x80\x02}q\x00", "pickle"),
        (b"hello there", "starts with 68 65 6c 6c"),
        (b"FUGG\x03", "something else"),
    ],
)
def test_foreign_files_are_named(tmp_path: Path, start: bytes, words: str) -> None:
    file = tmp_path / "foreign.gguf"
    file.write_bytes(start)
    assert words in refusal(file)


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.gguf")
    assert "a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GGUF", "ends in the middle of its header"),
        (gguf(version=1), "version 1"),
        (gguf(version=99), "version 99"),
        (gguf(version=0x03000000), "big-endian"),
        (gguf(tensors=2**60), "claims 1,152,921,504,606,846,976 tensors"),
        (gguf(count=2**40), "claims 1,099,511,627,776 values"),
        (gguf(struct.pack("<Q", 2**50), count=1), "claims a text of"),
        (gguf(text("key") + struct.pack("<I", 77), count=1), "unknown type 77"),
        (gguf(text("key") + struct.pack("<IIQ", 9, 4, 2**40), count=1), "entries in one list"),
        (gguf(text("key") + struct.pack("<IIQ", 9, 9, 1), count=1), "list of the unknown type 9"),
        (gguf(text("key") + struct.pack("<IIQQ", 9, 8, 1, 2**33), count=1), "in a list"),
        (gguf(text("general.alignment") + struct.pack("<II", 4, 0), count=1), "impossible alignment 0"),
        (gguf(text("general.alignment") + struct.pack("<II", 4, 48), count=1), "impossible alignment 48"),
        (gguf(text("t") + struct.pack("<I", 9), tensors=1), "dimensions"),
        (gguf(text("t") + struct.pack("<IQIQ", 1, 0, 0, 0), tensors=1), "impossible shape"),
        (gguf(text("t") + struct.pack("<IQIQ", 1, 7, 8, 0), tensors=1), "do not fill blocks of 32"),
        (gguf(text("t") + struct.pack("<IQQIQ", 2, 2**40, 2**40, 0, 0), tensors=1), "cut short"),
        (gguf(text("t") + struct.pack("<IQIQ", 1, 8, 0, 2**63), tensors=1), "cut short"),
        (gguf(), "does not name its architecture"),
        (gguf(text("general.architecture") + struct.pack("<I", 8) + text("llama"), count=1), "no weights"),
        (gguf(text("general.architecture") + struct.pack("<I", 8) + text("clip"), count=1), "pictures"),
        (gguf(text("general.type") + struct.pack("<I", 8) + text("adapter"), count=1), "part for one (adapter)"),
    ],
)
def test_damaged_headers_are_explained(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "damaged.gguf"
    file.write_bytes(data)
    assert words in refusal(file)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with a name there")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "a device or pipe" in refusal(tmp_path / "pipe.gguf")


def test_what_a_stranger_wrote_is_short_and_harmless_to_a_terminal(tmp_path: Path) -> None:
    header = check(write_tiny_gguf(tmp_path / "loud.gguf", name="\x1b[2J\n" + "loud " * 500))
    assert len(header.name) <= 120
    assert header.name.isprintable()
    assert "loud" in header.name


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.9999])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, tiny_chat: Path, share: float) -> None:
    data = tiny_chat.read_bytes()
    file = tmp_path / "cut.gguf"
    file.write_bytes(data[: int(len(data) * share)])
    assert any(words in refusal(file) for words in ("ends in the middle", "cut short"))


def test_a_header_without_end_costs_bounded_work(tmp_path: Path) -> None:
    """A sparse file of many gigabytes that claims millions of empty texts."""
    file = tmp_path / "endless.gguf"
    with file.open("wb") as stream:
        stream.write(gguf(b"", count=4000))
        for _ in range(20):
            stream.write(text("key") + struct.pack("<IIQ", 9, 8, 4_000_000))
            stream.seek(8 * 4_000_000, 1)
        stream.truncate(8 << 30)
    started = time.process_time()
    assert f"longer than {HEADER_BYTES_MAX >> 20} MB" in refusal(file)
    assert time.process_time() - started < 20


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 40))
def test_no_mutation_makes_it_fail_in_another_way(tmp_path: Path, tiny_chat: Path, seed: int, changes: int) -> None:
    data = bytearray(tiny_chat.read_bytes())
    rng = random.Random(seed)
    for _ in range(changes):
        data[rng.randrange(8192)] = rng.randrange(256)
    file = tmp_path / "mutated.gguf"
    file.write_bytes(data)
    with suppress(ModelFileBadError):
        assert check(file).tensors > 0


def changed(tmp_path: Path, *pairs: tuple[bytes, bytes]) -> Path:
    """A small chat model whose header says something else, byte for byte as long."""
    path = write_tiny_gguf(tmp_path / "other.gguf")
    data = path.read_bytes()
    for old, new in pairs:
        assert len(old) == len(new)
        assert old in data
        data = data.replace(old, new)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([(b"blk.0.", b"enc.0."), (b"blk.1.", b"dec.1.")], "turns one whole text into another"),
        ([(b"blk.0.", b"enc.0."), (b"blk.1.", b"enc.1.")], "only reads text"),
        ([(b"llama", b"dream")], "text diffusion"),
        ([(b"llama", b"llada")], "text diffusion"),
        ([(b"general.license", b"diffusion.steps")], "text diffusion"),
    ],
)
def test_a_model_that_does_not_write_word_by_word_is_refused(
    tmp_path: Path, pairs: list[tuple[bytes, bytes]], words: str
) -> None:
    path = changed(tmp_path, *pairs)
    assert words in refusal(path)
    with pytest.raises(ModelFileBadError, match=words):
        Catalog(tmp_path / "data").add(path, "other", lambda _done, _all: None)


def test_one_that_looks_both_ways_with_a_template_writes_in_no_order(tmp_path: Path) -> None:
    path = write_search_gguf(tmp_path / "both.gguf", says_pooling=False)
    assert check(path).kind == "search"
    told = write_search_gguf(tmp_path / "talks.gguf", says_pooling=False, template="{{ messages }}")
    assert "text diffusion" in refusal(told)
    pooled = write_search_gguf(tmp_path / "pools.gguf", template="{{ messages }}")
    assert check(pooled).kind == "search"


def test_llama_cpp_is_asked_too_when_a_header_keeps_silent(tmp_path: Path) -> None:
    with pytest.raises(ModelFileBadError, match="does not write text word by word"):
        Engine(changed(tmp_path, (b"llama", b"dream")), threads=1, n_ctx=512, careful=True)
