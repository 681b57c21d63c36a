"""The training loop: bf16, Muon and AdamW, a constant rate with a long fall, fresh requests from one recorded seed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from models.distill import distilled, start
from models.distill import tokenizer as bpe
from models.distill.batches import Batch, batches, draw, rows, shifted
from models.distill.compose import Composer
from models.distill.corpus import Invented, Wording, digest, inventions, wordings
from models.distill.encoding import Encoded
from models.distill.muon import Muon
from models.distill.recipe import Recipe
from models.distill.student import Student, held_out_score
from models.distill.teacher import Teacher, folder
from models.distill.teacher import facts as teacher_facts

HELD_OUT_DRAWN = 800
TOLD_EVERY = 50  # steps


def train(recipe: Recipe, out: Path, processes: int = 2) -> None:
    """Writes tokenizer.json, weights.pt and recipe.json to `out`.

    One thread in each of `processes`, gradients averaged after each step: on a busy machine threads that meet after
    every product wait most of their time.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "meeting").unlink(missing_ok=True)
    started = time.monotonic()
    torch.multiprocessing.spawn(_process, (processes, recipe, out), processes)
    facts = {"seconds": round(time.monotonic() - started), "processes": processes, "corpus_sha256": digest()}
    taken = {"teacher": teacher_facts(), "distilled": distilled.measure(out)}
    (out / "recipe.json").write_text(json.dumps(asdict(recipe) | facts | taken, indent=1))


def _process(rank: int, processes: int, recipe: Recipe, out: Path) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{(out / 'meeting').resolve()}"
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=processes)
    Training(recipe, out, rank, processes).run()
    dist.destroy_process_group()


class Training:
    """What one of several processes does: its share of each step, on requests of its own drawing."""

    def __init__(self, recipe: Recipe, out: Path, rank: int, processes: int) -> None:
        self._recipe = recipe
        self._out = out
        self._first = rank == 0
        self._processes = processes
        self._rng = random.Random(recipe.seed + rank)
        self._teacher = Teacher(folder())
        words = self._teacher.vocabulary()
        (learnt, known), (kept, hidden) = _corpus(held_out=False), _corpus(held_out=True)
        self._composer = Composer(learnt, known, recipe.seed + 100 * rank, words)
        if self._first:
            torch.manual_seed(recipe.seed)
            start.write(out, Composer(learnt, known, recipe.seed, words), recipe.shape, words)
        dist.barrier()
        self._tokenizer = bpe.load(out / "tokenizer.json")
        self._held_out = rows(draw(Composer(kept, hidden, recipe.seed + 1), HELD_OUT_DRAWN), self._tokenizer)
        torch.manual_seed(recipe.seed)  # the first process has drawn by now: all begin with the same heads
        self._student = Student(recipe.shape, recipe.drop)
        self._student.network.load_state_dict(torch.load(out / "start.pt", weights_only=True))
        self._optimizers = optimizers(self._student, recipe)
        self._started, self._step, self._seen = time.monotonic(), 0, 0

    def run(self) -> None:
        while self._seen < self._recipe.requests:
            for batch, meanings in self._round():
                self._learn(batch, meanings)
            self._seen = _fewest(self._seen)
            if self._first:
                self._save()

    def _round(self) -> Iterator[tuple[Batch, Tensor | None]]:
        """The batches of freshly drawn requests, with the teacher's meanings while it sits in."""
        drawn = [shifted(one, self._rng) for one in draw(self._composer, self._recipe.round_size // self._processes)]
        taught = self._seen < self._recipe.teacher_until * self._recipe.requests
        meanings = _meanings(self._teacher, drawn) if taught else None
        tokens_max = self._recipe.tokens_per_step // self._processes
        prepared = list(batches(rows(drawn, self._tokenizer), self._tokenizer, tokens_max, self._rng))
        for batch in prepared[: _fewest(len(prepared))]:
            yield batch, torch.cat([meanings[at] for at in batch.members]).float() if meanings else None

    def _learn(self, batch: Batch, meanings: Tensor | None) -> None:
        recipe = self._recipe
        share = recipe.share_of_rate(self._step, self._seen / recipe.requests)
        for optimizer, rate in zip(self._optimizers, (recipe.rate, recipe.embedding_rate), strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
            optimizer.zero_grad()
        loss, roles, meaning = self._student.losses(batch, meanings)
        (loss + recipe.role_weight * roles + recipe.teacher_weight * meaning).backward()
        _average(self._student)
        for optimizer in self._optimizers:
            optimizer.step()
        self._seen, self._step = self._seen + self._processes * len(batch.tokens), self._step + 1
        if self._first and self._step % TOLD_EVERY == 0:
            print(f"{time.monotonic() - self._started:6.0f} s  step {self._step}  seen {self._seen}  loss {loss:.4f}  "
                  f"roles {roles:.4f}  meanings {meaning:.4f}", flush=True)  # fmt: skip

    def _save(self) -> None:
        network = self._student.network
        print(f"held out: {held_out_score(network, self._held_out, self._tokenizer):.3f} exact", flush=True)
        shape = self._recipe.shape.as_dict()
        torch.save({"shape": shape, "weights": network.state_dict()}, self._out / "weights.pt")


def _corpus(*, held_out: bool) -> tuple[list[Wording], list[Invented]]:
    lines = [line for line in wordings() if line.held_out is held_out]
    return lines, [tool for tool in inventions() if tool.held_out is held_out]


def optimizers(student: Student, recipe: Recipe) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon for the matrices between the layers, AdamW for all else."""
    matrices = [p for p in student.network.blk.parameters() if p.dim() > 1]
    chosen = {id(p) for p in matrices}
    others = [p for p in student.parameters() if id(p) not in chosen]
    return (
        Muon(matrices, lr=recipe.rate, weight_decay=recipe.decay),
        torch.optim.AdamW(others, lr=recipe.embedding_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    )


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
