"""Whether the student took anything from the teacher: held-out requests, what each word means there.

From the states of a network a linear map to the teacher's vectors is fitted on requests that it learnt from, and tried
on wordings that it never saw. `distance` is one less the cosine: 0 is the teacher itself. Beside the student stand a
network that was never trained, and the frequency baseline, which says of every word what words mean on average.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from models.distill import tokenizer as bpe
from models.distill.batches import IGNORE, batches, draw, rows
from models.distill.compose import Composer
from models.distill.corpus import wordings
from models.distill.encoding import Encoded
from models.distill.network import Llama, Shape
from models.distill.teacher import Teacher, folder

SEED = 11
FITTED_ON, TRIED_ON = 2_000, 500
RIDGE = 1.0


def measure(out: Path) -> dict[str, float | int]:
    """Of what `train` left in `out`."""
    saved = torch.load(out / "weights.pt", weights_only=True)
    shape = Shape(**saved["shape"])
    tokenizer, teacher = bpe.load(out / "tokenizer.json"), Teacher(folder())
    lines = [line for line in wordings() if line.language == "en"]
    learnt, unseen = (
        draw(Composer([line for line in lines if line.held_out is held], (), SEED), count)
        for held, count in ((False, FITTED_ON), (True, TRIED_ON))
    )
    student = Llama(shape)
    student.load_state_dict(saved["weights"])
    torch.manual_seed(SEED)
    networks = {"student": student, "untrained": Llama(shape)}
    goals = [torch.cat(teacher.words_of([e.text for e in some], [e.spans for e in some])) for some in (learnt, unseen)]
    found: dict[str, float | int] = {
        name: _tried(network, (learnt, unseen), goals, tokenizer) for name, network in networks.items()
    }
    average = goals[0].mean(0).expand_as(goals[1])
    return found | {"frequency_baseline": distance(average, goals[1]), "words": len(goals[1])}


def _tried(
    network: Llama, requests: tuple[Sequence[Encoded], Sequence[Encoded]], goals: Sequence[Tensor], tokenizer: Tokenizer
) -> float:
    learnt, unseen = (states(network, some, tokenizer) for some in requests)
    square = learnt.T @ learnt + RIDGE * torch.eye(learnt.shape[1])
    return distance(unseen @ torch.linalg.solve(square, learnt.T @ goals[0]), goals[1])


@torch.no_grad()
def states(network: Llama, requests: Sequence[Encoded], tokenizer: Tokenizer) -> Tensor:
    """(pieces of all requests, width + 1): what the network holds where the number of each piece stands, and a 1."""
    found: list[Tensor | None] = [None] * len(requests)
    for batch in batches(rows(list(requests), tokenizer), tokenizer, 8_000, random.Random(SEED)):
        hidden = network.eval()(batch.tokens, batch.prompts)
        for at, state, roles in zip(batch.members, hidden, batch.roles, strict=True):
            found[at] = state[roles != IGNORE]
    together = torch.cat([one for one in found if one is not None])
    return torch.cat((together, torch.ones(len(together), 1)), 1)


def distance(said: Tensor, meant: Tensor) -> float:
    return round(float(1 - F.cosine_similarity(said, meant, dim=-1).mean()), 4)
