"""A thousand damaged models: none takes a process down that it should not, each is refused in words or simply works.

Each goes through the check of its header and, where that lets it pass, through a real worker (tests/fuzz says how that
is quick). Of each way to damage and each outcome one more goes through the whole host. `make fuzz` does ten thousand.
"""

from pathlib import Path

import pytest

from models.gguf_check import check
from tests.fuzz.__main__ import table
from tests.fuzz.judging import CAN_FORK, through_host
from tests.fuzz.mutations import DAMAGES
from tests.fuzz.running import Run, Tally

COUNT = 1_000
SEED = 20_261_126
THROUGH_HOST_MAX = 24

pytestmark = [pytest.mark.timeout(900), pytest.mark.skipif(not CAN_FORK, reason="the workers are forked")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("fuzz"), SEED, COUNT)


@pytest.fixture(scope="module")
def tally(run: Run) -> Tally:
    return run.go()


def test_every_damaged_model_ends_in_words_or_works(tally: Tally) -> None:
    assert not tally.wrong, table(tally)
    assert tally.total == COUNT
    assert {damage for damage, _ in tally.outcomes} == set(DAMAGES)
    print(table(tally))


def test_each_end_is_reached(tally: Tally) -> None:
    """Else the mutants are too tame, or so wild that nothing gets past the check."""
    assert tally.of("refused by the check") >= COUNT // 5
    assert tally.of("refused by llama.cpp") >= COUNT // 5
    assert tally.of("answered") >= COUNT // 10
    assert tally.of("refused when asked") >= COUNT // 100
    assert tally.of("ended, and said why") > 0


def test_the_whole_host_comes_to_the_same_end(run: Run, tally: Tally, tmp_path: Path) -> None:
    """A process of its own for each, started, watched, given a second chance, ended."""
    chosen = [
        (number, outcome)
        for (_, outcome), number in sorted(tally.examples.items(), key=lambda one: one[1])
        if outcome not in ("refused by the check", "WRONG")
    ][:THROUGH_HOST_MAX]
    file = tmp_path / "mutant.gguf"
    for number, outcome in chosen:
        file.write_bytes(run.make(number).data)
        verdict = through_host(file, check(file))
        assert verdict.outcome == outcome, (number, verdict)


def test_no_memory_was_dumped(run: Run, tally: Tally) -> None:
    assert tally.total
    for folder in (run.folder, Path.cwd()):
        assert not [path for path in folder.iterdir() if path.name == "core" or path.name.startswith("core.")]
