"""What was sent is in the file before the key press is over, and gone from it once it is stored."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.unsent import Unsent, left_over

ROOT = Path(__file__).parents[3]


def texts(folder: Path) -> list[str]:
    return [one.text for _, waiting in left_over(folder) for one in waiting]


def dead(folder: Path, body: str) -> None:
    """Run `body` over an Unsent in a process that is killed at its end."""
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom agent.unsent import Unsent\n"
        f"unsent = Unsent(Path(sys.argv[1]))\n{body}\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, check=False)


def test_a_killed_process_leaves_what_was_not_stored_in_order(tmp_path: Path) -> None:
    dead(
        tmp_path,
        "assert unsent.keep('a', 'first \\u00e9\\ud800')\nunsent.keep('b', 'second', 'c7')\nunsent.keep('c', 'x')",
    )
    assert texts(tmp_path) == ["first é\ud800", "second", "x"]
    ((_, waiting),) = left_over(tmp_path)
    assert [one.conversation_id for one in waiting] == [None, "c7", None]


def test_who_else_wrote_it_is_kept_with_it(tmp_path: Path) -> None:
    dead(tmp_path, "unsent.keep('a', 'first', 'c7', ('the prompt x of the server y',))")
    ((_, waiting),) = left_over(tmp_path)
    assert waiting[0].sources == ("the prompt x of the server y",)


def test_what_was_stored_is_not_left(tmp_path: Path) -> None:
    dead(tmp_path, "unsent.keep('a', 'first')\nunsent.stored('a')\nunsent.keep('b', 'second')")
    assert texts(tmp_path) == ["second"]


def test_a_living_process_keeps_its_own(tmp_path: Path) -> None:
    unsent = Unsent(tmp_path)
    assert unsent.keep("a", "mine")
    assert texts(tmp_path) == []
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    unsent.close()
    assert texts(tmp_path) == ["mine"], "it was never stored, so it outlives the process"


def test_nothing_lies_around_once_all_is_stored(tmp_path: Path) -> None:
    unsent = Unsent(tmp_path)
    unsent.keep("a", "a secret")
    unsent.stored("a")
    unsent.keep("b", "given back")
    unsent.given_back("b")
    assert b"a secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    unsent.close()
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_was_cut_takes_no_other_with_it(tmp_path: Path) -> None:
    dead(tmp_path, "unsent.keep('a', 'whole')")
    (file,) = tmp_path.iterdir()
    with file.open("ab") as more:
        more.write(b'{"id": "b", "at": 1, "te')
    assert texts(tmp_path) == ["whole"]


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    unsent = Unsent(tmp_path / "nowhere")
    assert not unsent.keep("a", "text")
    unsent.close()


@pytest.mark.parametrize("rubbish", [b"\xff\xfe\n", b"[]\n", b'{"stored": 3}\n', b'{"id": "a"}\n'])
def test_rubbish_is_passed_over(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "unsent-1-a.jsonl").write_bytes(rubbish)
    assert texts(tmp_path) == []
