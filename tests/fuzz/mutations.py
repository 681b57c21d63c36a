"""Ways to damage a model, by class. A mutant depends on seed and number alone, so that any can be made again.

Half of the classes hurt bytes and mostly end at the check of the header; the others keep the file well-formed and lie
in it, which only llama.cpp can find out.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fuzz.corpus import Good
from tests.fuzz.gguf_parts import SCALARS, STRING, Gguf, Place, Value, pack
from tests.fuzz.hostile import ARCHITECTURES, NUMBERS, TEMPLATES, TEXTS

Damage = Callable[[random.Random, Good, Sequence[Good]], bytes]


@dataclass(frozen=True, slots=True)
class Mutant:
    number: int
    damage: str
    origin: str
    data: bytes


def mutant(seed: int, number: int, corpus: Sequence[Good]) -> Mutant:
    rng = random.Random(f"{seed}:{number}")
    damage = tuple(DAMAGES)[number % len(DAMAGES)]
    good = rng.choice(corpus)
    return Mutant(number, damage, good.name, DAMAGES[damage](rng, good, corpus))


# -- bytes -------------------------------------------------------------------------------------------------------------


def _bits(rng: random.Random, good: Good, _corpus: Sequence[Good]) -> bytes:
    data = bytearray(good.data)
    end = good.header if rng.random() < 0.8 else len(data)
    for _ in range(rng.randint(1, 6)):
        data[rng.randrange(4, end)] ^= 1 << rng.randrange(8)
    return bytes(data)


def _overwritten(*places: Place) -> Damage:
    def damage(rng: random.Random, good: Good, _corpus: Sequence[Good]) -> bytes:
        data = bytearray(good.data)
        chosen = [span for span in good.spans if span[0] in places]
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            _place, start, end = rng.choice(chosen)
            data[start:end] = _near(rng, bytes(data[start:end]))
        return bytes(data)

    return damage


def _near(rng: random.Random, old: bytes) -> bytes:
    """Another number of the same size: an absurd one, or the old one a little off."""
    number = rng.choice(NUMBERS) if rng.random() < 0.6 else int.from_bytes(old, "little") + rng.randint(-3, 3)
    return (number % (1 << 8 * len(old))).to_bytes(len(old), "little")


def _truncated(rng: random.Random, good: Good, _corpus: Sequence[Good]) -> bytes:
    end = rng.choice((good.header, len(good.data), 64, len(good.data)))
    return good.data[: rng.randrange(end)]


def _lost(rng: random.Random, good: Good, _corpus: Sequence[Good]) -> bytes:
    start = rng.randrange(4, len(good.data) - 256)
    return good.data[:start] + good.data[start + rng.randint(1, 256) :]


def _spliced(rng: random.Random, good: Good, corpus: Sequence[Good]) -> bytes:
    """A stretch of another model in this one, the halves of two joined, or a stretch of itself twice."""
    other = rng.choice(corpus).data
    cut = rng.randrange(16, len(good.data))
    match rng.randrange(3):
        case 0:
            return good.data[:cut] + other[min(cut, len(other) - 1) :]
        case 1:
            start, size = rng.randrange(len(other) - 16), rng.randint(8, 4_096)
            return good.data[:cut] + other[start : start + size] + good.data[cut + size :]
        case _:
            size = rng.randint(1, 512)
            return good.data[:cut] + good.data[max(0, cut - size) : cut] + good.data[cut:]


# -- a well-formed file that lies --------------------------------------------------------------------------------------


def _rebuilt(change: Callable[[random.Random, Gguf, Good], None]) -> Damage:
    def damage(rng: random.Random, good: Good, _corpus: Sequence[Good]) -> bytes:
        made = good.parts.copy()
        change(rng, made, good)
        return pack(made)

    return damage


def _numbers(rng: random.Random, made: Gguf, _good: Good) -> None:
    """The sizes that the architecture gives: heads, layers, experts, windows."""
    sizes = [one for one in made.values if not one.many and one.kind in SCALARS and not one.key.startswith(b"tok")]
    for _ in range(rng.choice((1, 1, 2))):
        chosen = rng.choice(sizes)
        if SCALARS[chosen.kind] in "fd":
            chosen.value = rng.choice((0.0, -1.0, float("nan"), float("inf"), 1e-45, 1e38))
        else:
            chosen.value = rng.choice((*NUMBERS, chosen.value + 1, chosen.value * 2, max(chosen.value - 1, 0)))


def _missing(rng: random.Random, made: Gguf, _good: Good) -> None:
    """A value or a tensor is gone, there twice, or called by another's name."""
    things: list[Any] = made.values if rng.random() < 0.5 else made.tensors
    index = rng.randrange(len(things))
    match rng.randrange(3):
        case 0:
            del things[index]
        case 1:
            things.append(things[index])
        case _:
            one, other = things[index], rng.choice(things)
            if isinstance(one, Value):
                one.key, other.key = other.key, one.key
            else:
                one.name, other.name = other.name, one.name


