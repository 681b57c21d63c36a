"""Every form of call is found out from a template, and what is written in it is read as it was meant."""

import pytest

from models.dialects.dialect import Dialect
from tests.unit.models.dialects.forms import FORMS, SILENT
from tests.unit.models.dialects.streams import CASES, Model, read, wanted

MODELS = {name: Model.of(text, name) for name, text in FORMS.items()}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_found_out(form: str) -> None:
    dialect = MODELS[form].dialect
    assert dialect.native, dialect.why
    assert not dialect.why


@pytest.mark.parametrize(("form", "case"), [(form, case) for form in FORMS for case in CASES if MODELS[form].can(case)])
def test_what_is_written_is_read_wherever_it_is_cut(form: str, case: str) -> None:
    """Whole, letter by letter, and cut in two at every place."""
    model = MODELS[form]
    text, calls = CASES[case]
    stream = model.stream(text, calls)
    ways = [[stream], list(stream), *([stream[:at], stream[at:]] for at in range(1, len(stream)))]
    for pieces in ways:
        heard = read(model.dialect, pieces)
        assert (heard.calls, heard.text, heard.reasons) == (wanted(calls), text, []), pieces


@pytest.mark.parametrize("name", SILENT)
def test_where_calls_are_not_shown_our_own_protocol_is_used(name: str) -> None:
    dialect = Model.of(SILENT[name]).dialect
    assert not dialect.native
    assert dialect.why
    heard = read(dialect, ['Yes.\n<tool_call>\n{"name": "clock_now", "arguments": {"place": "Oslo"}}\n</tool_call>'])
    assert heard.calls == [("clock_now", {"place": "Oslo"})]
    assert heard.text == "Yes."


def found(form: str) -> Dialect:
    return MODELS[form].dialect


def test_the_opening_is_as_short_as_it_can_be() -> None:
    assert found("an object in tags").writing.opening == "<call>"
    assert found("a list with ids").writing.opening == "[CALLS]"
    assert found("an object alone").writing.opening == '{"name"'
    assert found("said in a frame").writing.opening == "<|open|>call"


def test_what_may_be_text_is_known_as_such() -> None:
    unsure = {form for form in FORMS if not found(form).writing.sure}
    assert unsure == {"an object alone", "marked by a word", "addressed to the tool", "begun by the prompt"}


def test_how_thinking_is_set_apart() -> None:
    thinking = found("an object in tags, with thinking").thinking
    assert (thinking.open, thinking.close, thinking.begun) == ("<think>", "</think>", False)
    thinking = found("thinking left open").thinking
    assert (thinking.open, thinking.close, thinking.begun) == ("<think>", "</think>", True)


def test_arguments_are_handed_over_as_the_template_takes_them() -> None:
    assert found("begun by the prompt").way.arguments_as_text
    assert found("only where nothing is said").way.bare is None
    assert not found("only where nothing is said").way.text_with_calls
    assert not found("an object in tags").way.arguments_as_text


def test_how_values_are_written() -> None:
    def parameters(form: str) -> object:
        made = found(form).writing.parameters
        assert made is not None
        return made.notation, made.capital, made.sorted, made.quote is not None, made.wrap is not None, set(made.types)

    assert parameters("parameters in tags") == ("json", False, False, False, False, set())
    assert parameters("parameters with the words of Python") == ("python", True, False, False, False, set())
    assert parameters("bare keys and quotes of its own") == ("bare", False, True, True, False, set())
    assert parameters("parameters in nested tags") == ("tags", False, False, False, False, set())
    assert parameters("parameters that wrap tags")[4]
    assert "string" in parameters("parameters with their types")[5]


def test_only_one_call_where_the_template_takes_but_one() -> None:
    assert not found("an object alone").writing.several
    assert all(found(form).writing.several for form in FORMS if form != "an object alone")
