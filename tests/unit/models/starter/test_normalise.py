from __future__ import annotations

import re

import pytest

from models.distill.slots import SLOTS
from models.starter.arithmetic import to_symbols
from models.starter.normalise import normalise, setting, without_the_askers_mark


@pytest.mark.parametrize(
    ("said", "symbols"),
    [
        ("half of 7350", "7350/2"),
        ("6 7 and 12 added together times 4", "(6+7+12)*4"),
        ("35 seats at 48 each", "35*48"),
        ("9 squared plus 40", "9**2+40"),
        ("three quarters of 612", "3/4*612"),
        ("15% of 240", "15/100*240"),
        ("square root of 144 plus 3", "sqrt(144)+3"),
        ("88 plus 14, all times 3.5", "(88+14)*3.5"),
        ("2 to the power of 10", "2**10"),
        ("one hundred and five minus 7", "105-7"),
        ("twelve times eighteen", "12*18"),
        ("1,250 divided by 5", "1250/5"),
        ("240 plus 20%", "240*(1+20/100)"),
        ("20% off 80", "80*(1-20/100)"),
        ("the average of 3, 5 and 8", "(3+5+8)/3"),
        ("split 96 between 4 people", "96/4"),
        ("(40 - 4) / 9", "(40-4)/9"),
        ("12x12", "12*12"),
        ("the meaning of life", "the meaning of life"),
    ],
)
def test_spoken_sums_become_symbols(said: str, symbols: str):
    assert to_symbols(said) == symbols


def test_a_long_sum_is_left_alone():
    assert to_symbols("1+" * 5000 + "1").startswith("1+1")


@pytest.mark.parametrize(
    ("tool", "name", "cut", "value"),
    [
        ("email.send", "body", "that it is signed", "it is signed"),
        ("email.send", "body", '"see you at 7"', "see you at 7"),
        ("email.send", "body", "that", "that"),
        ("message.post", "channel", "#choir", "choir"),
        ("message.post", "channel", "the kitchen", "kitchen"),
        ("message.post", "channel", "den Küchenkanal", "Küchenkanal"),
        ("message.post", "channel", "la cocina", "cocina"),
        ("message.post", "channel", "l'atelier", "atelier"),
        ("email.send", "to", "an Dana", "Dana"),
        ("email.send", "to", "à dana@example.org", "dana@example.org"),
        ("email.send", "to", "a Dana Ruiz", "Dana Ruiz"),
        ("email.send", "to", "An Nguyen", "An Nguyen"),
        ("task.add", "title", "que llame a Dana", "llame a Dana"),
        ("task.add", "title", "d'appeler Dana", "appeler Dana"),
        ("task.add", "title", "that report", "that report"),
        ("task.add", "due", "15.", "15."),
        ("task.add", "due", "12.10.", "12.10."),
        ("task.add", "due", "10.30.", "10.30"),
        ("task.add", "due", "friday.", "friday"),
        ("calendar.list", "when", "tomorrow's", "tomorrow"),
        ("file.read", "path", "./notes.", "./notes."),
        ("note.create", "body", "“tea, no milk”", "tea, no milk"),
    ],
)
def test_a_cut_is_made_to_fit(tool: str, name: str, cut: str, value: str):
    assert normalise(tool, name, cut) == value


@pytest.mark.parametrize(
    ("key", "said", "wanted"),
    [
        ("length=short", None, ("length", "short")),
        ("language", "Spanish", ("language", "es")),
        ("tools.ask", "sending emails", ("tools.email.*", "ask")),
        ("tools.deny", "web.fetch", ("tools.web.fetch", "deny")),
        ("model.default", "qwen model", ("model.default", "qwen")),
        ("model.default", "das Modell qwen", ("model.default", "qwen")),
        ("language", "Deutsch", ("language", "de")),
        ("language", "alemán", ("language", "de")),
        ("language", "anglais", ("language", "en")),
        ("language", "ingles", ("language", "en")),
        ("language", "français canadien", ("language", "fr-CA")),
        ("language", "de-CH", ("language", "de-CH")),
        ("tools.ask", "Mails verschickst", ("tools.email.*", "ask")),
        ("tools.ask", "in Kanäle schreibst", ("tools.message.*", "ask")),
        ("tools.deny", "Webseiten abzurufen", ("tools.web.*", "deny")),
        ("tools.deny", "leer mis archivos", ("tools.file.*", "deny")),
        ("tools.ask", "eventos del calendario", ("tools.calendar.*", "ask")),
        ("tools.ask", "d'envoyer un courriel", ("tools.email.*", "ask")),
        ("tools.allow", "les minuteurs", ("tools.timer.*", "allow")),
        ("tools.deny", "changing settings", ("tools.rc.*", "deny")),
    ],
)
def test_settings_get_the_values_of_the_file(key: str, said: str | None, wanted: tuple[str, str]):
    assert setting(key, said) == wanted


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_every_language_that_the_starter_learns_from_has_a_code(language: str):
    lines = (SLOTS / language / "language.txt").read_text("utf-8").splitlines()
    codes = {line: setting("language", line)[1] for line in lines if line and not line.startswith("# ")}
    assert len(codes) > 10
    assert [line for line, code in codes.items() if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", code)] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("could you tell Bo that it is on?", "could you tell Bo that it is on"),
        ("Hey, can u mail Bo we are late??", "Hey, can u mail Bo we are late"),
        ("kannst du Bo sagen, dass es losgeht?", "kannst du Bo sagen, dass es losgeht"),
        ("could you ask Bo: are you in?", "could you ask Bo: are you in?"),
        ("ask Bo are you in?", "ask Bo are you in?"),
        ("could you tell Bo it is on? thanks", "could you tell Bo it is on?"),
    ],
)
def test_the_mark_of_a_polite_question_is_the_askers(text: str, kept: str):
    end = text.index("?") + len(text[text.index("?") :].split(" ", maxsplit=1)[0])
    assert text[: without_the_askers_mark(text, end)] == kept


@pytest.mark.parametrize(
    ("name", "cut", "value"),
    [
        ("when", "+ 3 november 9:30", "3 november 9:30"),
        ("title", "call Lucía?", "call Lucía"),
        ("title", "- plan", "plan"),
    ],
)
def test_marks_around_a_name_are_not_of_it(name: str, cut: str, value: str):
    assert normalise("calendar.add", name, cut) == value


@pytest.mark.parametrize(
    ("name", "cut", "value"),
    [
        ("body", '"call the vet', "call the vet"),
        ("body", 'call the vet"', "call the vet"),
        ("body", 'nails 5"', 'nails 5"'),
        ("body", 'say "hi"', 'say "hi"'),
        ("project", "payroll project", "payroll"),
        ("project", "project gate-control", "gate-control"),
        ("project", "project", "project"),
    ],
)
def test_half_a_pair_of_quotes_and_the_kind_of_thing_are_not_of_the_value(name: str, cut: str, value: str):
    assert normalise("issue.create" if name == "project" else "note.create", name, cut) == value
