"""clock.now: places to zones, without the network."""

from typing import Any

import pytest

from agent.tools.places import _LIKE, _MAIN, zone_of

PLACES = [
    ("Vancouver", "America/Vancouver"),
    ("over in Vancouver", "America/Vancouver"),
    ("new york", "America/New_York"),
    ("NYC", "America/New_York"),
    ("Osaka", "Asia/Tokyo"),
    ("São Paulo", "America/Sao_Paulo"),
    ("Zürich", "Europe/Zurich"),
    ("Paris, France", "Europe/Paris"),
    ("Germany", "Europe/Berlin"),
    ("the UK", "Europe/London"),
    ("spain", "Europe/Madrid"),
    ("new zealand", "Pacific/Auckland"),
    ("india", "Asia/Kolkata"),
    ("japan", "Asia/Tokyo"),
    ("UTC", "UTC"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("Kyiv", "Europe/Kyiv"),
    ("hong kong", "Asia/Hong_Kong"),
]


@pytest.mark.parametrize(("place", "zone"), PLACES)
def test_place(workshop: Any, place: str, zone: str) -> None:
    assert workshop.done("clock.now", {"place": place}).facts["zone"] == zone


def test_here(workshop: Any) -> None:
    assert workshop.done("clock.now").facts == {
        "place": None,
        "zone": "Europe/Berlin",
        "now": "2026-03-04T10:00:00+01:00",
        "weekday": 2,
        "differs_minutes": 0,
    }


def test_elsewhere_says_how_far_apart(workshop: Any) -> None:
    facts = workshop.done("clock.now", {"place": "tokyo"}).facts
    assert facts["now"] == "2026-03-04T18:00:00+09:00"
    assert (facts["place"], facts["differs_minutes"]) == ("Tokyo", 480)


def test_a_country_of_several_zones_asks_which_city(workshop: Any) -> None:
    asked = workshop.asks("clock.now", {"place": "USA"})
    assert asked.ask == "place"
    assert "Chicago" in asked.choices


def test_a_misspelt_city_is_offered(workshop: Any) -> None:
    assert workshop.asks("clock.now", {"place": "Lodnon"}).choices == ("London",)
    assert workshop.asks("clock.now", {"place": "Atlantis City of Gold"}).choices == ()


def test_every_listed_zone_exists() -> None:
    from zoneinfo import available_timezones

    assert {*_LIKE, *_MAIN.values()} <= available_timezones()


def test_every_offered_city_is_found_when_it_is_chosen(workshop: Any) -> None:
    for country in ("USA", "canada", "australia", "brazil", "mexico", "russia", "indonesia"):
        for city in workshop.asks("clock.now", {"place": country}).choices:
            assert zone_of(city), city


def test_local_is_this_machines_zone(workshop: Any) -> None:
    workshop.agentrc.file.write_text("", "utf-8")
    from dataclasses import replace

    workshop.context = replace(workshop.context, settings=workshop.agentrc.load())
    facts = workshop.done("clock.now").facts
    assert facts["now"]
    assert facts["differs_minutes"] == 0
