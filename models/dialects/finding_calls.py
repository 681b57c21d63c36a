"""Finds out how calls are written: one and two of them are rendered, beside text and alone, and compared."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from models.dialects.compare import pieces
from models.dialects.dialect import ARGUMENTS, ENVELOPE, ID, INDEX, NAME, Envelope, Member, Parameters, Way
from models.dialects.finding_parameters import find_parameters, region
from models.dialects.probing import IDS, KEYS, NAMES, NUMBERS, Probe, UnclearError

_NUMBER = re.compile(r"(\d+)")
WRITTEN = ({KEYS[0]: NUMBERS[0]}, {KEYS[0]: NUMBERS[1]})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A call in a rendered text, from `start` to `end`; `form` is the pattern of that part."""

    start: int
    end: int
    form: str
    envelope: Envelope | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """What was rendered around the calls: `lead` before the first, `middle` between two (None where there can be but
    one), `rest` behind the last."""

    lead: str
    middle: str | None
    rest: str
    form: str
    envelope: Envelope | None
    parameters: Parameters | None


def look_at_calls(probe: Probe, way: Way, header: str) -> Calls:
    """`header`: the beginning of the answer's own message, which is no part of a call."""
    one = probe.calls(way, WRITTEN[0])
    if NAMES[0] not in one:
        raise UnclearError("it shows no call")
    if KEYS[0] not in one:
        raise UnclearError("it shows no arguments")
    parameters = None if _json_span(one, 0, 0) else find_parameters(probe, way)
    first = find_call(one, 0, 0, parameters)
    lead, rest = numbered(one[len(header) : first.start], 0), numbered(one[first.end :], 0)
    second = _look_at_two(probe, way, header, parameters)
    if second is None:
        return Calls(lead, None, rest, first.form, first.envelope, parameters)
    return second


def _look_at_two(probe: Probe, way: Way, header: str, parameters: Parameters | None) -> Calls | None:
    try:
        two = probe.calls(way, *WRITTEN)
        first = find_call(two, 0, 0, parameters)
        second = find_call(two, first.end, 1, parameters)
    except UnclearError:
        return None
    form = counted(first.form, second.form)
    if form is None:
        return None
    lead = numbered(two[len(header) : first.start], 0)
    middle = numbered(two[first.end : second.start], 0, 1)
    rest = numbered(two[second.end :], 1)
    return Calls(lead, middle, rest, form, first.envelope, parameters)


def find_call(body: str, start: int, which: int, parameters: Parameters | None) -> Sighting:
    """The sentinel call of this number in a rendered text."""
    named = body.find(NAMES[which], start)
    if named < 0:
        raise UnclearError("it shows no call")
    if parameters is not None:
        begin, end = region(body[named:], KEYS[0], str(NUMBERS[which]), parameters)
        return _sighting(body, named, named + begin, named + end, which)
    span = _json_span(body, start, which)
    if span is None:
        raise UnclearError("it shows no arguments")
    return _in_envelope(body, start, named, span, which) or _sighting(body, named, *span, which)


def _sighting(body: str, named: int, begin: int, end: int, which: int) -> Sighting:
    if not named < begin < end:
        raise UnclearError("it names the tool behind its arguments")
    before = numbered(body[named:begin], which).replace(NAMES[which], NAME)
    return Sighting(named, end, before + ARGUMENTS)


def numbered(text: str, *which: int) -> str:
    """With a slot in place of the calls' own ids."""
    for number in which:
        text = text.replace(IDS[number], ID)
    return text


def _json_span(body: str, start: int, which: int) -> tuple[int, int] | None:
    """Where the arguments stand as one JSON object."""
    return next((span for span, value in _objects(body, start) if value == WRITTEN[which]), None)


def _objects(body: str, start: int, stop: int | None = None) -> list[tuple[tuple[int, int], Any]]:
    """Every JSON object that begins from `start` on, and before `stop`."""
    found = []
    at = body.find("{", start, stop)
    while at >= 0:
        try:
            value, end = json.JSONDecoder().raw_decode(body, at)
            found.append(((at, end), value))
        except (ValueError, RecursionError):
            pass
        at = body.find("{", at + 1, stop)
    return found


def _in_envelope(body: str, start: int, named: int, span: tuple[int, int], which: int) -> Sighting | None:
    """The smallest object that holds both name and arguments."""
    for (begin, end), value in reversed(_objects(body, start, min(named, span[0]))):
        if begin < named < end and span[1] <= end:
            envelope = _envelope(value, which)
            return Sighting(begin, end, ENVELOPE, envelope) if envelope else None
    return None


def _envelope(value: dict[str, Any], which: int) -> Envelope | None:
    if value == {NAMES[which]: WRITTEN[which]}:
        return Envelope(())
    members = tuple(_member(key, held, which) for key, held in value.items())
    held = {member.holds for member in members}
    return Envelope(members) if {"name", "arguments"} <= held else None


def _member(key: str, held: Any, which: int) -> Member:
    if held == NAMES[which]:
        return Member(key, "name")
    if held == WRITTEN[which]:
        return Member(key, "arguments")
    if held == IDS[which]:
        return Member(key, "id")
    if isinstance(held, int | str) and not isinstance(held, bool) and str(held).isdigit():
        return Member(key, "index", json.dumps(held))
    return Member(key, "constant", json.dumps(held, ensure_ascii=False))


def counted(one: str, other: str) -> str | None:
    """The pattern of both, with a slot where a number counts up; None where they differ otherwise."""
    first, second = pieces(one), pieces(other)
    if len(first) != len(second):
        return None
    made = [_counted(*pair) for pair in zip(first, second, strict=True)]
    return None if None in made else "".join(piece or "" for piece in made)


def _counted(one: str, other: str) -> str | None:
    """The pattern of two pieces that differ in nothing but a number that counts up."""
    if one == other:
        return one
    first, second = _NUMBER.split(one), _NUMBER.split(other)
    if len(first) != len(second):
        return None
    made = ""
    for here, there in zip(first, second, strict=True):
        if here != there and not (here.isdecimal() and there.isdecimal() and int(there) == int(here) + 1):
            return None
        made += here if here == there else INDEX
    return made


def ended_alike(lead: str, middle: str) -> tuple[str, int, int]:
    """What both end with, as a pattern, and how long it is in each."""
    made, long, other_long = "", 0, 0
    for one, other in zip(reversed(pieces(lead)), reversed(pieces(middle)), strict=False):
        piece = _counted(one, other)
        if piece is None:
            break
        made, long, other_long = piece + made, long + len(one), other_long + len(other)
    return made, long, other_long
