"""The chat templates of real models: their ways of calling are found out, and what they write is read."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.dialects.call_grammar import call_grammar
from tests.unit.models.dialects.conftest import MISSING, real_templates
from tests.unit.models.dialects.grammar_judge import Judge
from tests.unit.models.dialects.streams import CASES, TOOLS, Model, read, wanted

FOUND_AT_LEAST = 58
PATHS = real_templates()
pytestmark = pytest.mark.skipif(not PATHS, reason=MISSING)

MODELS = {path.stem: Model.of(path.read_text(encoding="utf-8"), path.name) for path in PATHS}
NATIVE = [name for name, model in MODELS.items() if model.dialect.native]


def pieces_of(stream: str, seed: int) -> Iterator[list[str]]:
    """Whole, letter by letter, and cut at random places."""
    yield [stream]
    yield list(stream)
    rng = random.Random(seed)
    for _ in range(6):
        cuts = sorted(rng.sample(range(1, len(stream)), min(len(stream) - 1, rng.randint(1, 12))))
        yield [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def test_most_are_found_out() -> None:
    """Those that are not are told by name, with the reason."""
    missed = {name: model.dialect.why for name, model in MODELS.items() if not model.dialect.native}
    for name, why in missed.items():
        print(f"{name}: {why}")
    assert len(NATIVE) >= FOUND_AT_LEAST, missed
    assert all(missed.values())


@pytest.mark.parametrize("name", NATIVE)
def test_what_is_written_is_read(name: str) -> None:
    model = MODELS[name]
    for case, (text, calls) in CASES.items():
        stream = model.stream(text, calls) if model.can(case) else ""
        if not stream or (text and is_two_messages(model, stream)):
            continue
        for pieces in pieces_of(stream, seed=len(stream)):
            heard = read(model.dialect, pieces)
            assert (heard.calls, heard.reasons) == (wanted(calls), []), (case, pieces)
            assert (heard.text or heard.thought) == text, (case, pieces)


def is_two_messages(model: Model, stream: str) -> bool:
    """A template may put text and calls into messages of their own, which a model would not write in one go."""
    return any(stream.count(mark) > 1 for mark in model.dialect.silent)


@pytest.mark.parametrize("name", [name for name in NATIVE if not MODELS[name].dialect.primed])
def test_what_is_thought_before_a_call_is_told_apart(name: str) -> None:
    model = MODELS[name]
    thinking, (_, calls) = model.dialect.thinking, CASES["one"]
    call = model.stream("", calls).lstrip()
    for mark in (thinking.open, thinking.close):
        call = call.removeprefix(mark).lstrip()
    begun = "" if thinking.begun else thinking.open
    stream = f"{begun}\nIs it <late>? Hm.\n{thinking.close} {call}"
    for pieces in pieces_of(stream, seed=7):
        heard = read(model.dialect, pieces)
        assert (heard.thought, heard.text, heard.calls) == ("Is it <late>? Hm.", "", wanted(calls)), pieces


@pytest.mark.parametrize("name", NATIVE)
def test_the_grammar_takes_what_is_written_and_no_other_tool(name: str, judge: Judge) -> None:
    model = MODELS[name]
    writing = model.dialect.writing
    grammar = call_grammar(writing, TOOLS)
    for case in ("one", "two"):
        if not model.can(case):
            continue
        stream = model.dialect.primed + model.stream(*CASES[case])
        written = stream[stream.index(writing.opening) :]
        if writing.ending:
            written = written.removesuffix(writing.ending)
        complete = writing.tail.strip() in written  # some templates forget to close a section
        assert judge.taken(grammar, written.rstrip(), whole=complete) is None
        assert not judge.takes(grammar, written.replace("clock_now", "clock_not"), whole=False)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_name_of_a_model_is_in_the_code(path: Path) -> None:
    code = Path(__file__).parents[4] / "models" / "dialects"
    family = path.stem.split("-")[0].lower()
    words = " ".join(source.read_text(encoding="utf-8").lower() for source in code.glob("*.py"))
    assert family not in words.replace("llama.cpp", "").replace("llama-cpp", "")