def _types(rng: random.Random, made: Gguf, _good: Good) -> None:
    """A value of another type than is expected, a tensor of another type than its bytes are."""
    if rng.random() < 0.5:
        rng.choice(made.tensors).kind = rng.randrange(45)
        return
    chosen = rng.choice(made.values)
    chosen.kind = rng.choice((*SCALARS, STRING))
    if chosen.many and len(chosen.value) > 1_000 and chosen.kind == STRING:
        chosen.value = chosen.value[:1_000]


def _texts(rng: random.Random, made: Gguf, _good: Good) -> None:
    text = rng.choice(TEXTS)
    match rng.randrange(3):
        case 0:
            named = [one for one in made.values if one.kind == STRING and not one.many]
            rng.choice(named).value = text
        case 1:
            rng.choice(made.values).key = text
        case _:
            rng.choice(made.tensors).name = text


def _template(rng: random.Random, made: Gguf, _good: Good) -> None:
    text = rng.choice(TEMPLATES).encode("utf-8", "replace")
    made.put(b"tokenizer.chat_template", STRING, text)


def _tokenizer(rng: random.Random, made: Gguf, _good: Good) -> None:
    keys = [one for one in made.values if one.key.startswith(b"tokenizer.ggml.")]
    chosen = rng.choice(keys)
    if not chosen.many:
        chosen.value = rng.choice(TEXTS) if chosen.kind == STRING else rng.choice(NUMBERS)
        return
    items = chosen.value
    match rng.randrange(5):
        case 0:
            del items[rng.randrange(len(items)) :]
        case 1:
            items.extend(items[: rng.randint(1, 400)])
        case 2:
            items[rng.randrange(len(items))] = rng.choice(TEXTS) if chosen.kind == STRING else rng.choice(NUMBERS)
        case 3:
            rng.shuffle(items)
        case _:
            items[:] = [items[0]] * len(items)


def _shapes(rng: random.Random, made: Gguf, _good: Good) -> None:
    tensor = rng.choice(made.tensors)
    match rng.randrange(5):
        case 0:
            tensor.shape.reverse()
        case 1:
            tensor.shape = [rng.choice((1, 32, 64, 4_096, 2**31, 2**63)) for _ in range(rng.randint(0, 4))]
        case 2:
            tensor.shape[rng.randrange(len(tensor.shape))] = rng.choice((0, 1, 32, 2**32))
        case 3:
            tensor.offset = rng.choice((tensor.offset + 1, tensor.offset ^ 32, 0, len(made.data), 2**63, 2**64 - 32))
        case _:
            tensor.offset = rng.choice(made.tensors).offset


def _weights(rng: random.Random, made: Gguf, _good: Good) -> None:
    """Numbers that no arithmetic likes: nothing but NaN, infinity, or noise in a stretch of the data."""
    data = bytearray(made.data)
    start = rng.randrange(0, len(data) - 64, 4)
    size = min(rng.choice((4, 64, 4_096, len(data))), len(data) - start) // 4 * 4
    noise = rng.choice((struct.pack("<f", float("nan")), struct.pack("<f", float("inf")), b"\xff" * 4, None))
    data[start : start + size] = rng.randbytes(size) if noise is None else noise * (size // 4)
    made.data = bytes(data)


def _architecture(rng: random.Random, made: Gguf, _good: Good) -> None:
    """Another architecture's name, with its keys or without."""
    name = made.value(b"general.architecture")
    assert name is not None, "every good model has one"
    old, name.value = name.value, rng.choice(ARCHITECTURES)
    if rng.random() < 0.7:
        for one in made.values:
            if one.key.startswith(old + b"."):
                one.key = name.value + one.key[len(old) :]


DAMAGES: dict[str, Damage] = {
    "bits": _bits,
    "lengths": _overwritten("length"),
    "counts": _overwritten("count", "dimension"),
    "types": _overwritten("type", "version"),
    "offsets": _overwritten("offset"),
    "truncation": _truncated,
    "loss": _lost,
    "splice": _spliced,
    "numbers": _rebuilt(_numbers),
    "missing": _rebuilt(_missing),
    "other types": _rebuilt(_types),
    "texts": _rebuilt(_texts),
    "template": _rebuilt(_template),
    "tokenizer": _rebuilt(_tokenizer),
    "shapes": _rebuilt(_shapes),
    "weights": _rebuilt(_weights),
    "architecture": _rebuilt(_architecture),
}
