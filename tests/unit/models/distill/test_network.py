from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the network is trained with the optional extra `train`")

from models.distill.muon import orthogonal  # noqa: E402
from models.distill.network import Llama, Shape, angles, interleaved, rotate  # noqa: E402

SHAPE = Shape(vocabulary=40, width=64, layers=2, heads=2, hidden=96)


def test_a_position_sees_only_what_came_before():
    torch.manual_seed(1)
    network = Llama(SHAPE).eval()
    tokens = torch.randint(0, 40, (1, 9))
    changed = tokens.clone()
    changed[0, -1] = (changed[0, -1] + 1) % 40
    assert torch.allclose(network(tokens)[0, :-1], network(changed)[0, :-1], atol=1e-5)


def test_interleaved_rows_turn_as_halves_do():
    torch.manual_seed(2)
    weight, x = torch.randn(64, 64), torch.randn(1, 5, 64)
    turn = angles(5, 32, x.device)
    halves = rotate((x @ weight.T).view(1, 5, 2, 32).transpose(1, 2), turn)
    pairs = (x @ interleaved(weight, 2).T).view(1, 5, 2, 32).transpose(1, 2)
    even, odd = pairs[..., 0::2], pairs[..., 1::2]
    cos, sin = turn
    turned = torch.cat((even * cos - odd * sin, even * sin + odd * cos), -1)
    assert torch.allclose(halves, turned, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 32, 96), (2, 96, 32)])
def test_an_orthogonal_update_has_singular_values_near_one(shape: tuple[int, int, int]):
    torch.manual_seed(3)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.5
