"""Vectors through the official client, which asks for them in base64 unless told otherwise."""

from pathlib import Path

import openai
import pytest

from models.catalog import Catalog
from models.embedding import TEXTS_MAX
from models.errors import ContextFullError
from models.host import ModelHost
from models.scripted import Scripted
from tests.shapes.search import DIM, write_search_gguf
from tests.unit.app.serve.serving import Serve

SEA, LAND = "the sea", "the land"


def test_both_forms_hold_the_same_vectors(serve: Serve) -> None:
    model = Scripted([])
    client = serve(model).client
    packed = client.embeddings.create(model="parrot", input=[SEA, LAND])
    plain = client.embeddings.create(model="parrot", input=[SEA, LAND], encoding_format="float")
    expected = [vector.tolist() for vector in model.embed([SEA, LAND]).vectors]
    assert [item.embedding for item in plain.data] == expected
    assert [item.embedding for item in packed.data] == expected
    assert [item.index for item in plain.data] == [0, 1]
    assert (plain.model, plain.usage.prompt_tokens, plain.usage.total_tokens) == ("parrot", 4, 4)


def test_one_text_alone(serve: Serve) -> None:
    model = Scripted([])
    (item,) = serve(model).client.embeddings.create(model="", input=SEA).data
    assert item.embedding == model.embed([SEA]).vectors[0].tolist()


def test_more_texts_than_a_model_takes_at_once_come_back_in_their_order(serve: Serve) -> None:
    model = Scripted([])
    texts = [f"text {number}" for number in range(2 * TEXTS_MAX + 1)]
    made = serve(model).client.embeddings.create(model="parrot", input=texts)
    assert made.usage.prompt_tokens == 2 * len(texts)
    assert made.data[-1].embedding == model.embed(texts[-1:]).vectors[0].tolist()
    assert [item.index for item in made.data] == list(range(len(texts)))


def test_the_starter_gives_none(serve: Serve) -> None:
    with pytest.raises(openai.BadRequestError, match="no vectors") as caught:
        serve(Scripted([], kind="starter")).client.embeddings.create(model="starter", input=SEA)
    assert caught.value.code == "model_cannot_do_that"


def test_too_long_a_text_is_told(serve: Serve) -> None:
    class Full(Scripted):
        def embed(self, texts: object) -> None:  # type: ignore[override]
            raise ContextFullError("Text 1 has 5,000 tokens.", "the texts", "Split it.")

    with pytest.raises(openai.BadRequestError, match=r"5,000 tokens.*Split it"):
        serve(Full([])).client.embeddings.create(model="parrot", input=SEA)


def test_a_model_for_search_gives_vectors_and_does_not_chat(serve: Serve, catalog: Catalog, tmp_path: Path) -> None:
    known = catalog.add(write_search_gguf(tmp_path / "bge.gguf"), "bge")
    host = ModelHost(known.path, name="bge", sha256=known.sha256)
    try:
        client = serve(host).client
        assert "bge" in [model.id for model in client.models.list()]
        sea, land = client.embeddings.create(model="bge", input=[SEA, LAND]).data
        assert len(sea.embedding) == len(land.embedding) == DIM
        assert sea.embedding != land.embedding
        with pytest.raises(openai.BadRequestError, match=r"for searching.*Ask it at /v1/embeddings") as caught:
            client.chat.completions.create(model="bge", messages=[{"role": "user", "content": "hi"}])
        assert caught.value.code == "model_cannot_do_that"
    finally:
        host.close()
