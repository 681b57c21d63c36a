"""The grammar of calls, judged by llama.cpp itself, for every form of call."""

import time
from typing import Any

import pytest

from models.contracts import CALLS_MAX, ChatTool
from models.dialects.call_grammar import call_grammar
from models.dialects.gbnf import GRAMMAR_CHARACTERS_MAX
from models.dialects.generic import OWN_WRITING
from tests.unit.models.dialects.forms import FORMS
from tests.unit.models.dialects.grammar_judge import Judge
from tests.unit.models.dialects.streams import CASES, NOTE, TOOLS, Model, call

MODELS = {name: Model.of(text, name) for name, text in FORMS.items()}
PYTHON = "like a function of Python"  # cannot write a quote within a text


def written(form: str, *calls: Any, tools: tuple[ChatTool, ...] = TOOLS) -> str:
    """The calls as the template writes them, from the opening on."""
    model = MODELS[form]
    stream = model.dialect.primed + model.stream("", calls, tools)
    writing = model.dialect.writing
    return stream[stream.index(writing.opening) :].removesuffix(writing.ending).rstrip()


@pytest.mark.parametrize("form", FORMS)
def test_it_takes_what_the_template_writes(form: str, judge: Judge) -> None:
    model = MODELS[form]
    grammar = call_grammar(model.dialect.writing, TOOLS)
    for case, (_, calls) in CASES.items():
        if model.can(case) and case != "text before" and not (form == PYTHON and case == "every type"):
            assert judge.taken(grammar, written(form, *calls)) is None, case


@pytest.mark.parametrize("form", FORMS)
def test_it_refuses_other_tools_and_arguments_that_do_not_fit(form: str, judge: Judge) -> None:
    grammar = call_grammar(MODELS[form].dialect.writing, TOOLS)
    one = written(form, *CASES["one"][1])
    assert not judge.takes(grammar, one.replace("clock_now", "clock_set"), whole=False)
    assert not judge.takes(grammar, one.replace("clock_now", "note.create"), whole=False)
    assert not judge.takes(grammar, one.replace("place", "plate"), whole=False)
    assert not judge.takes(grammar, f"x{one}", whole=False)
    typed = written(form, call(NOTE, title="x", count=17))
    assert judge.taken(grammar, typed) is None
    assert not judge.takes(grammar, typed.replace("17", "many"), whole=False)


@pytest.mark.parametrize("form", [form for form in FORMS if MODELS[form].dialect.primed])
def test_what_the_prompt_has_written_is_left_out(form: str, judge: Judge) -> None:
    dialect = MODELS[form].dialect
    grammar = call_grammar(dialect.writing, TOOLS, dialect.primed)
    assert judge.taken(grammar, written(form, *CASES["one"][1]).removeprefix(dialect.primed)) is None


def test_our_own_protocol(judge: Judge) -> None:
    grammar = call_grammar(OWN_WRITING, TOOLS)
    one = '<tool_call>\n{"name": "clock_now", "arguments": {"place": "Oslo"}}\n</tool_call>'
    assert judge.taken(grammar, one) is None
    assert judge.taken(grammar, "\n".join([one] * CALLS_MAX)) is None
    assert not judge.takes(grammar, "\n".join([one] * (CALLS_MAX + 1)))


CHOICE = ChatTool("pick", "Picks.", {
    "type": "object", "required": ["what"],
    "properties": {"what": {"enum": ["red one", "blue"]}, "flag": {"type": ["boolean", "null"]}, "free": {},
                   "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
})  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_choices_and_values_of_several_types(form: str, judge: Judge) -> None:
    grammar = call_grammar(MODELS[form].dialect.writing, (CHOICE,))
    for arguments in ({"what": "blue"}, {"what": "red one", "flag": True}, {"what": "blue", "either": "x"}):
        text = written(form, call(CHOICE, **arguments), tools=(CHOICE,))
        assert judge.taken(grammar, text) is None
        assert not judge.takes(grammar, text.replace("blue", "green").replace("red one", "green"), whole=False)


@pytest.mark.parametrize("form", FORMS)
def test_many_tools_with_large_schemas_still_make_a_grammar(form: str, judge: Judge) -> None:
    properties = {f"field_{n}": {"enum": [f"value {n} {v}" * 3 for v in range(60)]} for n in range(12)}
    tools = tuple(
        ChatTool(
            f"tool.number_{n}",
            "One of many.",
            {"type": "object", "properties": {f"f{n}": {"enum": [f"{n} {v}" * 9 for v in range(90)]}, **properties}},
        )
        for n in range(60)
    )
    started = time.process_time()
    grammar = call_grammar(MODELS[form].dialect.writing, tools)
    assert time.process_time() - started < 5
    assert len(grammar) < GRAMMAR_CHARACTERS_MAX * 1.1
    text = written(form, call(tools[7]), tools=tools)
    assert not judge.takes(grammar, text.replace("number_7", "number_x"), whole=False)
