"""What a student takes from a teacher can be measured, on a network small enough to train here."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch", reason="students are trained with the optional extra `train`")

from models.distill import tokenizer as bpe  # noqa: E402
from models.distill.batches import IGNORE, batches, rows  # noqa: E402
from models.distill.distilled import distance, states  # noqa: E402
from models.distill.encoding import encode  # noqa: E402
from models.distill.network import Shape  # noqa: E402
from models.distill.quantise import divergence  # noqa: E402
from models.distill.recipe import Recipe  # noqa: E402
from models.distill.student import Student  # noqa: E402
from models.distill.train import optimizers  # noqa: E402
from models.distill.wording import Marked, Segment  # noqa: E402

WORDS = ("figs", "dates", "plums", "pears", "grapes", "limes")
MEANINGS = torch.nn.functional.normalize(
    torch.randn(len(WORDS), 384, generator=torch.Generator().manual_seed(1)), dim=-1
)


def request(rng: random.Random) -> tuple[str, list[int]]:
    chosen = [rng.randrange(len(WORDS)) for _ in range(3)]
    return " ".join(WORDS[at] for at in chosen), chosen


def test_training_on_the_teacher_brings_the_student_nearer_to_it_than_the_average():
    torch.manual_seed(1)
    rng = random.Random(1)
    drawn = [request(rng) for _ in range(96)]
    encoded = [encode(Marked([Segment(text)], [("<handoff>",)])) for text, _ in drawn]
    tokenizer = bpe.train([one.prompt for one in encoded], 600)
    goals = [MEANINGS[chosen] for _, chosen in drawn]
    student = Student(Shape(tokenizer.get_vocab_size(), 64, 1, 1, 96), 0.0)
    learnt, unseen = slice(0, 64), slice(64, 96)

    @torch.no_grad()
    def apart() -> float:
        here = states(student.network, encoded[unseen], tokenizer)[:, :-1]
        return distance(student.meaning(here), torch.cat(goals[unseen]))

    untrained = apart()
    both = optimizers(student, Recipe(rate=0.02, embedding_rate=0.01))
    for _ in range(30):
        for batch in batches(rows(encoded[learnt], tokenizer), tokenizer, 2_000, rng):
            loss, role_loss, meaning_loss = student.losses(batch, torch.cat([goals[at] for at in batch.members]))
            for optimizer in both:
                optimizer.zero_grad()
            (loss + role_loss + meaning_loss).backward()
            for optimizer in both:
                optimizer.step()
    average = torch.cat(goals[learnt]).mean(0).expand(len(torch.cat(goals[unseen])), -1)
    assert apart() < distance(average, torch.cat(goals[unseen])) < untrained


def test_meanings_that_the_teacher_does_not_reach_teach_nothing():
    encoded = encode(Marked([Segment("figs dates")], [("<handoff>",)]))
    tokenizer = bpe.train([encoded.prompt], 600)
    student = Student(Shape(tokenizer.get_vocab_size(), 64, 1, 1, 96), 0.0)
    (batch,) = batches(rows([encoded], tokenizer), tokenizer, 1_000, random.Random(1))
    assert int((batch.roles != IGNORE).sum()) == 2
    assert student.losses(batch, torch.zeros(2, 384))[2].item() == 0.0


def test_divergence_is_nothing_between_equals_and_grows_with_difference():
    parent = {"a": 0.9, "b": 0.1}
    assert divergence(parent, parent) == 0.0
    assert 0 < divergence(parent, {"a": 0.8, "b": 0.2}) < divergence(parent, {"a": 0.1, "b": 0.9})
