"""German of time."""

import re

from agent.times.replacements import WEEK, YEAR, Replacements, names, number_words
from models.starter import numerals

_DAYS = "montag dienstag mittwoch donnerstag freitag samstag sonntag"
_DAY = f"(?:{_DAYS.replace(' ', '|')}|sonnabend)"
_MONTHS = "januar februar marz april mai juni juli august september oktober november dezember"
_SHORT = dict(zip(("mo", "di", "mi", "do", "fr", "sa", "so"), WEEK.split(), strict=True))
_ORDINAL_STEMS = {"er": "1", "drit": "3", "sech": "6", "sieb": "7", "ach": "8"}
_CLOCK = r"\d{1,2}(?:[:.]\d\d)?"


def _ordinal(match: re.Match[str]) -> str:
    """ "zwolften" is 12th; "letzten" stays."""
    number = _ORDINAL_STEMS.get(match[1]) or numerals.german(match[1])
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number, "th")
    return f"{number}{ending}" if number.isdigit() else match[0]


def _hour_before(match: re.Match[str]) -> str:
    """ "viertel acht" is quarter past seven."""
    return f"quarter past {(int(match[1]) - 2) % 12 + 1}"


def _weeks_ahead(match: re.Match[str]) -> str:
    """ "in zwei wochen am dienstag": that week's Tuesday; more weeks are left as they are said."""
    ways = {"1": f"{match[2]} of next week", "2": f"{match[2]} after next"}
    return ways.get(match[1], match[0].replace(" am ", " & "))


def _days_of_a_month(match: re.Match[str]) -> str:
    """ "vom 3. bis 7. mai" """
    first, its_month, last, month = match.groups()
    return f"{first} {its_month or month} to {last} {month}"


