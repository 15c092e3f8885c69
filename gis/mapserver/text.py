"""Free text in a mapfile: titles and values never pass through the mapfile writer's own quoting.

mappyfile decides by the look of a value whether to quote it (an expression in parentheses, a list in braces) and
escapes quotes in some places only. So every text goes through it as a token, and the finished mapfile gets the quoted
text in the token's place. Whatever a title holds, it stays one string.
"""

# SPDX-License-Identifier: Apache-2.0

import re

_TOKEN = re.compile(r'"txt:(\d+)"')
# Control characters are no part of a title and most are not allowed in XML.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def quote(text: str) -> str:
    """The text as one double-quoted mapfile string; a backslash and a quote are escaped, control characters dropped."""
    cleaned = _CONTROL.sub("", text)
    return '"' + cleaned.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Texts:
    """Hands out tokens for texts and puts the texts back at the end."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, text: str) -> str:
        """A token that stands for the text."""
        self.given.append(text)
        return f"txt:{len(self.given) - 1}"

    def restore(self, mapfile: str) -> str:
        """The mapfile with every token replaced by its quoted text."""
        return _TOKEN.sub(lambda match: quote(self.given[int(match[1])]), mapfile)
