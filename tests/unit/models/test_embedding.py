"""The contract of `Embeds`, held by the real host and by the twin; and what only a real model can show."""

import math
import operator
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import TEXT_CHARACTERS_MAX, ChatRequest, Message, ModelPort
from models.embedding import TEXT_TOKENS_MAX, TEXTS_MAX, Embedded, Embeds, packed, unpacked
from models.errors import CancelledError, ClosedError, ContextFullError, RequestTooLargeError, WrongKindError
from models.host import ModelHost
from models.scripted import Scripted
from models.worker.embed import Embedder
from models.worker.engine import CHUNK, Engine
from tests.tiny_gguf import write_tiny_gguf

Make = Callable[[str], Embeds]
SEA, LAND = "the sea is wide", "the land is dry"


@pytest.fixture(params=["host", "twin"])
def make(
    request: pytest.FixtureRequest, host_of: Callable[..., ModelHost], tiny_chat: Path, tiny_starter: Path
) -> Make:
    def real(kind: str) -> Embeds:
        return host_of(tiny_starter if kind == "starter" else tiny_chat)

    def twin(kind: str) -> Embeds:
        return Scripted(["word"], kind="starter" if kind == "starter" else "chat")

    return real if request.param == "host" else twin


def test_each_text_has_a_vector_of_length_1_in_its_place(make: Make) -> None:
    made = make("chat").embed([SEA, LAND, SEA])
    assert isinstance(made, Embedded)
    assert made.tokens >= 3
    sea, land, again = made.vectors
    assert sea == again
    assert sea != land
    assert len(sea) == len(land) > 1
    assert [math.hypot(*vector) for vector in made.vectors] == pytest.approx([1, 1, 1], abs=1e-5)


def test_the_same_text_has_the_same_vector_alone_and_among_others(make: Make) -> None:
    model = make("chat")
    assert model.embed([SEA]).vectors[0] == model.embed([LAND, SEA]).vectors[1]


def test_it_is_a_model_that_gives_vectors_and_still_talks(make: Make) -> None:
    model = make("chat")
    assert isinstance(model, Embeds)
    assert isinstance(model, ModelPort)
    model.embed([SEA])
    assert list(model.chat(ChatRequest((Message("user", "hi"),), max_tokens=2, temperature=0)))


@pytest.mark.parametrize(
    "texts",
    [[], [SEA] * (TEXTS_MAX + 1), [""], [SEA, " \n"], ["a" * (TEXT_CHARACTERS_MAX + 1)]],
    ids=["none", "too many", "empty", "blank", "too much"],
)
def test_what_is_out_of_bounds_is_refused_before_it_is_sent(make: Make, texts: list[str]) -> None:
    with pytest.raises(RequestTooLargeError) as caught:
        make("chat").embed(texts)
    assert caught.value.todo


def test_the_starter_gives_none(make: Make) -> None:
    with pytest.raises(WrongKindError, match="no vectors"):
        make("starter").embed([SEA])


def test_a_closed_model_says_so(make: Make) -> None:
    model = make("chat")
    assert isinstance(model, ModelPort)
    model.close()
    with pytest.raises(ClosedError):
        model.embed([SEA])


def test_vectors_cross_the_pipe_bit_for_bit() -> None:
    made = Scripted([]).embed([SEA, LAND])
    assert unpacked(packed(made)) == made


def test_a_text_longer_than_the_model_can_hold_is_told_by_its_number(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    with pytest.raises(ContextFullError, match=r"Text 2 has .* tokens") as caught:
        host_of(tiny_chat).embed([SEA, "x" * (TEXT_TOKENS_MAX + 1)])
    assert (caught.value.used, caught.value.limit) == (TEXT_TOKENS_MAX + 1, TEXT_TOKENS_MAX)


@pytest.fixture(scope="module")
def engine(tiny_chat: Path) -> Engine:
    engine = Engine(tiny_chat, threads=1, n_ctx=2048, careful=True)
    engine.open()
    return engine


def stay() -> None:
    pass


def test_a_text_read_in_chunks_has_the_mean_of_all_its_tokens(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = random.Random(7)
    text = " ".join("".join(letters.choices("abcdefghijklmnop", k=6)) for _ in range(60))
    in_chunks = Embedder(engine, 2048, "tiny").embed([text], stay)
    monkeypatch.setattr("models.worker.embed.CHUNK", 1024)
    whole = Embedder(engine, 2048, "tiny").embed([text], stay)
    assert 3 * CHUNK < in_chunks.tokens == whole.tokens < 3.5 * CHUNK  # the last chunk is short, and must weigh less
    apart = 1 - sum(map(operator.mul, in_chunks.vectors[0], whole.vectors[0]))
    assert abs(apart) < 1e-5


def test_every_token_counts_alike(engine: Engine) -> None:
    """The mean of one chunk, by llama.cpp's vectors of single tokens."""
    lib, tokens = engine.lib, engine.tokenize(SEA, special=False, begin=True)
    settings = lib.llama_context_default_params()
    settings.n_ctx, settings.embeddings, settings.pooling_type = 256, True, lib.LLAMA_POOLING_TYPE_NONE
    context = lib.llama_init_from_model(engine.model, settings)
    given = (lib.llama_token * len(tokens))(*tokens)  # must live as long as the batch
    batch = lib.llama_batch_get_one(given, len(tokens))
    assert lib.llama_decode(context, batch) == 0
    size = lib.llama_model_n_embd_out(engine.model)
    rows = [lib.llama_get_embeddings_ith(context, index)[:size] for index in range(len(tokens))]
    lib.llama_free(context)
    mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    expected = [value / math.hypot(*mean) for value in mean]
    (vector,) = Embedder(engine, 2048, "tiny").embed([SEA], stay).vectors
    assert list(vector) == pytest.approx(expected, abs=1e-5)


def test_between_chunks_it_can_be_left(engine: Engine) -> None:
    calls = 0

    def leave() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise CancelledError

    embedder = Embedder(engine, 2048, "tiny")
    fresh = embedder.embed([SEA], stay)
    with pytest.raises(CancelledError):
        embedder.embed(["word " * 100], leave)
    assert embedder.embed([SEA], stay) == fresh


def test_a_model_without_a_direction_is_told(tmp_path: Path) -> None:
    """All weights of the last norm 0: a vector of zeros."""
    path = write_tiny_gguf(tmp_path / "flat.gguf")
    data = bytearray(path.read_bytes())
    ones = struct.pack("<32f", *[1.0] * 32)
    at = data.index(ones)
    data[at : at + len(ones)] = bytes(len(ones))
    path.write_bytes(data)
    flat = Engine(path, threads=1, n_ctx=512, careful=True)
    flat.open()
    with pytest.raises(Exception, match="without a direction"):
        Embedder(flat, 512, "flat").embed([SEA], stay)
