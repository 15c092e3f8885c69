"""Which commodity group, that is which colour on a map, a commodity belongs to.

The rules are data (data/compile/rules/commodity-group-rules.csv): an exception names one commodity, a subtree rule a
commodity and all below it. An exception wins, then the nearest subtree rule.
"""

from data.compile.tables import Row

Broader = dict[str, list[str]]


class NoGroupError(ValueError):
    """No rule reaches a commodity."""

    def __init__(self, code: str) -> None:
        super().__init__(f"commodity-group-rules.csv gives no group for {code}: add a rule")


def index_broader(concepts: list[Row]) -> Broader:
    """The broader codes of every concept, by code."""
    return {row["code"]: [code for code in row["broader"].split("|") if code] for row in concepts}


def group_of(code: str, broader: Broader, rules: list[Row]) -> str:
    """The group of a commodity code; raises NoGroupError."""
    exceptions = {rule["code"]: rule["group"] for rule in rules if rule["match"] == "exception"}
    if code in exceptions:
        return exceptions[code]
    subtrees = {rule["code"]: rule["group"] for rule in rules if rule["match"] == "subtree"}
    level = [code]
    while level:
        for candidate in level:
            if candidate in subtrees:
                return subtrees[candidate]
        level = [parent for candidate in level for parent in broader[candidate]]
    raise NoGroupError(code)


def ancestors(code: str, broader: Broader) -> list[str]:
    """The code itself and all above it, nearest first, each once."""
    found, level = [code], [code]
    while level:
        level = [parent for candidate in level for parent in broader[candidate] if parent not in found]
        found += dict.fromkeys(level)
    return found
