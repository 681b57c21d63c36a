"""Laws of the pool: whatever the machine says and the user does, a worker is not moved about, never while it works."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.pool.bounds import Bounds
from models.contracts import Phase
from models.host.pressure import Level, Reading, battery_level, memory_level
from tests.unit.agent.pool.twins import BEGINNING, CALM, GB, House, Sleeper

BOUNDS = Bounds()
READINGS = st.builds(
    Reading,
    available_bytes=st.sampled_from([None, int(0.2 * GB), int(0.8 * GB), int(1.8 * GB), int(2.5 * GB), 8 * GB]),
    total_bytes=st.just(16 * GB),
    swap_percent=st.sampled_from([None, 5.0, 95.0]),
    battery_percent=st.sampled_from([None, 5.0, 19.0, 21.0, 24.0, 26.0, 90.0]),
    plugged=st.sampled_from([None, True, False]),
)
DEEDS = st.sampled_from(["nothing", "nothing", "nothing", "write", "ask", "hide", "show", "die", "settings"])
STEPS = st.lists(st.tuples(READINGS, DEEDS, st.integers(1, 200)), min_size=1, max_size=25)


class Logged(Sleeper):
    """Writes down when it was moved, and whether that was the pool's own doing."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.by_user = True
        self.moves: list[tuple[float, str, bool]] = []
        super().__init__()

    def be(self, phase: Phase, reason: str = "") -> None:
        if phase == "stopped":
            assert self._phase != "busy"
            self.moves.append((self.house.now, "rest", self.by_user))
        elif phase == "starting":
            self.moves.append((self.house.now, "up", self.by_user))
        super().be(phase, reason)


def live(house: House, model: Logged, steps: list[tuple[Reading, str, int]], look: Callable[[], None]) -> None:
    keeps = ("auto", "always", "never")
    for number, (reading, deed, seconds) in enumerate(steps):
        model.by_user = True
        if deed == "write":
            house.pool.stir()
        elif deed == "ask":
            house.pool.asked()
            stream = model.chat(BEGINNING)
            next(stream)
            model.by_user = False
            house.pass_by(seconds, reading)
            assert model.state().phase == "busy", "an answer is never cut off"
            stream.close()
        elif deed in ("hide", "show"):
            house.pool.hide(hidden=deed == "hide")
        elif deed == "die" and model.state().phase == "ready":
            model.replaced()
        elif deed == "settings":
            house.keep = keeps[number % 3]
        model.by_user = False
        end = house.now + seconds
        while house.now < end:
            house.pass_by(min(BOUNDS.look_s, end - house.now), reading)
            house.do_jobs()
            look()


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_a_worker_is_not_moved_about(steps: list[tuple[Reading, str, int]]) -> None:
    house = House()
    model = Logged(house)
    house.pool.join("talker", model)
    house.reside()
    live(house, model, steps, lambda: None)
    own = [move for move in model.moves if not move[2]]
    for (at, what, _), (then, next_what, by_user) in pairwise(model.moves):
        assert what != next_what
        if not by_user and next_what == "up":
            assert then - at >= BOUNDS.stay_s, "what was let go stays so, unless somebody asks"
        if not by_user and next_what == "rest":
            assert then - at >= BOUNDS.out_stay_s, "what came up stays, even with the last memory"
    rests = [at for at, what, _ in own if what == "rest"]
    ups = [at for at, what, by_user in model.moves if what == "up" and by_user]
    for first, second in pairwise(rests):
        woken = any(first <= at <= second for at in ups)
        assert woken or second - first >= BOUNDS.stay_s + BOUNDS.out_stay_s, "at most once in that time by itself"


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_it_comes_back_by_itself_only_into_calm(steps: list[tuple[Reading, str, int]]) -> None:
    house = House()
    model = Logged(house)
    house.pool.join("talker", model)
    house.reside()
    lives = model.lives

    def look() -> None:
        nonlocal lives
        if model.lives > lives and not model.moves[-1][2] and model.moves[-1][1] == "up":
            levels = [memory_level(house.reading, GB, BOUNDS.pressure), battery_level(house.reading, BOUNDS.pressure)]
            assert levels[0] in (None, Level.CALM)
            assert house.keep == "always" or levels[1] in (None, Level.CALM)
            assert house.keep != "never"
        lives = model.lives

    live(house, model, steps, look)


@given(st.lists(st.integers(0, 100), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_battery_that_wavers_around_the_mark_moves_it_once(percents: list[int]) -> None:
    """Between low and calm whatever is stays: only a real recharge brings it back."""
    house = House()
    model = Logged(house)
    house.pool.join("talker", model)
    house.reside()
    model.by_user = False
    for percent in percents:
        house.pass_by(300, replace(CALM, plugged=False, battery_percent=15.0 + percent % 10))
    assert sum(move[1] == "rest" for move in model.moves) <= 1
    assert model.lives == 1
