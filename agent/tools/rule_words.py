"""Rules for tools as people say them: "always ask before you send an email", "never post without showing me first".

The verdict comes first, then what it is about. "never … without asking" is a wish to be asked, not a ban.
"""

import re

_FAMILIES = {
    "email.*": r"e-?mail(?:s|ing|ed)?|mails?",
    "message.*": r"posts?|posting|messag(?:e|es|ing)|channels?|slack|teams|discord|chats?",
    "issue.*": r"issues?|tickets?|bugs?",
    "note.*": r"notes?",
    "task.*": r"tasks?|reminders?|to-?dos?",
    "calendar.*": r"calendar|appointments?|meetings?|events?",
    "web.*": r"web|internet|websites?|pages?|fetch(?:ing)?|brows(?:e|ing)",
    "file.*": r"files?|disk|folders?",
    "timer.*": r"timers?",
    "library.*": r"library|documents?",
}
_EVERYTHING = r"\b(?:anything|everything|anywhere|any tool|all tools|whatever)\b"

_FIRST = r"(?:first|before|beforehand|prior)"
_VERDICTS: tuple[tuple[str, str], ...] = (
    (
        "ask",
        r"\b(?:never|don'?t(?: ever)?|do not)\b.*\bwithout\b.*\b(?:ask|show|check|tell|confirm|approv|permission|ok)",
    ),
    ("allow", r"\bwithout (?:asking|confirm\w*|approval|permission)\b"),
    ("allow", r"\b(?:stop|quit|no need|don'?t|do not|never)\b(?: to)? ask\w*\b"),
    ("allow", r"\bjust (?:send|post|do|file|create)\b|\bgo ahead\b|\bi (?:trust|allow) you\b|\b(?:allow|permit)\b"),
    ("ask", rf"\b(?:ask|check with|confirm with|warn|show)\b.*\b{_FIRST}\b"),
    ("ask", r"\brun (?:it|them|everything) (?:by|past) me\b|\balways (?:ask|confirm)\b|\bi (?:want to|must) approve\b"),
    ("ask", r"\b(?:needs?|require|wants?) my (?:approval|permission|ok|okay)\b"),
    ("deny", r"\b(?:never|don'?t(?: ever)?|do not|stop|no longer|no more)\b|\b(?:not allowed|may not|must not)\b"),
    ("deny", r"\b(?:block|forbid|deny|disable|turn off|ban)\b"),
)


def rules(text: str) -> list[tuple[str, str, int]]:
    """(glob of tools, allow | ask | deny, where it stands) for a sentence in small letters."""
    found = ((rule, re.search(pattern, text)) for rule, pattern in _VERDICTS)
    rule, match = next(((rule, match) for rule, match in found if match), ("", None))
    if match is None:
        return []
    families = [family for family, words in _FAMILIES.items() if re.search(rf"\b(?:{words})\b", text)]
    if not families and rule != "allow" and re.search(_EVERYTHING, text):  # no blanket permission from a turn of phrase
        families = ["*"]
    return [(family, rule, match.start()) for family in families]
