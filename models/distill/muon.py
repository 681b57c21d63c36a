"""The Muon optimizer: momentum whose matrix updates are made orthogonal, so that rare directions learn as fast.

It reaches a given loss in clearly fewer steps than AdamW on this network, for about a fifth more time a step. Matrices
of one shape are worked on together. Embeddings, norms and heads stay with AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor

_A, _B, _C = 3.4445, -4.7750, 2.0315  # the quintic that drives every singular value towards one
ROUNDS = 5


class Muon(torch.optim.Optimizer):
    def __init__(
        self, matrices: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(list(matrices), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                by_shape.setdefault(matrix.shape, []).append(matrix)
            for matrices in by_shape.values():
                self._step(matrices, group)

    def _step(self, matrices: list[Tensor], group: dict[str, float]) -> None:
        updates = []
        for matrix in matrices:
            moving = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
            moving.lerp_(matrix.grad, 1 - group["momentum"])
            updates.append(matrix.grad.lerp(moving, group["momentum"]))
        scale = max(1.0, matrices[0].shape[0] / matrices[0].shape[1]) ** 0.5
        for matrix, update in zip(matrices, _shared(torch.stack(updates)), strict=True):
            matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"] * scale)


def _shared(updates: Tensor) -> Tensor:
    """Each process makes its share of the updates orthogonal; together they have all."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return orthogonal(updates)
    made = torch.zeros_like(updates)
    mine = slice(dist.get_rank(), None, dist.get_world_size())
    if len(updates[mine]):
        made[mine] = orthogonal(updates[mine])
    dist.all_reduce(made)
    return made


def orthogonal(stacked: Tensor) -> Tensor:
    """Each matrix of (n, rows, columns) with its singular values near one."""
    x = stacked.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = _A * x + (_B * square + _C * square @ square) @ x
    return (x.mT if tall else x).float()
