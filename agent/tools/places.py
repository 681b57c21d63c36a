"""Which zone a place is in, without asking anyone: cities from the zone database's own names, countries from its table,
and a list of large cities that keep the time of another.
"""

import re
import unicodedata
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

PLACE_CHARACTERS_MAX = 80
CHOICES_MAX = 6
A_YEAR = 2025  # any recent one: it only tells zones of one country apart

# Cities that no zone is named after.
_LIKE = {
    "America/New_York": "nyc boston washington washington_dc philadelphia miami atlanta orlando pittsburgh baltimore "
    "cleveland charlotte us_east_coast",
    "America/Chicago": "houston dallas austin san_antonio minneapolis st_louis new_orleans milwaukee memphis nashville",
    "America/Denver": "salt_lake_city albuquerque colorado_springs",
    "America/Los_Angeles": "la san_francisco sf seattle san_diego las_vegas portland san_jose sacramento oakland "
    "silicon_valley california us_west_coast palo_alto",
    "America/Toronto": "ottawa montreal quebec quebec_city hamilton",
    "America/Edmonton": "calgary",
    "America/Sao_Paulo": "rio rio_de_janeiro brasilia",
    "America/Mexico_City": "guadalajara puebla",
    "Europe/London": "england scotland wales uk britain great_britain manchester liverpool birmingham leeds edinburgh "
    "glasgow bristol cardiff oxford cambridge sheffield newcastle",
    "Europe/Berlin": "munich munchen muenchen hamburg cologne koln koeln frankfurt stuttgart leipzig dresden bremen "
    "hanover dusseldorf nuremberg",
    "Europe/Paris": "lyon marseille nice toulouse bordeaux strasbourg lille nantes",
    "Europe/Madrid": "barcelona valencia seville sevilla bilbao malaga",
    "Europe/Rome": "milan milano naples napoli florence firenze venice venezia turin torino bologna palermo",
    "Europe/Zurich": "geneva geneve bern basel lausanne",
    "Europe/Amsterdam": "rotterdam the_hague utrecht holland eindhoven",
    "Europe/Brussels": "antwerp ghent bruges",
    "Europe/Warsaw": "krakow cracow gdansk wroclaw poznan",
    "Europe/Vienna": "wien salzburg graz innsbruck",
    "Europe/Lisbon": "porto",
    "Europe/Dublin": "cork galway",
    "Europe/Stockholm": "gothenburg malmo",
    "Europe/Kyiv": "kiev lviv odessa odesa kharkiv",
    "Europe/Moscow": "st_petersburg saint_petersburg",
    "Europe/Istanbul": "ankara izmir",
    "Europe/Prague": "brno",
    "Asia/Kolkata": "mumbai bombay delhi new_delhi bangalore bengaluru chennai hyderabad pune",
    "Asia/Shanghai": "beijing shenzhen guangzhou chengdu wuhan",
    "Asia/Tokyo": "osaka kyoto yokohama nagoya sapporo fukuoka",
    "Asia/Seoul": "busan",
    "Asia/Dubai": "abu_dhabi",
    "Asia/Ho_Chi_Minh": "hanoi saigon",
    "Asia/Jerusalem": "tel_aviv haifa",
    "Asia/Karachi": "lahore islamabad",
    "Asia/Riyadh": "mecca jeddah",
    "Asia/Kathmandu": "pokhara",
    "Africa/Johannesburg": "cape_town durban pretoria",
    "Africa/Cairo": "alexandria",
    "Africa/Casablanca": "marrakesh marrakech rabat",
    "Africa/Lagos": "abuja",
    "Australia/Sydney": "canberra newcastle_nsw",
    "Australia/Brisbane": "gold_coast",
    "Pacific/Auckland": "wellington christchurch",
    "Pacific/Honolulu": "hawaii",
    "America/Puerto_Rico": "san_juan",
}
_ABBREVIATED = {
    "utc": "UTC", "gmt": "Etc/GMT", "zulu": "UTC", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
    "eet": "Europe/Athens", "bst": "Europe/London", "est": "America/New_York", "edt": "America/New_York",
    "et": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago", "mst": "America/Denver",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo", "aest": "Australia/Sydney", "msk": "Europe/Moscow",
}  # fmt: skip
_COUNTRIES = {"usa": "US", "us": "US", "america": "US", "the states": "US", "united states": "US", "korea": "KR",
              "russia": "RU", "vietnam": "VN", "iran": "IR", "czechia": "CZ", "uae": "AE", "emirates": "AE",
              "taiwan": "TW", "ivory coast": "CI", "turkey": "TR", "bolivia": "BO"}  # fmt: skip
