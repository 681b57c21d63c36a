"""Everything that decides the weights, beside the corpus and the code."""

from __future__ import annotations

from dataclasses import dataclass

from models.distill.network import Shape

HEAD = 64  # numbers in one head of attention


@dataclass(frozen=True, slots=True)
class Recipe:
    """`requests` is how many are drawn in all, `round_size` at a time; the teacher sits in for the first
    `teacher_until` of them; the rate falls to nothing over the last `fall`."""

    seed: int = 7
    requests: int = 700_000
    round_size: int = 16_000
    tokens_per_step: int = 6_000
    rate: float = 0.012
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

    @property
    def shape(self) -> Shape:
        return Shape(self.vocabulary, self.width, self.layers, self.width // HEAD, self.hidden)

    def share_of_rate(self, step: int, done: float) -> float:
        """Of the full learning rate, at a step with `done` (0 to 1) of the requests seen."""
        return min(1.0, (step + 1) / self.warm_up_steps, max(0.02, (1 - done) / self.fall))
