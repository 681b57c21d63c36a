"""The network while it learns: two heads that only training has, its losses, and how much of the held out it knows.

Beside the answer it learns two things where the numbers of the pieces stand: the role of the piece, which tells it at
every word what an answer tells it only at two borders; and, in the first part, what the word means there in the eyes
of the teacher. Both heads are dropped at export.
"""

from __future__ import annotations

import random

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from models.distill.batches import IGNORE, Batch, Row, batches
from models.distill.encoding import ROLES
from models.distill.network import Llama, Shape
from models.distill.teacher import WIDTH
from models.starter.vocabulary import SPECIAL_TOKENS


class Student(nn.Module):
    """Drops `drop` of the activations while it trains."""

    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        self.network = Llama(shape, drop)
        self.roles = nn.Linear(shape.width, ROLES)
        self.meaning = nn.Linear(shape.width, WIDTH)

    def losses(self, batch: Batch, meanings: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Of the answers, of the roles, and of the meanings (0 without a teacher)."""
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.network(batch.tokens, batch.prompts)
        answers, marks = batch.targets != IGNORE, batch.roles != IGNORE
        loss = F.cross_entropy(logits(self.network, hidden[answers]), batch.targets[answers])
        at_marks = hidden[marks].float()
        role_loss = F.cross_entropy(self.roles(at_marks), batch.roles[marks])
        return loss, role_loss, at_marks.new_zeros(()) if meanings is None else self._distance(at_marks, meanings)

    def _distance(self, at_marks: Tensor, meanings: Tensor) -> Tensor:
        known = meanings.pow(2).sum(-1) > 0
        near = F.cosine_similarity(self.meaning(at_marks[known]), meanings[known], dim=-1)
        return 1 - near.mean() if known.any() else at_marks.sum() * 0


def logits(network: Llama, hidden: Tensor) -> Tensor:
    """Only special tokens are ever answered, and they come first in the vocabulary."""
    return hidden.float() @ network.token_embd.weight[: len(SPECIAL_TOKENS)].float().T


@torch.no_grad()
def held_out_score(network: Llama, data: list[Row], tokenizer: Tokenizer) -> float:
    """Share of requests whose every answer token is the most probable one, given the right ones before it."""
    network.eval()
    right = total = 0
    for batch in batches(data, tokenizer, 8000, random.Random(0)):
        with torch.autocast("cpu", torch.bfloat16):
            hidden = network(batch.tokens, batch.prompts)
        guess = logits(network, hidden).argmax(-1)
        right += int(((guess == batch.targets) | (batch.targets == IGNORE)).all(1).sum())
        total += len(batch.tokens)
    network.train()
    return right / total
