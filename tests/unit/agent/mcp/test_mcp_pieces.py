"""Long texts in a keyring: whole or as before, wherever a writer stops."""

import pytest

from agent.agentrc.errors import SecretError
from agent.mcp.signing.pieces import PIECE_CHARACTERS, PIECES_MAX, Pieces
from tests.unit.agent.mcp.signing import Keyring

OLD, NEW = "o" * 2_500, "n" * 3_500


class StoppedError(Exception):
    pass


def test_read_back_and_taken_out() -> None:
    keyring = Keyring()
    pieces = Pieces(keyring.get, keyring.put)
    assert pieces.read("a") is None
    for text in (OLD, NEW, "short"):
        pieces.write("a", text)
        assert pieces.read("a") == text
    assert len(keyring.kept) == 2, "what was there before is gone"
    pieces.drop("a")
    assert keyring.kept == {}


@pytest.mark.parametrize("steps", range(12))
def test_a_writer_that_stops_leaves_the_old_text_or_the_new_one(steps: int) -> None:
    keyring = Keyring()
    Pieces(keyring.get, keyring.put).write("a", OLD)
    left = steps

    def stops(name: str, text: str) -> None:
        nonlocal left
        if left == 0:
            raise StoppedError
        left -= 1
        keyring.put(name, text)

    try:
        Pieces(keyring.get, stops).write("a", NEW)
    except StoppedError:
        assert Pieces(keyring.get, keyring.put).read("a") == (NEW if steps >= 5 else OLD)
    assert Pieces(keyring.get, keyring.put).read("a") in (OLD, NEW)


@pytest.mark.parametrize("head", ["", "[]", "{}", '["c", 1, "x"]', '["a", 99, "x"]', '["a", true, 1]', "[" * 5_000])
def test_what_is_damaged_is_none(head: str) -> None:
    keyring = Keyring()
    pieces = Pieces(keyring.get, keyring.put)
    pieces.write("a", OLD)
    keyring.kept["a/a0"] = "x"
    assert pieces.read("a") is None
    keyring.kept["a"] = head
    assert pieces.read("a") is None


def test_what_is_too_long_is_not_begun() -> None:
    keyring = Keyring()
    with pytest.raises(SecretError, match="too long"):
        Pieces(keyring.get, keyring.put).write("a", "x" * (PIECE_CHARACTERS * PIECES_MAX + 1))
    assert keyring.kept == {}
