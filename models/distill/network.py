"""A dense llama in plain PyTorch: RMS norm, rotary positions, SwiGLU, tied ends. A prompt is read in both directions.

Positions turn by halves, which is quicker here; `interleaved` puts them as llama.cpp has them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

EPSILON = 1e-5
ROPE_BASE = 10_000.0


@dataclass(frozen=True, slots=True)
class Shape:
    vocabulary: int
    width: int = 256
    layers: int = 6
    heads: int = 8
    hidden: int = 704
    context: int = 2048

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(shape.width, EPSILON)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_v = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = nn.RMSNorm(shape.width, EPSILON)
        self.ffn_gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], hidden: Tensor, drop: float) -> Tensor:
        batch, length, width = x.shape
        normed = self.attn_norm(x)
        q, k, v = (
            layer(normed).view(batch, length, self.heads, -1).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        mixed = attend(rotate(q, turn), rotate(k, turn), v, hidden)
        x = x + F.dropout(self.attn_output(mixed.transpose(1, 2).reshape(batch, length, width)), drop, self.training)
        normed = self.ffn_norm(x)
        made = self.ffn_down(F.silu(self.ffn_gate(normed)) * self.ffn_up(normed))
        return x + F.dropout(made, drop, self.training)


class Llama(nn.Module):
    """Token ids (batch, length) to hidden states (batch, length, width); `token_embd` is also the way out."""

    def __init__(self, shape: Shape, drop: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.drop = drop
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, EPSILON)
        self.apply(self._start)

    def _start(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)

    def forward(self, tokens: Tensor, prompts: Tensor) -> Tensor:
        """`prompts` (batch) holds how many tokens of each row are its prompt."""
        hidden = unseen(tokens.shape[1], prompts)
        turn = angles(tokens.shape[1], self.shape.width // self.shape.heads, tokens.device)
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, turn, hidden, self.drop)
        return self.output_norm(x)


def attend(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor) -> Tensor:
    """Attention written out: on a processor its backward pass is several times as quick as the fused one's."""
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    return scores.masked_fill(hidden, float("-inf")).softmax(-1).type_as(v) @ v


def unseen(length: int, prompts: Tensor) -> Tensor:
    """(batch, 1, length, length): a token sees what came before it, and in a prompt also what comes after.

    Of a small network both directions are most of its understanding: which word begins a value depends on the next.
    """
    later = torch.ones(length, length, dtype=torch.bool, device=prompts.device).triu(1)
    beyond = torch.arange(length, device=prompts.device) >= prompts[:, None]
    return (later & (beyond[:, None, :] | beyond[:, :, None]))[:, None]


def angles(length: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    speed = ROPE_BASE ** (-torch.arange(0, size, 2, device=device) / size)
    turn = torch.arange(length, device=device)[:, None] * speed
    return turn.cos(), turn.sin()


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = (part.type_as(x) for part in turn)
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


def interleaved(weight: Tensor, heads: int) -> Tensor:
    """The rows of a query or key matrix in the order of llama.cpp, which turns neighbours instead of halves."""
    return weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)
