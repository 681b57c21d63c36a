from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch", reason="batches are tensors of the optional extra `train`")

from models.distill import tokenizer as bpe  # noqa: E402
from models.distill.batches import IGNORE, batches, rows, shifted  # noqa: E402
from models.distill.encoding import encode  # noqa: E402
from models.distill.wording import Marked, Segment  # noqa: E402
from models.starter.vocabulary import PIECES_MAX  # noqa: E402

REQUEST = Marked(
    [Segment("email "), Segment("Dana", (0, "to")), Segment(": it is on", (0, "body"))], [("<email.send>",)]
)


def encoded():
    made = encode(REQUEST)
    assert made is not None
    return made


def test_the_answer_and_the_roles_stand_where_they_are_learnt():
    tokenizer = bpe.train([encoded().prompt], 1024)
    (batch,) = batches(rows([encoded()], tokenizer), tokenizer, 1000, random.Random(1))
    answer = [tokenizer.id_to_token(number) for number in batch.targets[batch.targets != IGNORE]]
    assert tuple(answer) == encoded().answer
    marks = batch.tokens[batch.roles != IGNORE]
    assert [tokenizer.id_to_token(number) for number in marks] == [f"<w{n}>" for n in range(len(encoded().roles))]
    prompt = [tokenizer.id_to_token(number) for number in batch.tokens[0, : batch.prompts[0]]]
    assert (prompt[0], prompt[-1]) == ("<s>", "<answer>")


def test_shifting_moves_prompt_and_answer_alike():
    moved = {shifted(encoded(), random.Random(seed)) for seed in range(40)}
    assert len(moved) > 3
    for one in moved:
        by = int(one.prompt.split("<w")[1].split(">")[0])
        assert 0 <= by < PIECES_MAX
        assert one.answer[2] == f"<w{by + 1}>"


def test_requests_longer_than_the_numbers_are_left_out():
    assert encode(Marked([Segment("word " * (PIECES_MAX + 5))], [("<handoff>",)])) is None
