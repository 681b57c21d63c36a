"""`resolve_range`: what a list of tasks or appointments is asked for."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.times import resolve_range

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
RANGES = [
    ("today", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("tomorrow", "2026-03-05 00:00", "2026-03-06 00:00"),
    ("this week", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("next week", "2026-03-09 00:00", "2026-03-16 00:00"),
    ("friday", "2026-03-06 00:00", "2026-03-07 00:00"),
    ("next friday", "2026-03-13 00:00", "2026-03-14 00:00"),
    ("tonight", "2026-03-04 18:00", "2026-03-05 00:00"),
    ("this month", "2026-03-04 00:00", "2026-04-01 00:00"),
    ("this afternoon", "2026-03-04 12:00", "2026-03-04 18:00"),
    ("this evening", "2026-03-04 17:00", "2026-03-04 23:00"),
    ("the weekend", "2026-03-07 00:00", "2026-03-09 00:00"),
    ("this weekend", "2026-03-07 00:00", "2026-03-09 00:00"),
    ("tomorrow morning", "2026-03-05 05:00", "2026-03-05 12:00"),
    ("next month", "2026-04-01 00:00", "2026-05-01 00:00"),
    ("12 march", "2026-03-12 00:00", "2026-03-13 00:00"),
    ("friday afternoon", "2026-03-06 12:00", "2026-03-06 18:00"),
    ("the rest of the week", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("the rest of the day", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("in march", "2026-03-04 00:00", "2026-04-01 00:00"),
    ("the next two weeks", "2026-03-04 00:00", "2026-03-18 00:00"),
    ("tomorrow afternoon", "2026-03-05 12:00", "2026-03-05 18:00"),
    ("the coming week", "2026-03-09 00:00", "2026-03-16 00:00"),
    ("this friday", "2026-03-06 00:00", "2026-03-07 00:00"),
    ("wednesday", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("yesterday", "2026-03-03 00:00", "2026-03-04 00:00"),
    ("last week", "2026-02-23 00:00", "2026-03-02 00:00"),
    ("monday to friday", "2026-03-09 00:00", "2026-03-14 00:00"),
    ("from friday to sunday", "2026-03-06 00:00", "2026-03-09 00:00"),
    ("2026-03-09 to 2026-03-11", "2026-03-09 00:00", "2026-03-12 00:00"),
    ("in 3 days", "2026-03-07 00:00", "2026-03-08 00:00"),
    ("in 2 hours", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("16:50", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("the next 3 days", "2026-03-04 00:00", "2026-03-07 00:00"),
    ("heute", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("nächste woche", "2026-03-09 00:00", "2026-03-16 00:00"),
    ("esta semana", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("cette semaine", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("den Rest der Woche", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("die nächsten zwei Wochen", "2026-03-04 00:00", "2026-03-18 00:00"),
    ("Montag bis Mittwoch", "2026-03-09 00:00", "2026-03-12 00:00"),
    ("vom 3. bis 7. Mai", "2026-05-03 00:00", "2026-05-08 00:00"),
    ("Weihnachten und Neujahr", "2026-12-25 00:00", "2027-01-02 00:00"),
    ("los próximos tres días", "2026-03-04 00:00", "2026-03-07 00:00"),
    ("lo que queda de semana", "2026-03-04 00:00", "2026-03-09 00:00"),
    ("la semana del 6", "2026-03-02 00:00", "2026-03-09 00:00"),
    ("les deux prochaines semaines", "2026-03-04 00:00", "2026-03-18 00:00"),
    ("le reste de la journée", "2026-03-04 00:00", "2026-03-05 00:00"),
    ("lundi aprem", "2026-03-09 12:00", "2026-03-09 18:00"),
    ("last month", "2026-02-01 00:00", "2026-03-01 00:00"),
    ("next year", "2027-01-01 00:00", "2028-01-01 00:00"),
    ("march 9 to march 12", "2026-03-09 00:00", "2026-03-13 00:00"),
    ("christmas", "2026-12-25 00:00", "2026-12-26 00:00"),
    ("this morning", "2026-03-04 05:00", "2026-03-04 12:00"),
    ("week", "2026-03-04 00:00", "2026-03-09 00:00"),
]


@pytest.mark.parametrize(("said", "since", "until"), RANGES)
def test_range(said: str, since: str, until: str) -> None:
    found = resolve_range(said, NOW)
    assert found is not None
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in found] == [since, until]


@pytest.mark.parametrize("said", ["banana", "", "friday the boiler", "banana to friday", "friday until banana"])
def test_no_range(said: str) -> None:
    assert resolve_range(said, NOW) is None
