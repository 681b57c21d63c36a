"""How often what waits is looked at after the sign-in page was opened."""

from sync.soon import WAITS_S, Soon


def test_soon_and_often_and_then_no_more() -> None:
    now = [100.0]
    soon = Soon(lambda: now[0])
    assert (soon.take(), soon.left_s()) == (False, None)
    soon.begin()
    taken = []
    for _ in range(1_000):
        now[0] += 0.5
        if soon.take():
            taken.append(now[0] - 100)
    assert taken[0] == WAITS_S[0]
    assert len(taken) == len(WAITS_S)
    assert taken[-1] == sum(WAITS_S) == 120
    assert (soon.take(), soon.left_s()) == (False, None)


def test_it_ends_with_the_first_answer_and_begins_anew_with_a_press() -> None:
    now = [100.0]
    soon = Soon(lambda: now[0], (1.0, 2.0))
    soon.begin()
    now[0] += 1
    assert soon.take()
    soon.begin()
    assert soon.left_s() == 1.0
    soon.end()
    now[0] += 10
    assert not soon.take()
