"""Turns arithmetic as people say it into plain symbols: "half of 7350" is `7350/2`. It computes nothing.

A chain of rewriting rules over the lower-cased text, phrases before words, because the grammar of spoken sums is a
bag of idioms. What still holds a word at the end was not understood; it is then read as German, Spanish and French
(arithmetic_words), and when they know no better the text is returned as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from models.starter.arithmetic_words import in_english

EXPRESSION_MAX = 400  # characters; longer text is returned as it is

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: value for value, word in enumerate(_ONES)} | {word: 10 * at for at, word in enumerate(_TENS, 2)}
_LARGE = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 1_000_000, "dozen": 12}
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8,
          "tenth": 10}  # fmt: skip

_N = r"(\d+(?:\.\d+)?)"  # a number
_T = r"(\d+(?:\.\d+)?|\([^()]*\)|sqrt\([^()]*\))"  # a number or one bracket
_LIST = rf"({_N}(?:\s*(?:,|and|\+|\s)\s*{_N})+)"


def _joined(by: str, after: str = "") -> Callable[[re.Match[str]], str]:
    def join(match: re.Match[str]) -> str:
        numbers = re.findall(_N, match.group(1))
        return f"({by.join(numbers)})" + (after and after.format(len(numbers)))

    return join


def _sqrt(match: re.Match[str]) -> str:
    inside = next(group for group in match.groups() if group)
    return f"sqrt{inside}" if inside.startswith("(") else f"sqrt({inside})"


_Rule = tuple[str, str | Callable[[re.Match[str]], str]]
_RULES: tuple[_Rule, ...] = (
    (r"(?<=\d)\s+(?=\()|(?<=\))\s+(?=[\d(])", ""),
    (r"[×✕∙·]|\btimes by\b|\bmultiplied (?:by|with)\b|\btimes\b", "*"),
    (r"[÷∶]|\bdivided by\b|\bdivide by\b|\bover\b", "/"),
    (r"[−–—]|\bminus\b|\bless\b", "-"),
    (r"\bplus\b", "+"),
    (r",\s*(?=[*/] )", " "),
    (r"\^|\b(?:raised )?to the power (?:of )?", "**"),
    (r"\bpercent\b|\bper cent\b|\bpct\b", "%"),
    (r"\bmod(?:ulo)?\b", " mod "),
    (rf"\b(?:the )?cube root (?:of )?{_N}", r"(\1**(1/3))"),
    (rf"\b(?:the )?(?:square )?root (?:of )?{_T}|\bsqrt (?:of )?{_N}|√\s*{_N}", _sqrt),
    (rf"{_T} squared|{_T}\s*²", lambda m: f"{m.group(1) or m.group(2)}**2"),
    (rf"{_T} cubed|{_T}\s*³", lambda m: f"{m.group(1) or m.group(2)}**3"),
    (rf"\b(?:the )?(?:sum|total) of {_LIST}", _joined("+")),
    (rf"\badd(?: up)? {_LIST}(?: together| up)?", _joined("+")),
    (rf"{_LIST} (?:(?:all )?(?:added|summed|put)(?: up)?(?: together)?|in total|(?:al)?together)", _joined("+")),
    (rf"\b(?:the )?product of {_LIST}", _joined("*")),
    (rf"\bmultiply {_LIST}(?: together)?", _joined("*")),
    (rf"\b(?:the )?(?:average|mean) of {_LIST}", _joined("+", "/{}")),
    (rf"\b(?:the )?difference (?:between|of) {_N} and {_N}", r"(\1-\2)"),
    (rf"\b(?:subtract|take(?: away)?|deduct) {_N} from {_T}", r"(\2-\1)"),
    (rf"\badd {_N}\s*% (?:to|on(?: top of)?) {_N}", r"(\2*(1+\1/100))"),
    (rf"\b(?:take |with )?{_N}\s*% (?:off|discount on)(?: of)? {_N}", r"(\2*(1-\1/100))"),
    (rf"{_T} with {_N}\s*% off", r"(\1*(1-\2/100))"),
    (rf"\badd {_N} to ((?:[\d.]+\s*[*/]\s*)+[\d.]+)$", r"(\2+\1)"),
    (rf"\badd {_N} (?:to|and) {_T}", r"(\2+\1)"),
    (rf"\bmultiply {_T} (?:by|with) {_T}", r"(\1*\2)"),
    (rf"\b(?:divide|split) {_T} (?:by|among|between|across|into|over) {_T}", r"(\1/\2)"),
    (rf"\b(?:split|shared?|divided) (?:equally |evenly )?(?:by|among|between|across) {_T}", r"/\1"),
    (rf"\b(?:split|divided|shared) {_N}[ -]ways?", r"/\1"),
    (rf"\b(?:double|twice|two times) {_T}", r"(2*\1)"),
    (rf"\b(?:triple|thrice) {_T}", r"(3*\1)"),
    (rf"{_T} doubled", r"(2*\1)"),
    (rf"{_T} tripled", r"(3*\1)"),
    (rf"{_T} halved", r"(\1/2)"),
    (rf"{_N}\s*% (?:of|from|on) {_T}", r"(\1/100*\2)"),
    (rf"{_T}\s*([-+])\s*{_N}\s*%", r"(\1*(1\2\3/100))"),
    (rf"{_N}\s*%", r"(\1/100)"),
    (rf"{_N} (?:[a-z]+ ){{0,3}}(?:at|for|x|@) {_N} (?:[a-z]+ )?(?:each|apiece|a piece|per [a-z]+|an? [a-z]+|every)\b", r"(\1*\2)"),  # noqa: E501
    (rf"{_N} (?:[a-z]+ ){{1,3}}at {_N}(?: [a-z]+)?$", r"(\1*\2)"),
    (rf"{_T}\s*[x]\s*(?=[\d(])", r"\1*"),
    (r"^(.*?\d.*?),?\s*(?:(?:and )?then |and |,)?\s*(?:all of (?:it|that)|all|the (?:whole|entire) (?:thing|lot)|the (?:lot|sum|result|total)|that|it)\s*([*/]|\*\*)", r"(\1)\2"),  # noqa: E501
)  # fmt: skip
_FILLER = re.compile(
    r"\b(?:what(?:'s| is)|how much is|calculate|compute|work out|the result of|equals?|please|then|and|of|the|is|a|an|"
    r"people|persons?|friends|ways|of us|euros?|dollars?|pounds?|bucks|quid|usd|eur|gbp)\b|[€$£=?]"
)
_PLAIN = re.compile(r"(?:[\d.+*/()\s-]|\bsqrt\b|\bmod\b)+")


def to_symbols(text: str) -> str:
    """`text` as an expression of digits, + - * / ** %, brackets and sqrt; unchanged when not understood."""
    if len(text) > EXPRESSION_MAX:
        return text
    said = text.lower().replace("’", "'").strip(" .?!=")
    return _symbols(said) or next(filter(None, map(_symbols, in_english(said))), text.strip())


def _symbols(said: str) -> str:
    """`said`, which is English, as symbols; "" when not understood."""
    said = _numbers(said)
    for pattern, by in _RULES:
        said = re.sub(pattern, by, said)
    said = re.sub(r"\s+", " ", _FILLER.sub(" ", said)).strip(" ,")
    if not _PLAIN.fullmatch(said) or not re.search(r"\d", said):
        return ""
    said = said.replace("mod", "%")
    said = re.sub(r"\s*([-+*/%])\s*|(?<=\() | (?=\))|(?<!\d) (?=\()", r"\1", said)
    return "" if " " in said else _outer(said)


def _outer(said: str) -> str:
    """Drops brackets around the whole: the rules put them there to be safe."""
    while said.startswith("(") and said.endswith(")") and _closes_last(said):
        said = said[1:-1]
    return said


def _closes_last(said: str) -> bool:
    depth = 0
    for at, char in enumerate(said):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at == len(said) - 1
    return False


def _numbers(said: str) -> str:
    """Number words to digits, fractions to divisions, thousands separators dropped."""
    said = re.sub(r"(?<=\d)[,'](?=\d{3}(?![\d_]))", "", said)
    said = re.sub(r"\b(\d+(?:\.\d+)?)k\b", lambda m: f"{float(m[1]) * 1000:g}", said)
    said = re.sub(r"\b(hundred|thousand) and (?=[a-z])", r"\1 ", said)
    said = re.sub(r"\b(\d+) (hundred|thousand|million|dozen)\b", lambda m: str(int(m[1]) * _LARGE[m[2]]), said)
    said = re.sub(r"[a-z]+(?:[- ](?:and )?[a-z]+)*", lambda match: _spoken(match.group()), said)
    said = re.sub(r"\b(\d+) and a (half|quarter)\b", lambda m: m[1] + {"half": ".5", "quarter": ".25"}[m[2]], said)
    parts = "|".join(_PARTS)
    said = re.sub(r"\b(?:a |one )?half (?:of )?(?=[\d(])(\d+(?:\.\d+)?)", r"(\1/2)", said)
    return re.sub(
        rf"\b(?:(\d+|a|an)[ -])?({parts})s? of (?:a |the )?{_T}",
        lambda m: f"({m[1] if m[1] and m[1].isdigit() else 1}/{_PARTS[m[2]]}*{m[3]})",
        said,
    )


def _spoken(words: str) -> str:
    """Each run of number words in `words` as digits; the other words stay."""
    out: list[str] = []
    total = current = 0
    inside = False
    for word in [*re.split(r"[- ]", words), ""]:
        if word in _SMALL and not (inside and _SMALL[word] >= 10 and current % 100 > 0):
            current, inside = current + _SMALL[word], True
        elif word in _LARGE and inside:
            current *= _LARGE[word]
            if _LARGE[word] >= 1000:
                total, current = total + current, 0
        else:
            if inside:
                out.append(str(total + current))
                total = current = 0
            inside = word in _SMALL
            current = _SMALL.get(word, 0)
            if not inside:
                out.append(word)
    return " ".join(out).strip()