GERMAN: Replacements = (
    ("moin(?= fru| um)", "morgen"),
    ("heut", "heute"),
    ("fruehmorgens|frueh", "fruh"),
    (r"naechst(\w*)", r"nachst\1"),
    (r"uebernaechst(\w*)|uebernachst(\w*)", r"ubernachst\1\2"),
    ("uebermorgen|ubermorgen", "day after tomorrow"),
    ("vorgestern", "day before yesterday"),
    (rf"({_DAY}) in (?:einer woche|1 woche|acht tagen|8 tagen)", r"\1 week"),
    ("acht tagen?", "7 tagen"),  # said of a week
    ("'?ne[rnms]?", "1"),
    ("(?:ein(?:en?)? )?paar", "few"),
    *number_words(numerals.german),
    (rf"^((?:bis|am|ab|nachsten|kommenden|diesen) )?({'|'.join(_SHORT)})\.?"
     r"(?=$|,|\.| (?:um|gegen|ab|von|\d|fru|morgens|vormittag|mittag|nachmittag|abend|halb|viertel|dreiv|kurz|punkt))",
     lambda match: f"{match[1] or ''}{_SHORT[match[2]]}"),
    (rf"({_DAY})(fruh|morgen|vormittag|mittag|nachmittag|abend|nacht)", r"\1 \2"),
    ("(?:eine[rn]? |1 )?dreiviertel ?stunde", "45 minutes"),
    ("(?:eine[rn]? |1 )?viertelstunde", "15 minutes"),
    ("(?:eine[rn]? |1 )?halbe[nr]? stunde", "30 minutes"),
    (r"(\d{1,2}):(\d\d) (?:minuten|min)", r"\1 minutes \2 seconds"),
    (r"(\d{1,2}):(\d\d) (?:stunden|std)", r"\1 hours \2 minutes"),
    ("(?:(?:fur|uber) )?(?:den )?ganze[nr]? tag", "all day"),
    ("gute|knappe?[nr]?|etwa|ungefahr|rund|zirka|gleich|noch|punkt|genau", " "),
    ("jetzt|sofort", "now"),
    ("ein(?:e|er|em|en|s)?", "1"),
    (rf"in (\d+) wochen? am ({_DAY})", _weeks_ahead),
    (rf"(?:ueber|uber)nachste[nrsm]? woche ({_DAY})", r"\1 after next"),
    (r"(?:ueber|uber)nachste[nrsm]? woche", "week after next"),
    (r"(?:ueber|uber)nachste[nrsm]? (\w+)", r"\1 after next"),
    (r"(?:nachstes jahr im|im nachsten jahr im) (\w+)|(\w+) nachsten jahres", r"\1\2 next year"),
    (r"(?:in )?(?:(?:die|den|der) )?(?:nachsten|kommenden) tagen?", "next few days"),
    (r"(?:in )?(?:(?:die|den|der) )?(?:nachsten|kommenden) (\d+|few) tagen?", r"next \1 days"),
    (r"(?:in )?(?:(?:die|den|der) )?(?:nachsten|kommenden) (\d+|few) wochen", r"next \1 weeks"),
    (r"(?:in )?(?:(?:die|den|der) )?(?:nachsten|kommenden) (\d+|few) monaten?", r"next \1 months"),
    ("(?:den )?rest (?:der|dieser) woche", "rest of the week"),
    ("(?:den )?rest des tages", "rest of the day"),
    ("(?:den )?rest des monats", "rest of the month"),
    ("im laufe? der woche", "this week"),
    ("im laufe? des tages", "today"),
    (r"(?:in )?(?:der )?(?:kw|kalenderwoche) (\d{1,2})", r"calendar week \1"),
    (rf"(?:von )?({_DAY}) bis (?:zum )?({_DAY})", r"\1 to \2"),
    (rf"(?:vom )?(\d{{1,2}})\.(?: (\w+))? bis (?:zum )?(\d{{1,2}})\. ({_MONTHS.replace(' ', '|')}|janner)",
     _days_of_a_month),
    (rf"von ({_CLOCK})(?: uhr)? bis ({_CLOCK})(?: uhr)?", r"from \1 to \2"),
    (rf"zwischen ({_CLOCK})(?: uhr)? und ({_CLOCK})(?: uhr)?", r"between \1 and \2"),
    (rf"({_CLOCK}) ?- ?({_CLOCK}) uhr", r"\1-\2"),
    (r"(\w+?)s?te[nrsm]?", _ordinal),
    (rf"(?<![.\d])(\d{{1,2}})\.(?! ?(?:{_MONTHS.replace(' ', '|')}|janner)|\d)", r"the \1"),
    (r"12 (?:uhr )?mittags", "noon"),
    (r"mittags?(?: um| gegen| ab)? (1[2-4]|[12]|halb [12])", r"lunch at \1"),
    (r"(?:kurz|etwas) (?:vor|nach) (\d+|halb \d+)", r"at \1"),
    (r"dreiviertel (\d+)", r"quarter to \1"),
    (r"halb (\d+)", r"30 minutes to \1"),
    (r"(viertel|\d+|\d+ minuten) nach (\d+)", r"\1 past \2"),
    (r"(viertel|\d+|\d+ minuten) vor (\d+)", r"\1 to \2"),
    (r"viertel (\d+)", _hour_before),
    ("viertel", "quarter"),
    (r"(\d{1,2}) uhr (\d\d)", r"\1:\2"),
    ("uhr", "o'clock"),
    ("nach (?:der arbeit|feierabend|dienstschluss)", "after work"),
    ("feierabend|dienstschluss", "end of day"),
    ("nach (?:dem mittagessen|der mittagspause)", "after lunch"),
    ("(?:in der |zur |vor der )?mittagspause|(?:zum |beim |vor dem )?mittagessen", "lunch"),
    ("(?:zum |beim |vor dem |nach dem )?fruhstuck", "breakfast"),
    ("(?:zum |beim )?abendessen", "dinner"),
    ("(?:vorm|vor dem|beim) (?:schlafengehen|schlafen)", "bedtime"),
    ("nach dem aufstehen", "1st thing"),
    ("heute (?:morgen|fruh|vormittag)", "this morning"),
    ("heute (?:abend|nacht)", "tonight"),
    ("heute nachmittag", "this afternoon"),
    ("heute mittag", "today at noon"),
    (rf"({_DAY}) ?morgen", r"\1 morning"),
    ("(?:fruhmorgens|morgens|vormittags|in der fruh|am (?:morgen|vormittag)|vormittag|fruh)", "in the morning"),
    ("(?:nachmittags|am nachmittag|nachmittag)", "in the afternoon"),
    ("(?:abends|am abend|abend)", "in the evening"),
    ("(?:nachts|in der nacht|nacht)", "at night"),
    ("(?:am mittag|mittags|mittag)", "noon"),
    ("mitternacht", "midnight"),
    ("heute", "today"),
    ("morgen", "tomorrow"),
    ("gestern", "yesterday"),
    ("nachste[nrsm]? wochenende", "next weekend"),
    ("wochenende", "weekend"),
    ("nachste[nrsm]?", "next"),
    ("kommende[nr]? woche", "next week"),
    ("kommenden monat", "next month"),
    ("kommende[ns]? jahr", "next year"),
    ("(?:kommende|diese)[nrsm]?", "this"),
    ("letzte[nrsm]? tag (?:im|des|vom)", "last day of"),
    ("letzte[nrsm]?", "last"),
    ("(?:zum |am )?monatsende|ende des monats|ende monat", "end of month"),
    ("monatsersten?|monatsanfang|anfang des monats", "start of month"),
    ("quartalsende|ende des quartals", "end of quarter"),
    ("ende (?:der|dieser) woche", "end of week"),
    ("ende des jahres|jahresende", "end of year"),
    ("ende", "end of"),
    ("anfang", "start of"),
    ("mitte", "mid"),
    ("(?:im )?(?:fruhjahr|fruhling)", "spring"),
    ("(?:im )?sommer", "summer"),
    ("(?:im )?herbst", "autumn"),
    ("(?:im )?winter", "winter"),
    ("rosenmontag", "carnival monday"),
    ("aschermittwoch", "ash wednesday"),
    ("karfreitag", "good friday"),
    ("ostermontag", "easter monday"),
    ("(?:uber )?(?:ostern|ostersonntag)", "easter"),
    ("(?:christi )?himmelfahrt", "ascension day"),
    ("pfingstmontag", "whit monday"),
    ("pfingsten|pfingstsonntag", "whit sunday"),
    ("allerheiligen", "all saints day"),
    ("nikolaus(?:tag)?", "saint nicholas day"),
    ("heiligabend|heilig abend|(?:der |dem )?tag vor weihnachten", "christmas eve"),
    ("weihnachten", "christmas"),
    ("silvester", "new year's eve"),
    ("neujahr", "new year's day"),
    *names(_DAYS, WEEK),
    ("sonnabend", "saturday"),
    *names(_MONTHS, YEAR),
    ("janner", "january"),
    ("feber", "february"),
    ("wochen?", "week"),
    ("monate?[ns]?", "month"),
    ("jahre?[ns]?", "year"),
    ("tage?[ns]?", "days"),
    (r"stunden?|std\b\.?", "hours"),
    ("minuten?", "minutes"),
    (r"sekunden?|sek\b\.?", "seconds"),
    ("um|gegen", "at"),
    ("am", "on the"),
    ("im", "in"),
    ("der|den|dem|die|das|des", "the"),
    ("bis(?: zum)?|spatestens", "until"),
    ("von|ab|vom|seit", "from"),
    ("und", "and"),
)  # fmt: skip
