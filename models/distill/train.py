"""The training loop: bf16, Muon and AdamW, a constant rate with a long fall, fresh requests from one recorded seed.

Beside the answer the network learns the role of each piece where the numbers are repeated; that head is dropped at
export. It tells the network at every piece what an answer tells it only at its two borders.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from models.distill import tokenizer as bpe
from models.distill.batches import IGNORE, Batch, Row, batches, draw, rows, shifted
from models.distill.corpus import Composer, Wording, digest, wordings
from models.distill.encoding import ROLES
from models.distill.muon import Muon
from models.distill.network import Llama, Shape
from models.starter.vocabulary import SPECIAL_TOKENS


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights. `requests` is how many are drawn in all, `round_size` at a time."""

    seed: int = 7
    requests: int = 160_000
    round_size: int = 16_000
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


def train(recipe: Recipe, out: Path, begin: Path | None = None, processes: int = 2) -> None:
    """Writes tokenizer.json, weights.pt and recipe.json to `out`; goes on from what an earlier run left in `begin`.

    One thread in each of `processes`, gradients averaged after each step: on a busy machine threads that meet after
    every product wait most of their time.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.multiprocessing.spawn(_train, (processes, recipe, out, begin), processes)


def _train(rank: int, processes: int, recipe: Recipe, out: Path, begin: Path | None) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{(out / 'meeting').resolve()}"
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=processes)
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed + rank)
    lines = wordings()
    composer = Composer([line for line in lines if not line.held_out], recipe.seed + 100 * rank)
    tokenizer = _tokenizer(rank, recipe, lines, out, begin)
    held_out = rows(draw(Composer([line for line in lines if line.held_out], recipe.seed + 1), 600), tokenizer)
    shape = Shape(tokenizer.get_vocab_size(), recipe.width, recipe.layers, recipe.width // 32, recipe.hidden)
    network, roles = Llama(shape, recipe.drop), nn.Linear(recipe.width, ROLES)
    if begin:
        saved = torch.load(begin / "weights.pt", weights_only=True)
        network.load_state_dict(saved["weights"])
        roles.load_state_dict(saved.get("roles", roles.state_dict()))
    optimizers = _optimizers(network, roles, recipe)
    started, step, seen = time.monotonic(), 0, 0
    while seen < recipe.requests:
        data = rows([shifted(one, rng) for one in draw(composer, recipe.round_size // processes)], tokenizer)
        prepared = list(batches(data, tokenizer, recipe.tokens_per_step // processes, rng))
        for batch in prepared[: _fewest(len(prepared))]:
            _set_rate(optimizers, recipe, step, seen / recipe.requests)
            loss, role_loss = _losses(network, roles, batch)
            for optimizer in optimizers:
                optimizer.zero_grad()
            (loss + recipe.role_weight * role_loss).backward()
            _average(network, roles)
            for optimizer in optimizers:
                optimizer.step()
            seen, step = seen + processes * len(batch.tokens), step + 1
            if step % 50 == 0 and rank == 0:
                print(f"{time.monotonic() - started:6.0f} s  step {step}  seen {seen}  loss {loss:.4f}  "
                      f"roles {role_loss:.4f}", flush=True)  # fmt: skip
        seen = _fewest(seen)
        if rank == 0:
            print(f"held out: {held_out_score(network, held_out, tokenizer):.3f} exact", flush=True)
            kept = {"shape": shape.as_dict(), "weights": network.state_dict(), "roles": roles.state_dict()}
            torch.save(kept, out / "weights.pt")
    if rank == 0:
        facts = {"seconds": round(time.monotonic() - started), "processes": processes, "corpus_sha256": digest()}
        (out / "recipe.json").write_text(json.dumps(asdict(recipe) | facts, indent=1))
    dist.destroy_process_group()


def _tokenizer(rank: int, recipe: Recipe, lines: list[Wording], out: Path, begin: Path | None) -> Tokenizer:
    """Learnt once by the first process; the others read it."""
    if rank == 0:
        composer = Composer([line for line in lines if not line.held_out], recipe.seed)
        learnt = bpe.load(begin / "tokenizer.json") if begin else bpe.train([e.prompt for e in draw(composer, 24_000)])
        learnt.save(str(out / "tokenizer.json"))
    dist.barrier()
    return bpe.load(out / "tokenizer.json")


def _fewest(count: int) -> int:
    """The smallest of a number over all processes, so that none waits for a step another does not take."""
    shared = torch.tensor(count)
    dist.all_reduce(shared, dist.ReduceOp.MIN)
    return int(shared)


def _average(network: Llama, roles: nn.Linear) -> None:
    parameters = [*network.parameters(), *roles.parameters()]
    together = torch.cat([p.grad.view(-1) for p in parameters])
    dist.all_reduce(together)
    together /= dist.get_world_size()
    for p, grad in zip(parameters, together.split([p.numel() for p in parameters]), strict=True):
        p.grad.copy_(grad.view_as(p))
    nn.utils.clip_grad_norm_(parameters, 1.0)


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
