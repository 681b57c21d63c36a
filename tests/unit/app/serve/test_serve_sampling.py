"""The official client's ways of choosing words: each reaches the model, and a real worker answers under all of them."""

import json
from typing import Any

import openai
import pytest

from models.catalog import Catalog
from models.contracts import ChatRequest
from models.host import ModelHost, Settings
from models.scripted import Scripted
from tests.unit.app.serve.serving import Serve

HI: list[Any] = [{"role": "user", "content": "hi"}]
WAYS: dict[str, Any] = {"top_p": 0.5, "presence_penalty": 1.5, "frequency_penalty": -0.5, "seed": 7, "stop": ["zzz"],
                        "max_tokens": 40, "temperature": 1.2}  # fmt: skip
FORM = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}


def test_every_way_reaches_the_model(serve: Serve) -> None:
    model = Scripted(["yes"])
    answer = serve(model).client.chat.completions.with_raw_response.create(
        model="parrot", messages=HI, n=1, extra_body={"min_p": 0.1}, **WAYS
    )
    assert "x-carryon-ignored" not in answer.headers
    (asked,) = model.asked
    assert isinstance(asked, ChatRequest)
    assert {name: getattr(asked, name) for name in WAYS} == {**WAYS, "stop": ("zzz",)}
    assert asked.min_p == 0.1


def test_what_is_left_out_is_as_in_carryons_own_window(serve: Serve) -> None:
    model = Scripted(["yes"])
    serve(model).client.chat.completions.create(model="parrot", messages=HI)
    (asked,) = model.asked
    assert isinstance(asked, ChatRequest)
    usual = ChatRequest(())
    for name in ("temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty"):
        assert getattr(asked, name) == getattr(usual, name)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ({"top_p": 1.5}, "top_p must be a number from 0 to 1"),
        ({"presence_penalty": 2.5}, "presence_penalty must be a number from -2 to 2"),
        ({"frequency_penalty": -3}, "frequency_penalty must be a number from -2 to 2"),
        ({"extra_body": {"min_p": -1}}, "min_p must be a number from 0 to 1"),
        ({"n": 2}, "n must be 1: this server gives one answer at a time"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
    ],
)
def test_what_cannot_be_is_said(serve: Serve, way: dict[str, Any], words: str) -> None:
    with pytest.raises(openai.BadRequestError, match=words):
        serve(Scripted([])).client.chat.completions.create(model="parrot", messages=HI, **way)


def test_a_real_worker_keeps_to_all_of_it(serve: Serve, catalog: Catalog) -> None:
    """The same seed gives the same words, a penalty other ones; the form of an answer holds under penalties too."""
    known = catalog.resolve("parrot")
    host = ModelHost(known.path, name=known.name, sha256=known.sha256, settings=Settings(n_ctx=1024))
    try:
        create = serve(host).client.chat.completions.create

        def said(**ways: Any) -> str:
            return str(create(model="parrot", messages=HI, **{**WAYS, **ways}).choices[0].message.content)

        assert said() == said()
        assert said(seed=8) != said()
        assert said(frequency_penalty=2) != said()
        form: Any = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": FORM}}
        answer = said(response_format=form, frequency_penalty=2, max_tokens=200)
        assert isinstance(json.loads(answer)["ok"], bool)
        short = create(model="parrot", messages=HI, max_tokens=5).choices[0]
        assert short.finish_reason == "length"
    finally:
        host.close()
