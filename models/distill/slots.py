"""Slot kinds: the lists under data/slots, times, numbers, names, addresses, and words nobody has seen before.

Content must be so varied that borders are learnt from structure. So names come from many locales, and now and then a
noun is replaced by a made-up word.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from models.distill.times import TIME_KINDS
from models.distill.wording import Kind, Kinds, fill

SLOTS = Path(__file__).parent / "data" / "slots"
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "pt_BR", "nl_NL", "sv_SE", "fi_FI", "cs_CZ",
           "tr_TR", "ro_RO", "hr_HR", "en_IN", "id_ID", "vi_VN", "en_NG", "hu_HU", "da_DK", "no_NO",
           "es_MX")  # fmt: skip
UNORDERED = ("it_IT",)  # Faker draws these cities from a set: another order in every process
NAMES_EACH = 400
MADE_UP = 0.08  # share of nouns that are no word at all
ANY_WORD = 0.15  # share of nouns that are some word of the language, a noun or not

_ONSET = ("b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pl", "qu",
          "r", "s", "sh", "st", "t", "tr", "v", "w", "z", "")  # fmt: skip
_VOWEL = ("a", "e", "i", "o", "u", "ai", "ea", "oo", "ou", "y")
_CODA = ("", "", "n", "r", "l", "t", "m", "sk", "nd", "x", "ck", "th", "st", "ng")


def made_up(rng: random.Random) -> str:
    return "".join(rng.choice(_ONSET) + rng.choice(_VOWEL) + rng.choice(_CODA) for _ in range(rng.choice((1, 2, 2, 3))))


def code(rng: random.Random) -> str:
    """A reference as printed on things: WQ-88120-B, DL 0142, 4471."""
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=rng.randint(1, 3)))
    digits = "".join(rng.choices("0123456789", k=rng.randint(2, 6)))
    shape = rng.choice(("{a}-{n}", "{a}{n}", "{a} {n}", "{n}", "{a}-{n}-{b}", "{n}/{m}"))
    return shape.format(a=letters, n=digits, b=rng.choice("ABCDEF"), m=rng.randint(1, 30))


@cache
def _names() -> tuple[list[str], list[str], list[str], list[str]]:
    from faker import Faker

    first: set[str] = set()
    last: set[str] = set()
    cities: set[str] = set()
    companies: set[str] = set()
    for seed, locale in enumerate(LOCALES):
        source = Faker(locale)
        source.seed_instance(seed)
        for _ in range(NAMES_EACH):
            first.add(source.first_name())
            last.add(source.last_name())
        for _ in range(NAMES_EACH // 4):
            if locale not in UNORDERED:
                cities.add(source.city())
            companies.add(source.company().split(",")[0])
    ordered = [sorted(found) for found in (first, last, cities, companies)]
    return ordered[0], ordered[1], ordered[2], ordered[3]


def first_name(rng: random.Random) -> str:
    return rng.choice(_names()[0])


def last_name(rng: random.Random) -> str:
    return rng.choice(_names()[1])


def address(rng: random.Random) -> str:
    user = rng.choice((first_name(rng), f"{first_name(rng)}.{last_name(rng)}", made_up(rng), "info", "office", "hello"))
    domain = rng.choice((made_up(rng), made_up(rng) + "-" + made_up(rng), last_name(rng), "example"))
    end = rng.choice(("com", "org", "de", "co.uk", "example", "net", "io", "fr", "es"))
    return f"{user}@{domain}.{end}".lower().replace(" ", "")


def url(rng: random.Random) -> str:
    host = rng.choice((made_up(rng) + made_up(rng), f"{made_up(rng)}-{made_up(rng)}"))
    end = rng.choice(("com", "org", "example", "co.uk", "de", "io", "net", "gov", "edu", "fr"))
    front = rng.choice(("https://", "https://www.", "http://", "www.", "", "", "https://docs."))
    path = "/".join(rng.choice((made_up(rng), made_up(rng) + "-" + made_up(rng), str(rng.randint(1, 2030))))
                    for _ in range(rng.choice((0, 1, 1, 2, 3))))  # fmt: skip
    tail = rng.choice(("", "", "", ".html", ".json", ".xml", "?id=" + str(rng.randint(1, 999)), ".txt")) if path else ""
    return f"{front}{host}.{end}" + (f"/{path}{tail}" if path else "")


def _word(rng: random.Random) -> str:
    return rng.choice(
        (made_up(rng), rng.choice(_lines("noun")).replace(" ", "_"), rng.choice(_lines("noun")).split()[0])
    )


def filename(rng: random.Random) -> str:
    joint = rng.choice(("-", "_", "", "-"))
    stem = joint.join(_word(rng) for _ in range(rng.choice((1, 1, 2, 2, 3))))
    stem += rng.choice(("", "", "", "_v2", "-2024", "_final", "-03", "(1)"))
    end = rng.choice(
        (".txt", ".md", ".pdf", ".csv", ".xlsx", ".docx", ".json", ".log", ".py", ".yaml", ".png", ".toml")
    )
    stem = stem.title() if rng.random() < 0.15 else stem
    return stem + end


def path(rng: random.Random) -> str:
    folders = [rng.choice((_word(rng), "Documents", "Downloads", "Desktop", "notes", "src", "work", "projects", "etc"))
               for _ in range(rng.randint(1, 3))]  # fmt: skip
    file = rng.choice((filename(rng), filename(rng), filename(rng), ".bashrc", ".gitconfig", "README", "Makefile"))
    unix = "/".join([*folders, file])
    return rng.choice((
        f"~/{unix}", f"~/{file}", f"/{unix}", unix, f"./{unix}", file, f"/home/{made_up(rng)}/{unix}", f"~/{unix}",
        "C:\\Users\\" + first_name(rng).replace(" ", "") + "\\" + "\\".join([*folders, file]).replace(" ", "_"),
    ))  # fmt: skip


@cache
def _lines(name: str, language: str = "en") -> tuple[str, ...]:
    lines = (SLOTS / language / f"{name}.txt").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.strip() and not line.startswith("# ")]
    if name in {"noun", "adjective", "thing"}:  # word lists hold several to a line
        kept = [word for line in kept for word in line.split(",")]
    return tuple(dict.fromkeys(line.strip() for line in kept if line.strip()))


def _noun(rng: random.Random, language: str = "en", words: Sequence[str] = ()) -> str:
    pick = rng.random()
    if pick < MADE_UP:
        return made_up(rng)
    return rng.choice(words) if words and pick < MADE_UP + ANY_WORD else rng.choice(_lines("noun", language))


def _amount(rng: random.Random) -> str:
    return rng.choice((str(rng.randint(2, 99)), str(rng.randint(100, 9999)), f"{rng.uniform(0.1, 99):.1f}",
                       rng.choice(("two", "three", "four", "five", "six", "ten", "a dozen"))))  # fmt: skip


def _digits(fewest: int, most: int) -> Callable[[random.Random], str]:
    return lambda rng: str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=rng.randint(fewest, most) - 1))


def kinds(language: str = "en", words: Sequence[str] = ()) -> Kinds:
    """Every slot kind by name. Where a list has a kind too, the list of the language wins. A noun
    may be any of `words`."""
    table: Kinds = {}
    plain: dict[str, Callable[[random.Random], str]] = {
        "noun": lambda rng: _noun(rng, language, words), "first": first_name, "last": last_name, "code": code,
        "address": address, "url": url, "path": path, "filename": filename, "amount": _amount, "madeup": made_up,
        "city": lambda rng: rng.choice(_names()[2]), "company": lambda rng: rng.choice(_names()[3]),
        "number": lambda rng: str(rng.randint(2, 60)), "small": lambda rng: str(rng.randint(2, 24)),
        "cityword": lambda rng: rng.choice(_names()[2]).split()[0].lower(), "digits": _digits(4, 7),
        "firstword": lambda rng: first_name(rng).split()[0].lower(), "digits3": _digits(3, 3), "digits4": _digits(4, 4),
        "keyword": lambda rng: "".join(rng.choices("ABCDEFGHIKLMNOPRSTW", k=rng.randint(2, 4))),
        "title1": lambda rng: _noun(rng, language).title(), "titled": lambda rng: table["title"].make(rng)[1].title(),
        "whenflat": lambda rng: "".join(table["when"].make(rng)),
        "periodbare": lambda rng: table["period"].make(rng)[1],
    }  # fmt: skip
    for name, make in plain.items():
        table[name] = Kind(lambda rng, make=make: ("", make(rng)))  # type: ignore[misc]
    if language == "en":
        table |= {name: Kind(timed) for name, timed in TIME_KINDS.items()}
    for file in sorted((SLOTS / language).glob("*.txt")):
        if file.stem != "noun":
            table[file.stem] = Kind(_of_lines(file.stem, language, table))
    return table


def _of_lines(name: str, language: str, table: Kinds) -> Callable[[random.Random], tuple[str, str]]:
    """A line of a list; what stands before its `^` stays outside the value: "am ^Freitag"."""

    def make(rng: random.Random) -> tuple[str, str]:
        line = rng.choice(_lines(name, language))
        before, _, value = ("", "", line) if name == "sum" else line.rpartition("^")  # in a sum it is a power
        return before, fill(value, table, rng)

    return make
