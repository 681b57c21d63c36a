"""Finds out how arguments are written that do not stand there as one JSON object: one by one, each with its name."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from models.dialects.compare import same_end, same_start
from models.dialects.dialect import KEY, TYPE, Notation, Parameters, Quote, Way
from models.dialects.probing import KEYS, NAMES, NUMBERS, TRICKY, WORD, Probe, UnclearError
from models.dialects.schemas import type_of

ITEM, INNER, DEEP = "zqitem", "zqinner", "zqdeep"
_OBJECT = re.compile(r"""["']\s*:""")  # what stands behind a key there
_SAMPLES: tuple[Any, ...] = (True, 7.5, [ITEM, 7], {INNER: DEEP}, None)


@dataclass(frozen=True, slots=True)
class _One:
    """A value where it was found: what stands before its name, between, and behind it to the end."""

    before: str
    equals: str
    behind: str


def find_parameters(probe: Probe, way: Way) -> Parameters:
    """From calls with two, with one, and with texts for numbers. UnclearError where they are not written so."""
    two = _after_name(probe.calls(way, dict(zip(KEYS, NUMBERS, strict=False))))
    first = _find(two, KEYS[0], str(NUMBERS[0]))
    second = _find(first.behind, KEYS[1], str(NUMBERS[1]))
    middle, behind = second.before.replace(KEYS[0], KEY), second.behind.replace(KEYS[1], KEY)
    opening = same_end(first.before, middle)
    middle = middle[: len(middle) - len(opening)]
    close = same_start(middle, behind)
    between = middle[len(close) :]
    if first.equals != second.equals or not (first.equals + opening).strip():
        raise UnclearError("its arguments follow no pattern")
    if _OBJECT.match(first.equals):
        raise UnclearError("it writes its arguments as an object of Python")
    form = Parameters(opening, first.equals, close, between)
    form = _with_texts(probe, way, form, behind[len(close) :])
    return _with_values(probe, way, replace(form, sorted=_are_sorted(probe, way)))


def region(body: str, key: str, value: str, form: Parameters) -> tuple[int, int]:
    """From where to where the one argument stands in a rendered call, with all that belongs to it."""
    at = body.find(key)
    start = at - len(form.open)
    end = body.find(value, at) + len(value) + len(form.close.replace(KEY, key))
    return start, end


def _after_name(body: str) -> str:
    """Behind the last place where the tool is named before the arguments."""
    at = body.find(KEYS[0])
    if at < 0:
        raise UnclearError("it shows no arguments")
    return body[body.rfind(NAMES[0], 0, at) + len(NAMES[0]) :]


def _find(text: str, key: str, value: str) -> _One:
    before, found, rest = text.partition(key)
    equals, shown, behind = rest.partition(value)
    if not found or not shown:
        raise UnclearError("it shows no arguments")
    return _One(before, equals, behind)


def _with_texts(probe: Probe, way: Way, form: Parameters, tail: str) -> Parameters:
    """How a text is told from a number: quotes, a word for the type, or not at all. `tail`: what follows them all."""
    one = _find(_after_name(probe.calls(way, {KEYS[0]: WORD})), KEYS[0], WORD)
    behind = one.behind.replace(KEYS[0], KEY)
    plain = form.close + tail
    if one.equals == form.equals and behind == plain:
        return replace(form, wrap=_wrap(probe, way, form, tail))
    if one.equals.startswith(form.equals) and behind.endswith(plain):
        quote = Quote(one.equals[len(form.equals) :], behind[: len(behind) - len(plain)])
        return replace(form, quote=replace(quote, escapes=_escapes(probe, way, form, quote)))
    start = same_start(one.equals, form.equals)
    end = same_end(one.equals[len(start) :], form.equals[len(start) :])
    words = (one.equals[len(start) : len(one.equals) - len(end)], form.equals[len(start) : len(form.equals) - len(end)])
    if not all(word.isalnum() for word in words) or behind != plain:
        raise UnclearError("it writes texts in a way that is not understood")
    return replace(form, equals=start + TYPE + end, types={"string": words[0], "integer": words[1]})


def _wrap(probe: Probe, way: Way, form: Parameters, tail: str) -> Quote | None:
    """What a text is put into that could be taken for something else."""
    try:
        _, _, rest = probe.calls(way, {KEYS[0]: TRICKY}).partition(KEYS[0])
    except UnclearError:
        return None
    before, found, behind = rest.removeprefix(form.equals).partition(TRICKY)
    after = behind.partition(form.close.replace(KEY, KEYS[0]) + tail)[0]
    return Quote(before, after, escapes=False) if found and before.strip() and after.strip() else None


def _escapes(probe: Probe, way: Way, form: Parameters, quote: Quote) -> bool:
    try:
        body = probe.calls(way, {KEYS[0]: TRICKY})
    except UnclearError:
        return False
    return quote.open + TRICKY + quote.close not in body


def _with_values(probe: Probe, way: Way, form: Parameters) -> Parameters:
    """How other values are written; a template that cannot write one of them is taken to use JSON."""
    for sample in _SAMPLES:
        try:
            shown = _shown(probe.calls(way, {KEYS[0]: sample}), form)
        except UnclearError:
            continue
        form = _noted(form, sample, *shown)
    return form


def _shown(body: str, form: Parameters) -> tuple[str, str]:
    """The value's text as far as it can be told, and the word for its type."""
    _, found, rest = body.partition(KEYS[0])
    start, slot, end = form.equals.partition(TYPE)
    word = ""
    if slot:
        word, _, rest = rest.removeprefix(start).partition(end)
    else:
        rest = rest.removeprefix(form.equals)
    if not found:
        raise UnclearError("it shows no arguments")
    return rest, word


def _noted(form: Parameters, sample: Any, text: str, word: str) -> Parameters:
    if word.isalnum():
        form = replace(form, types={**form.types, type_of(sample): word})
    match sample:
        case True:
            return replace(form, capital=text.lstrip().startswith("True"))
        case dict():
            return replace(form, notation=_notation(text, sample, form))
        case list() if form.open and text.startswith(form.open):
            item = text[len(form.open) :].partition(form.equals)[0]
            return replace(form, notation="tags", item=item)
    return form


def _notation(text: str, sample: dict[str, str], form: Parameters) -> Notation:
    if form.open and text.startswith(form.open + INNER):
        return "tags"
    text = text.lstrip()
    try:
        if json.JSONDecoder().raw_decode(text)[0] == sample:
            return "json"
    except ValueError:
        pass
    if text.startswith(repr(sample)) and ast.literal_eval(repr(sample)) == sample:
        return "python"
    return "bare" if form.quote and text.startswith("{") else "json"


def _are_sorted(probe: Probe, way: Way) -> bool:
    try:
        body = _after_name(probe.calls(way, {KEYS[0]: NUMBERS[0]}))
        turned = probe.calls(way, {KEYS[1]: NUMBERS[1], KEYS[0]: NUMBERS[0]})
    except UnclearError:
        return False
    return bool(body) and 0 <= turned.find(KEYS[0]) < turned.find(KEYS[1])
