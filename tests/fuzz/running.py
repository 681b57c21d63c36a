"""Many mutants, one after the other or several at once, with a journal: what was judged is not judged again.

A run that was killed goes on where it stopped; what turned out wrong is kept as a file.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.corpus import corpus
from tests.fuzz.judging import Judge, Verdict
from tests.fuzz.mutations import DAMAGES, Mutant, mutant


@dataclass(slots=True)
class Tally:
    """`outcomes`: (damage, outcome) and how often; `wrong`: number, damage and words of what no user should see;
    `examples`: of each (damage, outcome) the first number."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[int, str, str]] = field(default_factory=list)
    examples: dict[tuple[str, str], int] = field(default_factory=dict)
    slowest_s: float = 0.0

    def add(self, number: int, damage: str, verdict: Verdict) -> None:
        key = (damage, verdict.outcome)
        self.outcomes[key] += 1
        self.examples[key] = min(number, self.examples.get(key, number))
        self.slowest_s = max(self.slowest_s, verdict.seconds)
        if verdict.outcome == "WRONG":
            self.wrong.append((number, damage, verdict.words))

    def of(self, outcome: str) -> int:
        return sum(count for (_, its), count in self.outcomes.items() if its == outcome)

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Run:
    """`folder`: for the corpus, the mutants at hand, the journal and what turned out wrong."""

    folder: Path
    seed: int
    count: int
    at_once: int = 2
    told: Callable[[int], None] = lambda _done: None

    @property
    def journal(self) -> Path:
        return self.folder / f"judged-{self.seed}.jsonl"

    def go(self) -> Tally:
        """Judge what is still to be judged; the tally of all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tally, done = Tally(), set()
        for number, damage, verdict in self._judged_before():
            tally.add(number, damage, verdict)
            done.add(number)
        todo = iter([number for number in range(self.count) if number not in done])
        lock = threading.Lock()
        with self.journal.open("a", encoding="utf-8") as journal, ThreadPoolExecutor(self.at_once) as pool:
            journal.write("\n" * self._is_broken_off())

            def keep(made: Mutant, verdict: Verdict) -> None:
                with lock:
                    tally.add(made.number, made.damage, verdict)
                    line = [made.number, made.damage, verdict.outcome, verdict.words[:500], round(verdict.seconds, 3)]
                    journal.write(json.dumps(line) + "\n")
                    journal.flush()
                    self.told(tally.total)

            for ended in [pool.submit(self._work, number, todo, lock, keep) for number in range(self.at_once)]:
                ended.result()
        return tally

    def make(self, number: int) -> Mutant:
        good = self.folder / "good"
        good.mkdir(parents=True, exist_ok=True)
        return mutant(self.seed, number, corpus(good))

    def _is_broken_off(self) -> bool:
        """Killed in the middle of a line."""
        data = self.journal.read_bytes()
        return bool(data) and not data.endswith(b"\n")

    def _judged_before(self) -> Iterator[tuple[int, str, Verdict]]:
        if not self.journal.exists():
            return
        for line in self.journal.read_text(encoding="utf-8").splitlines():
            try:
                number, damage, outcome, words, seconds = json.loads(line)
            except ValueError:
                continue  # the line that was being written when it was killed
            if damage in DAMAGES and number < self.count:
                yield number, damage, Verdict(outcome, words, seconds)

    def _work(
        self, place: int, todo: Iterator[int], lock: threading.Lock, keep: Callable[[Mutant, Verdict], None]
    ) -> None:
        file = self.folder / f"mutant-{place}.gguf"
        judge = Judge()
        try:
            while True:
                with lock:
                    number = next(todo, None)
                    made = None if number is None else self.make(number)
                if made is None:
                    return
                file.write_bytes(made.data)
                verdict = judge.judge(file)
                if verdict.outcome == "WRONG":
                    (self.folder / f"wrong-{self.seed}-{made.number}.gguf").write_bytes(made.data)
                keep(made, verdict)
        finally:
            judge.close()
            file.unlink(missing_ok=True)
