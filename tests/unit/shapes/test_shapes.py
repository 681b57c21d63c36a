"""Random-weight models of real shapes: each family loads, the tokenizer is a real one, the memory stays small."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from gguf import GGMLQuantizationType
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.gguf_check import check
from models.worker.engine import CHUNK, Engine
from tests.shapes import QUANTISATIONS, SHAPES, parameters, write_shape
from tests.shapes.blocks import PIECE_BYTES, pieces, size_of
from tests.shapes.vocabulary import BEGIN, CONTROL, END, vocabulary
from tests.shapes.writing import TEMPLATE

TINY = sorted(name for name in SHAPES if name.endswith("-tiny"))
SIZES = {name: float(name.rpartition("-")[2].removesuffix("b")) for name in SHAPES if name not in TINY}
TEXT = f"{BEGIN}user\nRemind me to invoice Dana, größe 世界 😀\t3.14!{END}\n"
MEGABYTE = 1024 * 1024


def opened(path: Path) -> Engine:
    engine = Engine(path, threads=1, n_ctx=512, careful=True)
    engine.open()
    return engine


def said(engine: Engine, count: int) -> list[int]:
    """Greedy tokens after a text of more than one chunk."""
    engine.read(engine.tokenize(TEXT * 8, special=True)[: 2 * CHUNK], lambda: None)
    tokens = []
    for _ in range(count):
        scores = engine.logits()[: vocabulary(2_048).special + 2_000]
        tokens.append(scores.index(max(scores)))
        engine.push(tokens[-1:])
    return tokens


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("kind", QUANTISATIONS)
def test_every_family_in_every_type_talks_and_never_ends(tmp_path: Path, name: str, kind: str) -> None:
    path = write_shape(tmp_path / "model.gguf", name, kind)
    header = check(path)
    assert (header.kind, header.architecture, header.name) == ("chat", SHAPES[name].family, name)
    assert header.parameters == parameters(SHAPES[name])
    engine = opened(path)
    tokens = said(engine, 24)
    assert not any(map(engine.ends, tokens))
    assert len(set(tokens)) > 1  # the words differ: nothing has vanished or exploded on the way
    assert b"".join(map(engine.piece, tokens)).strip()


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (
        write_shape(tmp_path / f"{number}.gguf", "qwen-tiny", seed=seed).read_bytes()
        for number, seed in enumerate((1, 1, 2))
    )
    assert first == again
    assert first != other
    assert len(first) == len(other) < 2 * MEGABYTE


@pytest.mark.parametrize(("name", "billions"), SIZES.items())
def test_a_shape_is_as_large_as_its_name_says(name: str, billions: float) -> None:
    assert parameters(SHAPES[name]) / 1e9 == pytest.approx(billions, abs=0.06)


@pytest.mark.parametrize("size", [2_048, 32_768, 151_936])
def test_a_vocabulary_has_the_size_that_was_asked_for_and_no_word_twice(size: int) -> None:
    words = vocabulary(size)
    assert len(words.tokens) == len(set(words.tokens)) == len(words.kinds) == size
    known = set(words.tokens)
    for merge in words.merges:
        left, right = merge.split(" ")
        assert {left, right, left + right} <= known


def test_text_goes_to_tokens_and_back_and_common_words_are_one(tmp_path: Path) -> None:
    words = replace(SHAPES["llama-tiny"], vocabulary=32_768)
    engine = opened(write_shape(tmp_path / "model.gguf", words))
    assert b"".join(map(engine.piece, engine.tokenize(TEXT, special=False))).decode() == TEXT
    for word in (" conversation", " Carryon", " library", " tomorrow"):
        assert len(engine.tokenize(word, special=False)) == 1, word
    assert len(engine.tokenize(BEGIN, special=True)) == 1
    assert engine.ends(engine.tokenize(END, special=True)[0])
    assert engine.tokenize(TEXT, special=True) != engine.tokenize(TEXT, special=False)


def test_the_template_tells_of_tools_and_writes_calls() -> None:
    tool = {"type": "function", "function": {"name": "note.create", "description": "Keep a note.", "parameters": {}}}
    call = {"id": "1", "type": "function", "function": {"name": "note.create", "arguments": {"body": "milk"}}}
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "note: milk"},
        {"role": "assistant", "content": "Yes.", "tool_calls": [call]},
        {"role": "tool", "content": "kept"},
    ]
    template = ImmutableSandboxedEnvironment().from_string(TEMPLATE)
    with_tools = template.render(messages=messages, tools=[tool], add_generation_prompt=True)
    assert '"note.create"' in with_tools.partition("note: milk")[0]
    assert 'Yes.<|tool_use|>{"name": "note.create", "arguments": {"body": "milk"}}<|/tool_use|>' in with_tools
    assert with_tools.count("Be kind.") == 1
    assert with_tools.endswith(f"{BEGIN}tool\nkept{END}\n{BEGIN}assistant\n")
    bare = template.render(messages=messages[:2], add_generation_prompt=False)
    assert bare == f"{BEGIN}system\nBe kind.{END}\n{BEGIN}user\nnote: milk{END}\n"


@pytest.mark.parametrize("kind", [kind for kind, _ in QUANTISATIONS.values()])
def test_a_large_tensor_comes_in_small_pieces(kind: GGMLQuantizationType) -> None:
    import numpy as np

    shape = (1_024, 24_000)
    sizes = []
    tracemalloc.start()
    for piece in pieces(np.random.default_rng(7), kind, shape, "words", silent=10_000):
        sizes.append(len(piece))
        last = piece[-1_000:]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == size_of(kind, shape)
    assert max(sizes) <= PIECE_BYTES
    assert peak < 6 * PIECE_BYTES
    assert last == bytes(1_000)  # the silent rows


def test_special_words_are_the_last_ones() -> None:
    words = vocabulary(2_048)
    assert words.tokens[-len(CONTROL) :] == CONTROL