# Countries of several zones: the one that is meant without saying more, or the cities to offer.
_MAIN = {"ES": "Europe/Madrid", "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon", "CN": "Asia/Shanghai",
         "CL": "America/Santiago", "EC": "America/Guayaquil", "UA": "Europe/Kyiv"}  # fmt: skip
_OFFERED = {
    "US": ("New York", "Chicago", "Denver", "Los Angeles", "Anchorage", "Honolulu"),
    "CA": ("Toronto", "Vancouver", "Edmonton", "Winnipeg", "Halifax", "St Johns"),
    "AU": ("Sydney", "Melbourne", "Brisbane", "Adelaide", "Darwin", "Perth"),
    "BR": ("Sao Paulo", "Manaus", "Fortaleza", "Rio Branco"),
    "MX": ("Mexico City", "Cancun", "Tijuana", "Hermosillo"),
    "RU": ("Moscow", "Kaliningrad", "Yekaterinburg", "Novosibirsk", "Vladivostok"),
    "ID": ("Jakarta", "Makassar", "Jayapura"),
}
_AROUND = re.compile(r"^(?:(?:over|right|now|time|what|is|it|the|in|at|for|local)\s+)+|\s+(?:right now|now|time)$")


def zone_of(place: str) -> tuple[str, str] | tuple[()]:
    """The place's name as one writes it and its zone; () when it is unknown or has several zones: see `choices`."""
    name = _plain(place)
    if not name:
        return ()
    if zone := _zones().get(name):
        return _titled(name, place), zone
    for part in (part.strip() for part in name.split(",") if "," in name):
        if zone := _zones().get(part):
            return _titled(part, part), zone
    zones = _zones_of_country(name)
    return (_titled(name, place), zones[0]) if len({_offsets(zone) for zone in zones}) == 1 else ()


def choices(place: str) -> tuple[str, ...]:
    """Cities to offer: those of a country with several zones, or names that come close."""
    name = _plain(place)
    code = _code(name)
    if code:
        cities = (zone.rpartition("/")[2].replace("_", " ") for zone in _country_zones().get(code, ()))
        return _OFFERED.get(code) or tuple(cities)[:CHOICES_MAX]
    near = get_close_matches(name, list(_zones()), n=CHOICES_MAX, cutoff=0.75)
    return tuple(_titled(found, found) for found in near)


def _plain(place: str) -> str:
    text = unicodedata.normalize("NFD", place[:PLACE_CHARACTERS_MAX].casefold()).replace("_", " ").strip(" ?!.")
    return _AROUND.sub("", "".join(char for char in text if not unicodedata.combining(char))).strip(" ?!.")


def _titled(name: str, said: str) -> str:
    """As the user wrote it where that has capitals, else with capitals of our own."""
    own = said.strip(" ?!.")
    if len(own) == len(name) and own != own.casefold():
        return own
    return name.upper() if len(name) <= 3 else name.title()


@cache
def _zones() -> dict[str, str]:
    """Lower-case place to zone. A city's own zone wins over the list of the others."""
    zones = {place.replace("_", " "): zone for zone, places in _LIKE.items() for place in places.split()}
    for zone in sorted(available_timezones()):
        area, _, city = zone.rpartition("/")
        if area and not area.startswith(("Etc", "US", "posix", "right", "SystemV")):
            zones[city.replace("_", " ").casefold()] = zone
        if area or zone in ("UTC", "GMT"):
            zones.setdefault(zone.replace("_", " ").casefold(), zone)
    return zones | _ABBREVIATED


def _zones_of_country(name: str) -> tuple[str, ...]:
    code = _code(name)
    if code in _MAIN:
        return (_MAIN[code],)
    return _country_zones().get(code, ()) if code else ()


def _code(name: str) -> str | None:
    return _COUNTRIES.get(name) or _country_codes().get(name)


@cache
def _country_codes() -> dict[str, str]:
    rows = (line.split("\t") for line in _table("iso3166.tab"))
    codes = {row[1].casefold(): row[0] for row in rows if len(row) == 2}
    return codes | {re.sub(r"\s*\(.*\)", "", name): code for name, code in codes.items()}


@cache
def _country_zones() -> dict[str, tuple[str, ...]]:
    """In the table's order, which puts the most populous first."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in _table("zone.tab"):
        code, _, zone = line.split("\t")[:3]
        zones[code] = (*zones.get(code, ()), zone)
    return zones


def _table(name: str) -> list[str]:
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _offsets(zone: str) -> tuple[object, ...]:
    """What tells two zones apart for a person: their offsets in winter and in summer."""
    rules = ZoneInfo(zone)
    return tuple(datetime(A_YEAR, month, 15, tzinfo=rules).utcoffset() for month in (1, 7))
