"""The training loop: bf16, Muon and AdamW, a constant rate with a long fall, fresh requests from one recorded seed.

In two stages: most of it on the corpus as first written, then a short one, at a lower rate, with the late files too.

Beside the answer the network learns two things where the numbers of the pieces stand: the role of the piece, which
tells it at every word what an answer tells it only at two borders; and, in the first part, what the word means there
in the eyes of the teacher. Both heads are dropped at export.
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

from models.distill import distilled, start
from models.distill import tokenizer as bpe
from models.distill.batches import IGNORE, Batch, Row, batches, draw, rows, shifted
from models.distill.compose import Composer
from models.distill.corpus import digest, inventions, wordings
from models.distill.encoding import ROLES, Encoded
from models.distill.muon import Muon
from models.distill.network import Llama, Shape
from models.distill.teacher import WIDTH, Teacher, folder
from models.distill.teacher import facts as teacher_facts
from models.starter.vocabulary import SPECIAL_TOKENS

HELD_OUT_DRAWN = 800
HEAD = 64  # numbers in one head of attention


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights. `requests` is how many are drawn in all, `round_size` at a time."""

    seed: int = 7
    requests: int = 600_000
    late_requests: int = 100_000
    round_size: int = 16_000
    tokens_per_step: int = 6_000
    rate: float = 0.012
    late_rate: float = 0.35  # of the first stage's, at its start
    embedding_rate: float = 2.5e-3
    warm_up_steps: int = 60
    fall: float = 0.7
    decay: float = 0.05
    drop: float = 0.0
    role_weight: float = 0.5
    teacher_weight: float = 0.5
    teacher_until: float = 0.15
    vocabulary: int = 16_384
    width: int = 320
    layers: int = 6
    hidden: int = 896


@dataclass(frozen=True, slots=True)
class Stage:
    """`taught`: the share of it that the teacher sits in on; `begin`: the weights it goes on from."""

    number: int
    requests: int
    rate: float
    fall: float
    taught: float
    begin: str

    @property
    def late(self) -> bool:
        return self.number > 0


def stages(recipe: Recipe) -> tuple[Stage, ...]:
    first = Stage(0, recipe.requests, 1.0, recipe.fall, recipe.teacher_until, "start.pt")
    late = Stage(1, recipe.late_requests, recipe.late_rate, 1.0, 0.0, "weights.pt")
    return (first, late) if recipe.late_requests else (first,)


