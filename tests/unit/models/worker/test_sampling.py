"""A grammar holds the model to a form, takes up what was written before, and can never end the process."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.contracts import ChatRequest, ChatTool, Message, ToolCall
from models.dialects.call_grammar import call_grammar
from models.dialects.derive import derive
from models.dialects.generic import OWN_WRITING
from models.dialects.probing import Tokens
from models.dialects.template import ChatTemplate
from models.worker.answer import Answer
from models.worker.engine import Engine
from models.worker.sampling import Sampler, written
from models.worker.steering import UNHELD, Steering
from tests.tiny_gguf import TEMPLATE

HELLO = (Message("user", "hello"),)
LAMP = ChatTool(
    "lamp", "Switches a lamp.", {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}
)
PLAIN = ChatRequest(HELLO, 400, 0)


@pytest.fixture(scope="module")
def engine(tiny_chat: Path) -> Engine:
    engine = Engine(tiny_chat, threads=1, n_ctx=1024, careful=True)
    engine.open()
    return engine


def stay() -> None:
    pass


def said(engine: Engine, sampler: Sampler, most: int = 300) -> str:
    """What the model says from a fresh prompt on, to its own end or to `most` tokens."""
    engine.forget()
    engine.read(engine.tokenize("hello", special=False), stay)
    data = b""
    for _ in range(most):
        token = sampler.next()
        if engine.ends(token):
            return data.decode()
        data += written(engine, token)
        engine.push((token,))
    return data.decode(errors="replace") + "…"


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_only_what_the_grammar_allows_is_said(engine: Engine, temperature: float) -> None:
    with Sampler(engine, ChatRequest(HELLO, 10, temperature, seed=3)) as sampler:
        assert not sampler.constrained
        assert sampler.constrain('root ::= "[" ( "12" | "7" ) "]" "é"')
        assert sampler.constrained
        assert said(engine, sampler) in ("[12]é", "[7]é")


def test_free_text_is_the_same_as_without_a_grammar_in_force(engine: Engine) -> None:
    texts = []
    for grammar in (None, "root ::= [a-z ]*"):
        with Sampler(engine, PLAIN) as sampler:
            if grammar:
                assert sampler.constrain(grammar)
            texts.append(said(engine, sampler, 30))
    assert texts[0] == texts[1]


def test_what_was_written_before_is_taken_up(engine: Engine) -> None:
    with Sampler(engine, PLAIN) as sampler:
        for token in engine.tokenize("so <a", special=False):
            sampler.follow(token)
        assert sampler.constrain('root ::= "<a" "b>" [0-9]', "<a")
        assert said(engine, sampler)[:2] == "b>"


def test_also_where_it_began_within_a_token(engine: Engine) -> None:
    """The tiny model has one token of two letters, "th"."""
    with Sampler(engine, PLAIN) as sampler:
        (token,) = engine.tokenize("th", special=False)
        sampler.follow(token)
        assert sampler.constrain('root ::= "h!" "x"', "h") is True
        assert said(engine, sampler) == "!x"


@pytest.mark.parametrize("grammar", ['root ::= "<a', "root ::= nothing", "", 'other ::= "x"', "root ::= root"])
def test_a_grammar_that_is_none_is_refused_and_the_model_goes_on(engine: Engine, grammar: str) -> None:
    with Sampler(engine, PLAIN) as sampler:
        assert not sampler.constrain(grammar)
        assert not sampler.constrained
        assert len(said(engine, sampler, 5)) == 6


def test_a_beginning_that_does_not_fit_leaves_the_model_free(engine: Engine) -> None:
    with Sampler(engine, PLAIN) as sampler:
        assert not sampler.constrain('root ::= "<a>"', "<b")
        assert not sampler.constrained


def test_where_a_grammar_leads_nowhere_it_is_let_go(engine: Engine) -> None:
    """No token of the model holds this byte: every way on is closed, and that must not end the process."""
    with Sampler(engine, PLAIN) as sampler:
        assert sampler.constrain(r'root ::= "a" [\x00]')
        assert said(engine, sampler, 4).startswith("a")
        assert not sampler.constrained


def test_a_control_token_counts_with_its_text(engine: Engine) -> None:
    (token,) = engine.tokenize("<|im_start|>", special=True)
    assert engine.piece(token) == b""
    assert written(engine, token) == b"<|im_start|>"
    with Sampler(engine, PLAIN) as sampler:
        sampler.follow(token)
        assert sampler.constrain('root ::= "<|im_start|>" "7"', "<|im_start|>")
        assert said(engine, sampler) == "7"


# -- how a client wants it -------------------------------------------------------------------------------------------


def answer_to(engine: Engine, most: int = 60, grammar: str = "", **options: Any) -> list[int]:
    """The tokens of an answer of exactly so many."""
    with Sampler(engine, ChatRequest(HELLO, **options)) as sampler:
        if grammar:
            assert sampler.constrain(grammar)
        engine.forget()
        engine.read(engine.tokenize("hello", special=False), stay)
        tokens: list[int] = []
        while len(tokens) < most:
            tokens.append(sampler.next())
            engine.push(tokens[-1:])
        return tokens


@pytest.mark.parametrize("narrow", [{"top_p": 0.0}, {"min_p": 1.0}])
def test_a_narrow_choice_is_the_likeliest_token_however_warm(engine: Engine, narrow: dict[str, float]) -> None:
    likeliest = answer_to(engine, temperature=0)
    assert answer_to(engine, temperature=2.0, seed=1, **narrow) == likeliest
    assert answer_to(engine, temperature=2.0, seed=1) != likeliest


def test_what_was_said_often_is_said_less_under_a_penalty(engine: Engine) -> None:
    def most(**options: float) -> int:
        return max(Counter(answer_to(engine, temperature=0, **options)).values())

    plain = most()
    assert most(frequency_penalty=2.0) < plain
    assert most(frequency_penalty=-2.0) > plain


def test_a_penalty_for_being_there_counts_once(engine: Engine) -> None:
    plain, there = (answer_to(engine, temperature=0, presence_penalty=weight) for weight in (0.0, 2.0))
    assert len(set(there)) > len(set(plain))


def test_a_penalty_counts_what_was_said_under_a_grammar_and_nothing_else(engine: Engine) -> None:
    """Each token is told to the chain once: with the count wrong, a and b would not take turns so evenly."""
    tokens = answer_to(engine, 40, "root ::= [ab]*", temperature=0, frequency_penalty=2.0)
    counts = Counter(token for token in tokens if not engine.ends(token))
    assert set(counts) <= {engine.tokenize(letter, special=False)[0] for letter in "ab"}
    assert max(counts.values()) - min(counts.values()) <= 4


# -- together with the reader ----------------------------------------------------------------------------------------


class Told:
    def __init__(self) -> None:
        self.text, self.thought = "", ""
        self.calls: list[ToolCall] = []

    def __call__(self, piece: str | ToolCall, *, thinking: bool = False) -> None:
        if isinstance(piece, ToolCall):
            self.calls.append(piece)
        elif thinking:
            self.thought += piece
        else:
            self.text += piece


def go_on(engine: Engine, request: ChatRequest, begun: str, template: str = TEMPLATE) -> tuple[Told, Answer, str]:
    """The model is made to write `begun`, then goes on by itself."""
    compiled = ChatTemplate(template, "model.gguf", lambda error: None)
    dialect = derive(compiled, Tokens(engine.bos, engine.eos, lambda text: ends(engine, text)), 0.0)
    told = Told()
    answer = Answer(engine, request, dialect, told)
    engine.forget()
    engine.read(engine.tokenize("hello", special=False), stay)
    with Sampler(engine, request) as sampler:
        steering = Steering(request, dialect, sampler, answer.reader)
        forced = engine.tokenize(begun, special=True)
        for number in range(request.max_tokens):
            steering.look()
            token = forced[number] if number < len(forced) else sampler.next()
            if number < len(forced):
                sampler.follow(token)
            if engine.ends(token):
                break
            answer.take(token)
            engine.push((token,))
        answer.finish()
    return told, answer, steering.note


def ends(engine: Engine, text: str) -> bool:
    tokens = engine.tokenize(text, special=True)
    return len(tokens) == 1 and engine.ends(tokens[0])


CALLING = ChatRequest(HELLO, 600, 0, tools=(LAMP,))


@pytest.mark.parametrize(
    "begun", ["well <tool_call>", 'well <tool_call>\n{"name', 'well <tool_call>\n{"name": "lamp", "']
)
def test_a_call_that_is_begun_is_finished_as_one(engine: Engine, begun: str) -> None:
    told, answer, note = go_on(engine, CALLING, begun)
    assert told.text.startswith("well")
    assert told.calls
    assert all(call.name == "lamp" and isinstance(call.arguments["on"], bool) for call in told.calls)
    cut_off = ["The model began a call that cannot be read: the answer ended in the middle of it."]
    assert answer.notes in ([], cut_off)  # left to itself, the tiny model calls until it may say no more
    assert not note


def test_a_call_begun_in_a_form_that_the_grammar_does_not_know_is_read_all_the_same(engine: Engine) -> None:
    whole = 'well <tool_call>{"name": "lamp",   "arguments": {"on": true}}</tool_call>'
    told, _, _ = go_on(engine, CALLING, whole)
    assert [call.arguments for call in told.calls] == [{"on": True}]


CONTROL = (
    "{%- for m in messages -%}{%- if m.tool_calls and m.tool_calls | length > 1 -%}{{ raise_exception('one') }}"
    "{%- endif -%}<|im_start|>{{ m.role }}\n{{ m.content or '' }}{%- for c in m.tool_calls or [] -%}"
    "<|im_start|>call {{ c.function.name }}\n{{ c.function.arguments | tojson }}{%- endfor -%}<|im_end|>\n"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}"
)


def test_a_call_may_be_marked_by_control_tokens(engine: Engine) -> None:
    told, answer, _ = go_on(engine, CALLING, "well <|im_start|>call lamp\n", CONTROL)
    assert told.text == "well"
    assert [call.name for call in told.calls] == ["lamp"]
    assert answer.calls == 1


def test_a_call_that_stands_behind_the_end_of_the_answer_is_none(engine: Engine) -> None:
    """A model that would have to end its message first cannot call so: our own protocol is used instead."""
    behind = CONTROL.replace("<|im_start|>call ", "<|im_end|>\n<|im_start|>call ")
    compiled = ChatTemplate(behind, "model.gguf", lambda error: None)
    dialect = derive(compiled, Tokens(engine.bos, engine.eos, lambda text: ends(engine, text)), 0.0)
    assert not dialect.native
    assert "ends the answer before a call" in dialect.why


def test_without_a_call_nothing_is_held(engine: Engine) -> None:
    told, answer, _ = go_on(engine, ChatRequest(HELLO, 30, 0, tools=(LAMP,)), "")
    assert not told.calls
    assert len(told.text) > 10
    assert not answer.calls


THINKS = TEMPLATE.replace("assistant\n{%", "assistant\n<think>\n{%") + "{# </think> #}"


def test_a_form_is_asked_for_once_thinking_is_over(engine: Engine) -> None:
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    told, _, note = go_on(engine, ChatRequest(HELLO, 300, 0, schema=schema), "hm hm</think>\n\n", THINKS)
    assert told.thought == "hm hm"
    assert isinstance(json.loads(told.text)["ok"], bool)
    assert not note


def test_a_call_is_required_once_thinking_is_over(engine: Engine) -> None:
    request = ChatRequest(HELLO, 600, 0, tools=(LAMP,), tool_choice="required")
    told, _, note = go_on(engine, request, "hm</think>", THINKS)
    assert told.thought == "hm"
    assert told.calls
    assert not note


def test_it_is_said_where_the_model_cannot_be_held(engine: Engine) -> None:
    """A piece that goes with the end of thinking and fits nothing."""
    schema = {"type": "boolean"}
    request = ChatRequest(HELLO, 12, 0, schema=schema)
    compiled = ChatTemplate(THINKS, "model.gguf", lambda error: None)
    dialect = derive(compiled, Tokens(engine.bos, engine.eos), 0.0)
    answer = Answer(engine, request, dialect, Told())
    with Sampler(engine, request) as sampler:
        steering = Steering(request, dialect, sampler, answer.reader)
        answer.reader.feed("hm</think>no")
        steering.look()
        assert steering.note == UNHELD


def test_ids_are_the_same_each_time_and_new_to_the_conversation(engine: Engine) -> None:
    first, _, _ = go_on(engine, CALLING, "<tool_call>")
    again, _, _ = go_on(engine, CALLING, "<tool_call>")
    assert [call.id for call in first.calls] == [call.id for call in again.calls]
    taken = Message("assistant", "", tuple(first.calls[:1]))
    later = ChatRequest((taken, *HELLO), 600, 0, tools=(LAMP,))
    third, _, _ = go_on(engine, later, "<tool_call>")
    assert first.calls[0].id not in [call.id for call in third.calls]


def test_the_grammar_of_our_own_protocol_is_small() -> None:
    assert len(call_grammar(OWN_WRITING, (LAMP,))) < 1_500
