from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the network is trained with the optional extra `train`")

from models.distill.muon import orthogonal  # noqa: E402
from models.distill.network import Llama, Shape, angles, interleaved, rotate  # noqa: E402

SHAPE = Shape(vocabulary=40, width=64, layers=2, heads=2, hidden=96)


PROMPT = 5


def seen_from(changed_at: int) -> list[bool]:
    """For each position whether its state depends on the token at `changed_at`."""
    torch.manual_seed(1)
    network = Llama(SHAPE).eval()
    tokens, prompts = torch.randint(0, 40, (1, 9)), torch.tensor([PROMPT])
    changed = tokens.clone()
    changed[0, changed_at] = (changed[0, changed_at] + 1) % 40
    apart = (network(tokens, prompts) - network(changed, prompts)).abs().amax(-1)[0]
    return [bool(one > 1e-5) for one in apart]


def test_a_prompt_is_read_both_ways():
    assert all(seen_from(PROMPT - 1))


def test_an_answer_sees_only_what_came_before():
    assert seen_from(7) == [False] * 7 + [True] * 2


def test_rows_of_a_batch_do_not_see_how_long_the_prompts_of_others_are():
    torch.manual_seed(1)
    network = Llama(SHAPE).eval()
    tokens = torch.randint(0, 40, (2, 9))
    alone = network(tokens[:1], torch.tensor([4]))
    assert torch.allclose(network(tokens, torch.tensor([4, 7]))[:1], alone, atol=1e-5)


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
