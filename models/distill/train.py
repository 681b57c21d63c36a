"""The training loop: bf16, Muon and AdamW, a constant rate with a long fall, fresh requests from one recorded seed.

Beside the answer the network learns the role of each piece where the numbers are repeated; that head is dropped at
export. It tells the network at every piece what an answer tells it only at its two borders.
"""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from models.distill import tokenizer as bpe
from models.distill.batches import IGNORE, Batch, Row, batches, draw, rows, shifted
from models.distill.corpus import Composer, wordings
from models.distill.encoding import ROLES
from models.distill.muon import Muon
from models.distill.network import Llama, Shape
from models.starter.vocabulary import SPECIAL_TOKENS


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights. `requests` is how many are drawn in all, `round_size` at a time."""

    seed: int = 7
    requests: int = 240_000
    round_size: int = 24_000
    tokens_per_step: int = 4_000
    rate: float = 0.015
    embedding_rate: float = 2.5e-3
    warm_up_steps: int = 60
    fall: float = 0.6
    decay: float = 0.05
    drop: float = 0.0
    role_weight: float = 0.5
    width: int = 256
    layers: int = 5
    hidden: int = 704


def train(recipe: Recipe, out: Path, begin: Path | None = None) -> None:
    """Writes tokenizer.json, weights.pt and recipe.json to `out`; goes on from what an earlier run left in `begin`."""
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    lines = wordings()
    composer = Composer([line for line in lines if not line.held_out], recipe.seed)
    first = draw(composer, recipe.round_size)
    tokenizer = bpe.load(begin / "tokenizer.json") if begin else bpe.train([example.prompt for example in first])
    tokenizer.save(str(out / "tokenizer.json"))
    held_out = rows(draw(Composer([line for line in lines if line.held_out], recipe.seed + 1), 1500), tokenizer)

    shape = Shape(tokenizer.get_vocab_size(), recipe.width, recipe.layers, recipe.width // 32, recipe.hidden)
    network = Llama(shape, recipe.drop)
    roles = nn.Linear(recipe.width, ROLES)
    if begin:
        saved = torch.load(begin / "weights.pt", weights_only=True)
        network.load_state_dict(saved["weights"])
        if "roles" in saved:
            roles.load_state_dict(saved["roles"])
    optimizers = _optimizers(network, roles, recipe)
    print(f"{sum(p.numel() for p in network.parameters()):,} parameters", flush=True)
    started, step, seen = time.monotonic(), 0, 0
    for _ in range(math.ceil(recipe.requests / recipe.round_size)):
        examples = [shifted(example, rng) for example in first or draw(composer, recipe.round_size)]
        first = []
        data = rows(examples, tokenizer)
        for batch in batches(data, tokenizer, recipe.tokens_per_step, rng):
            _set_rate(optimizers, recipe, step, seen / recipe.requests)
            loss, role_loss = _losses(network, roles, batch)
            for optimizer in optimizers:
                optimizer.zero_grad()
            (loss + recipe.role_weight * role_loss).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
            seen, step = seen + len(batch.tokens), step + 1
            if step % 50 == 0:
                print(f"{time.monotonic() - started:6.0f} s  step {step}  seen {seen}  loss {loss:.4f}  "
                      f"roles {role_loss:.4f}", flush=True)  # fmt: skip
        print(f"held out: {held_out_score(network, held_out, tokenizer):.3f} exact", flush=True)
        torch.save(
            {"shape": shape.as_dict(), "weights": network.state_dict(), "roles": roles.state_dict()}, out / "weights.pt"
        )
    (out / "recipe.json").write_text(
        json.dumps(asdict(recipe) | {"seconds": round(time.monotonic() - started)}, indent=1)
    )


@torch.no_grad()
def held_out_score(network: Llama, data: list[Row], tokenizer: Tokenizer) -> float:
    """Share of requests whose every answer token is the most probable one, given the right ones before it."""
    network.eval()
    right = total = 0
    for batch in batches(data, tokenizer, 8000, random.Random(0)):
        with torch.autocast("cpu", torch.bfloat16):
            hidden = network(batch.tokens)
        guess = _logits(network, hidden).argmax(-1)
        right += int(((guess == batch.targets) | (batch.targets == IGNORE)).all(1).sum())
        total += len(batch.tokens)
    network.train()
    return right / total


def _optimizers(network: Llama, roles: nn.Linear, recipe: Recipe) -> list[torch.optim.Optimizer]:
    matrices = [p for p in network.blk.parameters() if p.dim() > 1]
    rest = [p for p in network.parameters() if p.dim() <= 1]
    others = [network.token_embd.weight, *rest, *roles.parameters()]
    return [
        Muon(matrices, lr=recipe.rate, weight_decay=recipe.decay),
        torch.optim.AdamW(others, lr=recipe.embedding_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def _set_rate(optimizers: list[torch.optim.Optimizer], recipe: Recipe, step: int, done: float) -> None:
    share = min(1.0, (step + 1) / recipe.warm_up_steps, max(0.03, (1 - done) / recipe.fall))
    for optimizer, rate in zip(optimizers, (recipe.rate, recipe.embedding_rate), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * share


def _logits(network: Llama, hidden: Tensor) -> Tensor:
    """Only special tokens are ever answered, and they come first in the vocabulary."""
    return hidden.float() @ network.token_embd.weight[: len(SPECIAL_TOKENS)].float().T


def _losses(network: Llama, roles: nn.Linear, batch: Batch) -> tuple[Tensor, Tensor]:
    with torch.autocast("cpu", torch.bfloat16):
        hidden = network(batch.tokens)
    answers, marks = batch.targets != IGNORE, batch.roles != IGNORE
    loss = F.cross_entropy(_logits(network, hidden[answers]), batch.targets[answers])
    return loss, F.cross_entropy(roles(hidden[marks].float()), batch.roles[marks])
