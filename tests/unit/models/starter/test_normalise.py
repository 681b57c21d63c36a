from __future__ import annotations

import pytest

from models.starter.arithmetic import to_symbols
from models.starter.normalise import normalise, setting


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
    ],
)
def test_settings_get_the_values_of_the_file(key: str, said: str | None, wanted: tuple[str, str]):
    assert setting(key, said) == wanted
