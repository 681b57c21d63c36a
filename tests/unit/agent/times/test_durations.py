"""`duration`: lengths as people say them."""

from datetime import timedelta

import pytest

from agent.times import duration

LENGTHS = [
    ("45 seconds", "0:00:45"),
    ("3 minute", "0:03:00"),
    ("an hour and a half", "1:30:00"),
    ("1h30", "1:30:00"),
    ("1h 30m", "1:30:00"),
    ("two and a half hours", "2:30:00"),
    ("90 min", "1:30:00"),
    ("half an hour", "0:30:00"),
    ("half-hour", "0:30:00"),
    ("a quarter of an hour", "0:15:00"),
    ("three quarters of an hour", "0:45:00"),
    ("1 hour 20 minutes", "1:20:00"),
    ("20 minutes and 30 seconds", "0:20:30"),
    ("an hour and forty five minutes", "1:45:00"),
    ("2 hours and a half", "2:30:00"),
    ("90s", "0:01:30"),
    ("2m30s", "0:02:30"),
    ("3h45min", "3:45:00"),
    ("1.5h", "1:30:00"),
    ("1,5 hours", "1:30:00"),
    ("an hour and 20", "1:20:00"),
    ("1 minute 30", "0:01:30"),
    ("a minute", "0:01:00"),
    ("one hour", "1:00:00"),
    ("45 second", "0:00:45"),
    ("12 minuts", "0:12:00"),
    ("5 min.", "0:05:00"),
    ("ten mins", "0:10:00"),
    ("twenty-five minutes", "0:25:00"),
    ("ninety seconds", "0:01:30"),
    ("minute and a half", "0:01:30"),
    ("a couple of minutes", "0:02:00"),
    ("a few minutes", "0:03:00"),
    ("1:30:00", "1:30:00"),
    ("the whole day", "1 day, 0:00:00"),
    ("a day and a half", "1 day, 12:00:00"),
    ("a fortnight", "14 days, 0:00:00"),
    ("2 weeks", "14 days, 0:00:00"),
    ("for 20 minutes", "0:20:00"),
    ("eine halbe Stunde", "0:30:00"),
    ("anderthalb Stunden", "1:30:00"),
    ("una hora y media", "1:30:00"),
    ("media hora", "0:30:00"),
    ("deux heures", "2:00:00"),
    ("une heure et demie", "1:30:00"),
    ("ne Viertelstunde", "0:15:00"),
    ("siebeneinhalb Minuten", "0:07:30"),
    ("eine Stunde zehn", "1:10:00"),
    ("1 Std. 40 Min.", "1:40:00"),
    ("6:30 Minuten", "0:06:30"),
    ("knapp 40 Minuten", "0:40:00"),
    ("eine Dreiviertelstunde", "0:45:00"),
    ("hora y cuarto", "1:15:00"),
    ("tres horas y media", "3:30:00"),
    ("dos minutos y medio", "0:02:30"),
    ("cuarenta y cinco minutos", "0:45:00"),
    ("una hora y diez", "1:10:00"),
    ("20'", "0:20:00"),
    ("soixante-dix minutes", "1:10:00"),
    ("deux heures et demie", "2:30:00"),
    ("10 minutes 30", "0:10:30"),
    ("une bonne heure", "1:00:00"),
    ("trois quarts d'heure", "0:45:00"),
]


@pytest.mark.parametrize(("said", "length"), LENGTHS)
def test_length(said: str, length: str) -> None:
    found = duration(said)
    assert isinstance(found, timedelta)
    assert str(found) == length


@pytest.mark.parametrize(
    "said",
    ["", "5", "banana", "zero minutes", "0 seconds", "20 minutes of fame", "1000000000 years", "tomorrow", "-5 min"],
)
def test_no_length(said: str) -> None:
    assert duration(said) is None