class Student(nn.Module):
    """The network with the heads that only training has."""

    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        self.network = Llama(shape, drop)
        self.roles = nn.Linear(shape.width, ROLES)
        self.meaning = nn.Linear(shape.width, WIDTH)

    def optimizers(self, recipe: Recipe) -> list[torch.optim.Optimizer]:
        matrices = [p for p in self.network.blk.parameters() if p.dim() > 1]
        chosen = {id(p) for p in matrices}
        others = [p for p in self.parameters() if id(p) not in chosen]
        return [
            Muon(matrices, lr=recipe.rate, weight_decay=recipe.decay),
            torch.optim.AdamW(others, lr=recipe.embedding_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        ]

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


def train(recipe: Recipe, out: Path, processes: int = 2) -> None:
    """Writes tokenizer.json, weights.pt and recipe.json to `out`.

    One thread in each of `processes`, gradients averaged after each step: on a busy machine threads that meet after
    every product wait most of their time.
    """
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    for stage in stages(recipe):
        (out / "meeting").unlink(missing_ok=True)
        torch.multiprocessing.spawn(_train, (processes, recipe, stage, out), processes)
    facts = {"seconds": round(time.monotonic() - started), "processes": processes, "corpus_sha256": digest()}
    taken = {"teacher": teacher_facts(), "distilled": distilled.measure(out)}
    (out / "recipe.json").write_text(json.dumps(asdict(recipe) | facts | taken, indent=1))


def _train(rank: int, processes: int, recipe: Recipe, stage: Stage, out: Path) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{(out / 'meeting').resolve()}"
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=processes)
    seed = recipe.seed + 1_000 * stage.number
    torch.manual_seed(seed)
    rng = random.Random(seed + rank)
    teacher = Teacher(folder())
    words = teacher.vocabulary()
    lines = [line for line in wordings() if stage.late or not line.late]
    tools = [tool for tool in inventions() if stage.late or not tool.late]
    learnt, kept = ([one for one in lines if one.held_out is held] for held in (False, True))
    known, hidden = ([one for one in tools if one.held_out is held] for held in (False, True))
    composer = Composer(learnt, known, seed + 100 * rank, words)
    shape = Shape(recipe.vocabulary, recipe.width, recipe.layers, recipe.width // HEAD, recipe.hidden)
    if rank == 0 and not stage.late:
        start.write(out, Composer(learnt, known, seed, words), shape, words)
    dist.barrier()
    tokenizer = bpe.load(out / "tokenizer.json")
    student = Student(shape, recipe.drop)
    begin = torch.load(out / stage.begin, weights_only=True)
    student.network.load_state_dict(begin["weights"] if stage.late else begin)
    held_out = rows(draw(Composer(kept, hidden, seed + 1), HELD_OUT_DRAWN), tokenizer)
    optimizers = student.optimizers(recipe)
    started, step, seen = time.monotonic(), 0, 0
    while seen < stage.requests:
        drawn = [shifted(one, rng) for one in draw(composer, recipe.round_size // processes)]
        taught = seen < stage.taught * stage.requests
        meanings = _meanings(teacher, drawn) if taught else None
        prepared = list(batches(rows(drawn, tokenizer), tokenizer, recipe.tokens_per_step // processes, rng))
        for batch in prepared[: _fewest(len(prepared))]:
            _set_rate(optimizers, recipe, stage, step, seen / stage.requests)
            goal = torch.cat([meanings[at] for at in batch.members]).float() if meanings else None
            loss, role_loss, meaning_loss = student.losses(batch, goal)
            for optimizer in optimizers:
                optimizer.zero_grad()
            (loss + recipe.role_weight * role_loss + recipe.teacher_weight * meaning_loss).backward()
            _average(student)
            for optimizer in optimizers:
                optimizer.step()
            seen, step = seen + processes * len(batch.tokens), step + 1
            if step % 50 == 0 and rank == 0:
                print(f"{time.monotonic() - started:6.0f} s  step {step}  seen {seen}  loss {loss:.4f}  "
                      f"roles {role_loss:.4f}  meanings {meaning_loss:.4f}", flush=True)  # fmt: skip
        seen = _fewest(seen)
        if rank == 0:
            print(f"held out: {held_out_score(student.network, held_out, tokenizer):.3f} exact", flush=True)
            torch.save({"shape": shape.as_dict(), "weights": student.network.state_dict()}, out / "weights.pt")
    dist.destroy_process_group()


def _meanings(teacher: Teacher, drawn: list[Encoded]) -> list[Tensor]:
    """What each piece of each request means, at two bytes a number; zero where the teacher's language ends."""
    found = teacher.words_of([one.text for one in drawn], [one.spans for one in drawn])
    return [one.half() for one in found]


def _fewest(count: int) -> int:
    """The smallest of a number over all processes, so that none waits for a step another does not take."""
    shared = torch.tensor(count)
    dist.all_reduce(shared, dist.ReduceOp.MIN)
    return int(shared)


def _average(student: Student) -> None:
    parameters = [p for p in student.parameters() if p.grad is not None]
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
            hidden = network(batch.tokens, batch.prompts)
        guess = logits(network, hidden).argmax(-1)
        right += int(((guess == batch.targets) | (batch.targets == IGNORE)).all(1).sum())
        total += len(batch.tokens)
    network.train()
    return right / total


def _set_rate(optimizers: list[torch.optim.Optimizer], recipe: Recipe, stage: Stage, step: int, done: float) -> None:
    share = stage.rate * min(1.0, (step + 1) / recipe.warm_up_steps, max(0.03, (1 - done) / stage.fall))
    for optimizer, rate in zip(optimizers, (recipe.rate, recipe.embedding_rate), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * share


def logits(network: Llama, hidden: Tensor) -> Tensor:
    """Only special tokens are ever answered, and they come first in the vocabulary."""
    return hidden.float() @ network.token_embd.weight[: len(SPECIAL_TOKENS)].float().T
