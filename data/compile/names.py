"""Names of deposits and mines: tidied for print, reduced for comparison."""

import re
import unicodedata
from difflib import SequenceMatcher

from data.compile.tables import read_rules

GENERIC = frozenset(row["word"] for row in read_rules("generic-words"))
"""Words that do not tell one place from another."""

NO_NAME = frozenset({"", "no alternate names", "unnamed", "unknown", "incl", "so", "n/a"})


KEPT_CAPITALS = frozenset({"II", "III", "IV", "PT"})


def tidy(name: str) -> str:
    """A name as it is printed: single spaces, no words in capitals throughout, wrongly decoded dashes repaired."""
    name = " ".join(name.replace("\x96", "–").split())
    letters = [char for char in name if char.isalpha()]
    if len(letters) > 4 and all(char.isupper() for char in letters):
        name = re.sub(r"[^\W\d_]+", lambda word: word[0] if word[0] in KEPT_CAPITALS else word[0].capitalize(), name)
    return name


def split_names(text: str, separators: str) -> list[str]:
    """The names in a list, tidied, each once. A comma before a space belongs to a name (`Gag, Indonesia`)."""
    parts = (tidy(part) for part in re.split(separators, text))
    return list(dict.fromkeys(part for part in parts if part.lower() not in NO_NAME))


def key(name: str) -> str:
    """What is left of a name without accents, punctuation and generic words, for comparison."""
    apart = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace("đ", "d"))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    words = re.sub(r"[^\w]+", " ", plain).split()
    return " ".join(word for word in words if word not in GENERIC)


def similar(first: str, second: str) -> bool:
    """Whether two keys are likely spellings of one name. Numbers must agree: J4-86 is not H3-112."""
    if not first or not second or _numbers(first) != _numbers(second):
        return False
    few, many = sorted((set(first.split()), set(second.split())), key=len)
    if few <= many and len("".join(few)) > 3:
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= 0.86


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)
