"""Models for search (BERT and its like): known by their header, they give vectors and refuse to chat, in words."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf import PoolingType

from models.catalog import Catalog
from models.contracts import ChatRequest, DecideRequest, Message
from models.errors import ContextFullError, WrongKindError
from models.gguf_check import check
from models.host import ModelHost
from models.scripted import Scripted
from models.worker.embed import Embedder
from models.worker.engine import Engine
from tests.shapes import write_shape
from tests.shapes.search import CONTEXT, DIM, Architecture, write_search_gguf
from tests.tiny_gguf import write_tiny_gguf

SEA, LAND = "the sea is wide", "the land is dry"
HELLO = ChatRequest((Message("user", "hello"),))
Hosts = Callable[..., ModelHost]


@pytest.fixture
def bge(tmp_path: Path) -> Path:
    return write_search_gguf(tmp_path / "bge.gguf")


@pytest.mark.parametrize("architecture", ["bert", "nomic-bert"])
@pytest.mark.parametrize("says_pooling", [True, False])
def test_the_header_tells_what_it_is_for(tmp_path: Path, architecture: Architecture, says_pooling: bool) -> None:
    path = write_search_gguf(tmp_path / "model.gguf", architecture, says_pooling=says_pooling)
    assert (check(path).kind, check(path).architecture) == ("search", architecture)


def test_models_that_talk_are_no_models_for_search(tmp_path: Path) -> None:
    assert check(write_tiny_gguf(tmp_path / "plain.gguf", template=None)).kind == "chat"
    assert check(write_shape(tmp_path / "shape.gguf", "qwen-tiny")).kind == "chat"


@pytest.mark.parametrize(
    ("architecture", "pooling"),
    [("bert", PoolingType.CLS), ("bert", PoolingType.MEAN), ("nomic-bert", PoolingType.MEAN)],
)
def test_a_real_worker_gives_its_vectors(
    tmp_path: Path, host_of: Hosts, architecture: Architecture, pooling: PoolingType
) -> None:
    host = host_of(write_search_gguf(tmp_path / "model.gguf", architecture, pooling))
    info = host.info()
    assert (info.kind, info.n_ctx, info.architecture) == ("search", CONTEXT, architecture)
    made = host.embed([SEA, LAND, SEA])
    sea, land, again = made.vectors
    assert sea == again
    assert sea != land
    assert {len(vector) for vector in made.vectors} == {DIM}
    assert [math.hypot(*vector) for vector in made.vectors] == pytest.approx([1, 1, 1], abs=1e-5)
    assert made.tokens == 3 * (4 + 2), "each word is one token, between those that begin and end a text"


def test_what_was_asked_before_changes_no_vector(bge: Path, host_of: Hosts) -> None:
    host = host_of(bge)
    first = host.embed([SEA]).vectors[0]
    host.embed([LAND, "remind sam to call dana tomorrow", LAND])
    assert host.embed([SEA]).vectors[0] == first


def test_the_file_says_how_a_vector_is_made_of_a_text(tmp_path: Path) -> None:
    """The same weights: one takes the first token, the other the mean of all."""
    first, mean = (
        _vector(write_search_gguf(tmp_path / f"{pooling.name}.gguf", pooling=pooling))
        for pooling in (PoolingType.CLS, PoolingType.MEAN)
    )
    assert first != mean


def _vector(path: Path) -> list[float]:
    engine = Engine(path, threads=1, n_ctx=512, careful=True)
    return Embedder(engine, 512, "tiny").embed([SEA], lambda: None).vectors[0].tolist()


def test_too_long_a_text_is_told_with_what_it_can_hold(bge: Path, host_of: Hosts) -> None:
    with pytest.raises(ContextFullError, match=f"at most {CONTEXT}") as caught:
        host_of(bge).embed([SEA, "sea " * CONTEXT])
    assert (caught.value.used, caught.value.limit) == (CONTEXT + 2, CONTEXT)


@pytest.mark.parametrize("real", [True, False])
def test_chatting_with_it_is_refused_in_words(bge: Path, host_of: Hosts, real: bool) -> None:
    model = host_of(bge) if real else Scripted([], kind="search")
    with pytest.raises(WrongKindError, match="turns texts into numbers and cannot chat") as caught:
        list(model.chat(HELLO))
    assert "carryon models list" in caught.value.todo
    with pytest.raises(WrongKindError, match="cannot decide"):
        model.decide(DecideRequest("remind me"))
    assert model.embed([SEA]).vectors


def test_it_is_added_like_any_other(tmp_path: Path, bge: Path) -> None:
    catalog = Catalog(tmp_path)
    assert catalog.add(bge, "bge").kind == "search"
    assert catalog.resolve("bge").kind == "search"
    assert {model.name: (model.kind, model.note) for model in catalog.list()}["bge"] == ("search", "")
