"""Sums as German, Spanish and French say them, in the English that `arithmetic` knows: "3 mal 4" is "3 * 4".

One table a language, read from top to bottom over small letters without accents: percent before number words, because
"por ciento" is no hundred; phrases before words. These languages write 1.250,5 or 1 250,5 where English has 1,250.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from models.starter import numerals

_Rule = tuple[str, str | Callable[[re.Match[str]], str]]
_N = r"(\d+(?:\.\d+)?)"  # a number
_LIST = rf"({_N}(?:(?:,| and|,? plus)? {_N})+)"
_PERCENT = r" ?(?:percent|%)"
_SIGNS = ("plus|minus|mal|hoch|durch|geteilt|mas|menos|por|entre|elevado|dividido|fois|moins|sur|divise|puissance|"
          "exposant")  # fmt: skip
_THINGS = rf"(?:(?!(?:{_SIGNS})\b)[^\W\d][\w'-]* ){{1,5}}?"  # "12 notes de frais" a 30


def _parts(names: dict[str, str], of: str) -> tuple[_Rule, ...]:
    return tuple((rf"(?:(\d+) )?{name} {of}", rf"\1 {part} of") for name, part in names.items())


def _powers(names: str, before: str) -> tuple[_Rule, ...]:
    return tuple((f"{before} {name}", f"**{number}") for number, name in enumerate(names.split(), 4))


_GERMAN: tuple[_Rule, ...] = (
    ("pro ?zent", "percent"),
    (".+", lambda match: numerals.german(match[0])),
    (rf"{_N}{_PERCENT} (?:rabatt|nachlass|skonto|ermassigung) (?:auf|von)", r"\1% off"),
    (rf"(?:abzuglich|minus|weniger|mit) {_N}{_PERCENT} (?:rabatt|nachlass|skonto|ermassigung)", r"minus \1%"),
    (rf"{_N}{_PERCENT} (?:mwst|mehrwertsteuer|trinkgeld|aufschlag|zinsen)", r"\1%"),
    (rf"{_N}{_PERCENT} (?:von|vom|aus|auf)", r"\1% of"),
    ("zuzuglich|zzgl", "plus"),
    ("abzuglich|abzgl|weniger", "minus"),
    ("und", "and"),
    ("dreiviertel", "3 viertel"),
    ("halfte (?:von|aus)", "half of"),
    *_parts({"drittel": "third", "viertel": "quarter", "funftel": "fifth", "sechstel": "sixth", "achtel": "eighth",
             "zehntel": "tenth"}, "(?:von|aus)"),
    ("doppelte (?:von|aus)", "double"),
    ("dreifache (?:von|aus)", "triple"),
    ("vierfache (?:von|aus)", "4 *"),
    ("summe (?:von|aus)", "sum of"),
    ("produkt (?:von|aus)", "product of"),
    ("differenz (?:zwischen|von|aus)", "difference between"),
    ("(?:durchschnitt|mittelwert|mittel) (?:von|aus)", "average of"),
    (rf"quotient (?:von|aus) {_N} (?:and|durch) {_N}", r"(\1/\2)"),
    (rf"rest von {_N} (?:geteilt )?durch {_N}", r"\1 mod \2"),
    ("(?:kubik|kubische |dritte )wurzel (?:von|aus)", "cube root of"),
    ("(?:quadrat)?wurzel(?: von| aus)?", "square root of"),
    ("(?:zum|im|ins) quadrat|quadriert", "squared"),
    ("hoch", "**"),
    (r"(?:(?:and )?das (?:ganze|alles)|(?:and )?alles|(?:and|and dann) das) (mal|durch|geteilt|multipliziert|hoch)",
     r"all \1"),
    (rf"(?:zieh|ziehe|subtrahiere?|nimm)(?: mal)? {_N} von {_N}(?: ab| weg)?", r"(\2-\1)"),
    (rf"(?:addiere?|zahl|zahle)(?: mal)? {_LIST}(?: zusammen)?", r"sum of \1"),
    (rf"{_LIST} (?:zusammen|addiert|zusammengezahlt|zusammengerechnet)", r"sum of \1"),
    (rf"(?:multiplizier|multipliziere|nimm) {_N} (?:mit|mal) {_N}", r"(\1*\2)"),
    (rf"(?:teile?|dividiere?|verteile?) {_N}(?: euro)? (?:durch|auf|unter) {_N}", r"(\1/\2)"),
    (rf"(?:durch|auf|unter|an) {_N}(?: \w+)? (?:verteilt|aufgeteilt|geteilt|dividiert)", r"/ \1"),
    ("(?:geteilt|dividiert|verteilt|aufgeteilt) (?:durch|auf|unter|an)|durch|:", "/"),
    ("(?:multipliziert|malgenommen) mit|mal", "*"),
    (rf"{_N} mit {_N} (?:multipliziert|malgenommen)", r"(\1*\2)"),
    (rf"(\d+/\d+) (?:von|aus) {_N}", r"(\1*\2)"),
    (rf"{_N} (?:zu|a) je {_N}", r"(\1*\2)"),
    (rf"{_N} {_THINGS}(?:(?:zu|mit|fur|a) je|zu|a|je) {_N}(?: euro)?(?: (?:(?:pro|das|der|die|je) )?[a-z]+$)?",
     r"(\1*\2)"),
    ("euro|eur|franken|leuten?|personen|kopfen?|freunden?|kinder|kindern|ein(?:e[nrsm]?)?|der|die|das|den|dem|bitte|ist|"
     "sind|macht|was|wie ?viel", " "),
)  # fmt: skip

_SPANISH: tuple[_Rule, ...] = (
    (rf"por ?ciento(?! (?:{'|'.join(numerals.SPANISH)})\b)", "percent"),  # "por ciento veinte" is times 120
    (".+", lambda match: numerals.spanish(match[0])),
    (rf"{_N}{_PERCENT} de (?:descuento|rebaja) (?:sobre|en|a|de)", r"\1% off"),
    (rf"(?:con|menos)(?: una?| el)? {_N}{_PERCENT} de (?:descuento|rebaja)", r"minus \1%"),
    (rf"{_N}{_PERCENT} de (?:iva|propina|recargo|interes)", r"\1%"),
    (rf"(?:el )?iva (?:del|al|de) {_N}(?:{_PERCENT})?", r"\1%"),
    (rf"{_N} sin {_N}%", r"(\1/(1+\2/100))"),
    (rf"{_N}{_PERCENT} (?:de|del|sobre)", r"\1% of"),
    ("y", "and"),
    ("mitad de", "half of"),
    *_parts({"tercios?": "third", "cuartos?": "quarter", "quintos?": "fifth", "sextos?": "sixth", "octavos?": "eighth",
             "decimos?": "tenth"}, "de"),
    *_parts({"tercera parte": "third", "cuarta parte": "quarter", "quinta parte": "fifth", "sexta parte": "sixth",
             "octava parte": "eighth", "decima parte": "tenth"}, "de"),
    ("doble de", "double"),
    ("triple de", "triple"),
    ("suma (?:de|entre)", "sum of"),
    ("producto (?:de|entre)", "product of"),
    ("(?:resta|diferencia) (?:de|entre)", "difference between"),
    ("(?:media|promedio) (?:de|entre)", "average of"),
    (rf"cociente (?:de|entre) {_N} (?:and|entre|por) {_N}", r"(\1/\2)"),
    (rf"resto de (?:dividir )?{_N} (?:entre|por) {_N}", r"\1 mod \2"),
    ("raiz cubica de", "cube root of"),
    ("raiz(?: cuadrada)?(?: de)?", "square root of"),
    ("al cuadrado", "squared"),
    ("al cubo", "cubed"),
    *_powers("cuarta quinta sexta", "(?:elevado )?a la"),
    ("(?:elevado )?a la potencia(?: de)?|elevado a(?: la)?", "**"),
    (rf"{_N} a la {_N}", r"\1**\2"),
    (r"(?:y )?todo(?: eso)? (por|entre|dividido|multiplicado)", r"all \1"),
    (rf"(?:restale|resta|restar|quitale) {_N} (?:a|de) {_N}", r"(\2-\1)"),
    (rf"(?:sumale|suma|sumar) {_LIST}", r"sum of \1"),
    (rf"(?:sumale|suma|sumar) {_N} (?:a|con) {_N}", r"(\2+\1)"),
    (rf"multiplica(?:r)? {_N} por {_N}", r"(\1*\2)"),
    (rf"(?:divide|dividir|reparte|repartir) {_N}(?: euros| pesos)? (?:entre|por|en) {_N}", r"(\1/\2)"),
    ("(?:a )?(?:dividid[oa]s?|repartid[oa]s?|dividir|repartir)(?: entre| por| en)?|entre|:", "/"),
    (rf"(\d+/\d+) de {_N}", r"(\1*\2)"),
    (rf"{_N} a {_N} cada (?:1|una)", r"(\1*\2)"),
    (rf"{_N} {_THINGS}a {_N}(?: euros| pesos| dolares)?(?: (?:cada|la|el|por) (?:1|[a-z]+))?", r"(\1*\2)"),
    (rf"{_N} (?:cajas|paquetes|bolsas|filas|bandejas) de {_N}", r"(\1*\2)"),
    (rf"{_N} docenas?", r"(\1*12)"),
    ("multiplicad[oa]s? por|por|veces", "*"),
    (rf"(mas|menos)(?: una?| el| la)? {_N}", r"\1 \2"),
    ("mas", "+"),
    ("menos", "-"),
    ("modulo", "mod"),
    ("(?:de|en) gastos|(?:al|cada) (?:mes|dia|ano)|en total|cada 1", " "),
    ("euros?|pesos?|dolares|personas|amigos|dias|meses|semanas|el|la|los|las|una?|de|es|son|cuanto", " "),
)  # fmt: skip

_FRENCH: tuple[_Rule, ...] = (
    ("pour ?cents?", "percent"),
    (".+", lambda match: numerals.french(match[0])),
    (rf"{_N}{_PERCENT} de (?:remise|rabais|reduction|promo) sur", r"\1% off"),
    (rf"(?:avec|moins)(?: une?| les?)? {_N}{_PERCENT} de (?:remise|rabais|reduction|promo)", r"minus \1%"),
    (rf"{_N}{_PERCENT} de (?:tva|pourboire|taxes?|frais|interets)", r"\1%"),
    (rf"{_N}{_PERCENT} (?:de|du|sur)", r"\1% of"),
    ("et", "and"),
    ("moitie de", "half of"),
    *_parts({"tiers": "third", "quarts?": "quarter", "cinquiemes?": "fifth", "sixiemes?": "sixth",
             "huitiemes?": "eighth", "dixiemes?": "tenth"}, "de"),
    ("double de", "double"),
    ("triple de", "triple"),
    ("somme de", "sum of"),
    (rf"produit de {_N} (?:par|and|fois) {_N}", r"(\1*\2)"),
    ("difference (?:entre|de)", "difference between"),
    ("moyenne (?:entre|de)", "average of"),
    (rf"quotient de {_N} (?:par|and|sur) {_N}", r"(\1/\2)"),
    (rf"reste de (?:la division de )?{_N} par {_N}", r"\1 mod \2"),
    ("racine cubique de", "cube root of"),
    ("racine(?: carree)?(?: de)?", "square root of"),
    ("au carre", "squared"),
    ("au cube", "cubed"),
    ("(?:a la )?puissance|exposant", "**"),
    (r"(?:and )?(?:le tout|tout(?: ca)?|l'ensemble) (fois|divise|multiplie|sur)", r"all \1"),
    (rf"(?:soustrais|soustraire|enleve|retire|ote) {_N} (?:de|a) {_N}", r"(\2-\1)"),
    (rf"(?:additionne|additionner|ajoute) {_LIST}", r"sum of \1"),
    (rf"(?:additionne|ajoute|ajouter) {_N} a {_N}", r"(\2+\1)"),
    (rf"multiplier? {_N} par {_N}", r"(\1*\2)"),
    (rf"(?:divise|diviser|partage|partager) {_N}(?: euros)? (?:par|en|entre|sur) {_N}", r"(\1/\2)"),
    ("(?:a )?(?:divise|diviser|partage|partager|reparti|repartir)(?:e?s)?(?: par| en| entre| sur)?|sur|entre|:", "/"),
    ("multiplie(?:e?s)? par|fois", "*"),
    (rf"(\d+/\d+) de {_N}", r"(\1*\2)"),
    (rf"{_N} a {_N}(?: euros?)? (?:chacune?|piece|l'unite)", r"(\1*\2)"),
    (rf"{_N} {_THINGS}a {_N}(?: euros?| francs?)?(?: (?:chacune?|piece|l'unite|(?:le|la|par|chaque) [a-z]+))?",
     r"(\1*\2)"),
    (rf"(moins|plus)(?: une?| les?)? {_N}", r"\1 \2"),
    ("moins", "-"),
    ("hors taxes?|en tout|au total|chacune?", " "),
    ("euros?|francs?|personnes?|amis?|le|la|les|une?|de|du|c'est|est|font|combien|ht|ttc", " "),
)  # fmt: skip

_TABLES = {"de": _GERMAN, "es": _SPANISH, "fr": _FRENCH}


def in_english(said: str) -> Iterator[str]:
    """`said` as each language would have meant it."""
    plain = _points(_without_accents(said.casefold().replace("’", "'")))
    plain = re.sub(r"(?<=\d)\s*%\s*(?=\d)", " mod ", plain)
    for language in _TABLES:
        words = plain
        for pattern, english in _compiled(language):
            words = pattern.sub(english, words)
        yield re.sub(r"\s+", " ", words).strip(" ,")


@cache
def _compiled(language: str) -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    return tuple((re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), english) for pattern, english in _TABLES[language])


def _points(said: str) -> str:
    """1.250,5 and 1 250,5 and 1,250.5 as 1250.5; a comma between digits is otherwise the decimal point."""
    said = re.sub(r"(?<![\d.,])[1-9]\d{0,2}(?:[ \u00a0\u202f']\d{3})+(?!\d)", _digits_alone, said)
    said = re.sub(r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])", _digits_alone, said)
    said = re.sub(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?=\.\d)", _digits_alone, said)
    return re.sub(r"(?<=\d),(?=\d)", ".", said)


def _digits_alone(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match[0])


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
