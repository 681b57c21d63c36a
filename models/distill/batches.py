"""Encoded requests as tensors, in batches of like length; the numbers of some are shifted so that all get learnt."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.distill.compose import Composer
from models.distill.encoding import Encoded, encode
from models.starter.vocabulary import PAD, PIECES_MAX, word_token

SHIFT_SHARE = 0.25  # of training requests whose numbering does not start at w0
IGNORE = -100
_NUMBER = re.compile(r"<w(\d+)>")


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of prompt and answer; where the answer starts; where each number stands, and the role there."""

    tokens: tuple[int, ...]
    answer_at: int
    marks: tuple[int, ...]
    roles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """All (requests, tokens) but `prompts` (requests). `targets` holds the next token where the answer is, `roles` the
    label where a number stands; `prompts` the length of each prompt; `members` the rows it was
    made of, as places in the data."""

    tokens: Tensor
    prompts: Tensor
    targets: Tensor
    roles: Tensor
    members: list[int]


def draw(composer: Composer, count: int) -> list[Encoded]:
    drawn = (encode(composer.draw()) for _ in range(count))
    return [encoded for encoded in drawn if encoded]


def shifted(encoded: Encoded, rng: random.Random) -> Encoded:
    """The same request with its numbers moved up."""
    free = PIECES_MAX - len(encoded.roles)
    if rng.random() > SHIFT_SHARE or free < 1:
        return encoded
    by = rng.randint(1, free)

    def move(match: re.Match[str]) -> str:
        return word_token(int(match.group(1)) + by)

    return replace(
        encoded,
        prompt=_NUMBER.sub(move, encoded.prompt),
        answer=tuple(_NUMBER.sub(move, token) for token in encoded.answer),
    )


def rows(examples: list[Encoded], tokenizer: Tokenizer) -> list[Row]:
    prompts = tokenizer.encode_batch_fast([example.prompt for example in examples], add_special_tokens=False)
    numbers = {tokenizer.token_to_id(word_token(number)) for number in range(PIECES_MAX)}
    made = []
    for example, prompt in zip(examples, prompts, strict=True):
        answer = [tokenizer.token_to_id(token) for token in example.answer]
        marks = tuple(at for at, token in enumerate(prompt.ids) if token in numbers)
        made.append(Row((*prompt.ids, *answer), len(prompt.ids), marks, example.roles))
    return made


def batches(data: list[Row], tokenizer: Tokenizer, tokens_max: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of at most `tokens_max` padded tokens each, in random order."""
    pad = tokenizer.token_to_id(PAD)
    order = sorted(range(len(data)), key=lambda at: len(data[at].tokens) + rng.random() * 6)
    groups: list[list[int]] = [[]]
    for at in order:
        if groups[-1] and (len(groups[-1]) + 1) * (len(data[at].tokens) + 6) > tokens_max:
            groups.append([])
        groups[-1].append(at)
    rng.shuffle(groups)
    for group in groups:
        yield _batch(data, group, pad)


def _batch(data: list[Row], members: list[int], pad: int) -> Batch:
    chosen = [data[at] for at in members]
    shape = len(chosen), max(len(row.tokens) for row in chosen)
    tokens, targets, roles = torch.full(shape, pad), torch.full(shape, IGNORE), torch.full(shape, IGNORE)
    for at, row in enumerate(chosen):
        ids = torch.tensor(row.tokens)
        tokens[at, : len(ids)] = ids
        targets[at, row.answer_at - 1 : len(ids) - 1] = ids[row.answer_at :]
        roles[at, list(row.marks)] = torch.tensor(row.roles)
    return Batch(tokens, torch.tensor([row.answer_at for row in chosen]), targets, roles, members)
