"""The pool over a worker that can rest: what it lets go and when, what it brings back, what is shown meanwhile."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from agent.pool.member import Standing
from agent.pool.policy import WORDS, Why
from models.contracts import ChatRequest, Delta, Finished
from models.errors import CancelledError, ContextFullError, ModelError, WorkerDiedError
from models.host.pressure import Reading
from models.scripted import Scripted
from tests.unit.agent.pool.twins import BEGINNING, CALM, FLAT, OUT, TIGHT, House, Sleeper

STAY = 130.0  # past the time that a worker stays up


@pytest.fixture
def house() -> House:
    return House()


# Letting go and bringing back


@pytest.mark.parametrize(("reading", "why"), [(FLAT, Why.BATTERY), (TIGHT, Why.MEMORY), (OUT, Why.MEMORY)])
def test_a_machine_that_is_short_lets_an_idle_worker_go_and_says_so(house: House, reading: Reading, why: Why) -> None:
    model = house.resident()
    house.pass_by(STAY)
    assert house.shown() == "ready"
    house.pass_by(30, reading)
    assert model.state().phase == "stopped"
    assert house.told[-1] == ("talker", Standing("resting", WORDS[why]))


def test_one_reading_alone_moves_nothing(house: House) -> None:
    house.resident()
    house.pass_by(STAY)
    for _ in range(20):
        house.pass_by(9.9, FLAT)
        house.pass_by(9.9, CALM)
    assert house.shown() == "ready"


def test_it_comes_back_by_itself_once_it_has_been_calm_for_a_while(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pass_by(30, FLAT)
    house.pass_by(50, CALM)
    assert house.shown() == "resting"
    house.pass_by(200)
    house.do_jobs()
    assert house.shown() == "ready"
    assert model.lives == 2


def test_it_does_not_come_back_into_memory_that_has_no_room_for_it(house: House) -> None:
    house.resident()  # of one gigabyte
    house.pass_by(STAY)
    house.pass_by(30, TIGHT)
    house.pass_by(600, Reading(int(2.5e9), int(16e9)))
    assert house.shown() == "resting"
    house.pass_by(200, Reading(int(3.5e9), int(16e9)))
    assert house.shown() == "starting"


def test_writing_brings_it_back_whatever_the_machine_says(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pass_by(30, FLAT)
    house.pool.stir()
    house.do_jobs()
    assert (house.shown(), model.lives) == ("ready", 2)
    house.pass_by(100)
    assert house.shown() == "ready", "it stays for a while"
    house.pass_by(60)
    assert house.shown() == "resting"


def test_a_request_brings_it_back_without_asking_the_pool(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pass_by(30, FLAT)
    assert list(model.chat(BEGINNING))
    assert house.shown() == "ready"


def test_one_that_answers_is_never_let_go(house: House) -> None:
    model = house.resident()
    stream = model.chat(BEGINNING)
    next(stream)
    house.pass_by(1_000, OUT)
    assert model.state().phase == "busy"
    stream.close()
    house.pass_by(30)
    assert model.state().phase == "stopped", "soon afterwards, since almost nothing is left"


def test_after_an_answer_the_next_may_follow(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pass_by(9.9, FLAT)
    list(model.chat(BEGINNING))
    house.now += 0.2  # the second look that finds it low
    house.pool.tick()
    assert house.shown() == "ready"


def test_a_machine_that_does_not_say_is_left_alone(house: House) -> None:
    house.resident()
    house.pass_by(5_000, Reading())
    assert house.shown() == "ready"


def test_the_starter_is_small_and_stays(house: House) -> None:
    house.resident("starter", "starter")
    house.pass_by(STAY)
    house.pass_by(1_000, OUT)
    assert house.shown("starter") == "ready"


def test_a_model_that_cannot_rest_is_left_alone(house: House) -> None:
    model = Scripted([], kind="chat")
    house.pool.join("other", model)
    house.reside()
    house.pass_by(1_000, OUT)
    assert model.state().phase == "ready"


# What the user wants


def test_always_is_kept_on_battery_and_in_the_tray_and_goes_only_with_the_last_memory() -> None:
    house = House("always")
    house.resident()
    house.pool.hide(hidden=True)
    house.pass_by(2_000, FLAT)
    house.pass_by(2_000, TIGHT)
    assert house.shown() == "ready"
    house.pass_by(30, OUT)
    assert house.shown() == "resting"


def test_never_is_let_go_when_it_was_not_used_for_a_minute_and_stays_away() -> None:
    house = House("never")
    assert not house.pool.keeps
    model = house.resident()
    house.pass_by(50)
    list(model.chat(BEGINNING))
    house.pass_by(50)
    assert house.shown() == "ready"
    house.pass_by(30)
    assert house.shown() == "resting"
    house.pass_by(5_000)
    assert (house.shown(), model.lives) == ("resting", 1)


def test_in_the_tray_it_rests_after_ten_minutes_and_is_back_when_the_window_is(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pool.hide(hidden=True)
    house.pass_by(590)
    assert house.shown() == "ready"
    house.pass_by(30)
    assert house.told[-1][1].why == WORDS[Why.TRAY]
    house.pass_by(5_000)
    assert model.lives == 1, "nobody is there for whom it would come back"
    house.pool.hide(hidden=False)
    house.do_jobs()
    assert (house.shown(), model.lives) == ("ready", 2)


def test_what_rests_for_the_battery_does_not_wake_because_the_window_is_looked_at(house: House) -> None:
    model = house.resident()
    house.pass_by(STAY)
    house.pass_by(30, FLAT)
    house.pool.hide(hidden=True)
    house.pool.hide(hidden=False)
    assert model.lives == 1


def test_switched_off_every_worker_goes_at_once_and_writing_brings_none_back(house: House) -> None:
    chat, starter = house.resident(), house.resident("starter", "starter")
    house.pool.switch(off=True)
    assert (house.shown(), house.shown("starter")) == ("resting", "resting")
    house.pool.stir()
    house.pass_by(5_000)
    assert (chat.lives, starter.lives) == (1, 1)
    list(chat.chat(BEGINNING))
    assert chat.lives == 2, "a request that is made all the same is carried out"
    house.pass_by(20)
    assert house.shown() == "resting"
    house.pool.switch(off=False)
    house.do_jobs()
    assert (house.shown(), house.shown("starter")) == ("ready", "ready")


# The hidden warm-up


def test_it_is_not_shown_as_ready_before_it_has_read_the_beginning(house: House) -> None:
    model = house.resident(warm=False)
    assert house.shown() == "starting"
    house.do_jobs()
    assert model.read == [BEGINNING]
    assert house.told[-1] == ("talker", Standing("ready"))
    house.pass_by(500)
    house.do_jobs()
    assert model.read == [BEGINNING], "once is enough"


def test_another_process_has_read_nothing_yet(house: House) -> None:
    model = house.resident()
    model.replaced()
    assert house.shown() == "starting"
    house.do_jobs()
    assert (house.shown(), len(model.read)) == ("ready", 2)


def test_a_request_that_came_first_has_read_it(house: House) -> None:
    model = house.resident(warm=False)
    house.pool.asked()
    list(model.chat(BEGINNING))
    assert house.shown() == "ready"
    house.do_jobs()
    assert len(model.read) == 1, "what was planned is not needed any more"


def test_new_words_in_the_settings_are_read_ahead_and_others_are_not(house: House) -> None:
    model = house.resident()
    house.hash = "2"
    house.pass_by(20)
    house.do_jobs()
    assert len(model.read) == 1, "the words are the same"
    house.hash, house.beginning = "3", replace(BEGINNING, seed=1)
    house.pass_by(20)
    assert house.shown() == "ready", "it can be used meanwhile"
    house.do_jobs()
    assert len(model.read) == 2


def test_a_warm_up_gives_way_to_a_request(house: House) -> None:
    model = house.resident(warm=False)
    model.on_chat = house.pool.asked
    house.do_jobs()
    assert isinstance(model.fails, CancelledError)
    assert model.read == []
    assert house.shown() == "starting"
    model.fails, model.on_chat = None, lambda: None
    house.pass_by(20)
    house.do_jobs()
    assert house.shown() == "ready", "read when there was time again"


@pytest.mark.parametrize("error", [ModelError("Its template fails."), WorkerDiedError("It stopped.")])
def test_a_beginning_that_cannot_be_read_is_tried_once(house: House, error: ModelError) -> None:
    model = house.resident(warm=False)
    model.fails = error
    house.do_jobs()
    assert house.shown() == "ready", "the first message will say what is wrong"
    model.replaced()
    house.pass_by(500)
    assert (house.shown(), house.jobs) == ("ready", []), "it may have died of it: not again"


LONG = replace(BEGINNING, seed=9)


class Narrow(Sleeper):
    """It cannot hold the long one."""

    def chat(self, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
        if request == LONG:
            raise ContextFullError("It is too long.", used=900)
        return super().chat(request)


class Learning(House):
    """What a model counts of a request changes what it is asked to read."""

    def count(self, name: str, request: ChatRequest, tokens: int) -> None:
        super().count(name, request, tokens)
        self.beginning = BEGINNING


def narrow(house: House) -> Narrow:
    model = Narrow()
    house.pool.join("talker", model)
    house.reside()
    house.do_jobs()
    return model


def test_a_beginning_that_it_cannot_hold_teaches_which_one_it_can() -> None:
    house = Learning(beginning=LONG)
    model = narrow(house)
    assert (house.shown(), model.read) == ("ready", [BEGINNING])
    assert house.counted == [("talker", LONG, 900), ("talker", BEGINNING, 5)]
    house.hash = "2"
    house.pass_by(20)
    house.do_jobs()
    assert len(model.read) == 1, "that one has been read"


def test_one_that_can_hold_none_is_shown_as_it_is() -> None:
    house = House(beginning=LONG)
    model = narrow(house)
    assert (house.shown(), model.read, len(house.counted)) == ("ready", [], 1)


def test_a_model_for_which_there_is_no_beginning_is_ready_at_once() -> None:
    house = House(beginning=None)
    model = house.resident()
    assert (house.shown(), model.read) == ("ready", [])


def test_a_single_command_warms_and_reports_nothing(house: House) -> None:
    model = Sleeper()
    house.pool.join("talker", model)
    house.pass_by(100)
    assert (house.jobs, house.reports) == ([], [])
    assert house.shown() == "ready"


# What is reported


def test_the_report_has_what_the_command_line_shows(house: House) -> None:
    house.resident()
    house.pass_by(STAY)
    house.pass_by(30, FLAT)
    up, resting = house.reports[0][0], house.reports[-1][0]
    assert (up.name, up.state, up.memory_bytes, up.held_by) == ("talker", "ready", 1_000_000_000, 42)
    assert up.pid == 101
    assert up.probed_at == round((1_000.0 + 1_800_000_000.0 - 3.0) * 1_000)
    assert (resting.pid, resting.memory_bytes, resting.probed_at) == (None, None, None)
    assert resting.why == WORDS[Why.BATTERY]


def test_it_is_not_written_again_and_again(house: House) -> None:
    house.resident()
    house.pass_by(600)
    assert 15 < len(house.reports) < 25


def test_at_the_end_there_is_nothing_to_report(house: House) -> None:
    house.resident()
    house.pass_by(20)
    house.pool.close()
    assert house.reports[-1] == ()


def test_a_closed_model_leaves_the_pool(house: House) -> None:
    model = house.resident()
    model.be("closed")
    assert house.pool.workers() == ()
    assert house.shown() == "closed"
