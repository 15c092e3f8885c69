"""The fonts of labels and legends, from what the operating system has."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In the order in which MapServer looks for a glyph: Noto Sans for Latin with the Vietnamese letters, for Greek and
# Cyrillic, then the scripts of the region. DejaVu comes last because it has Lao letters but no places for their marks.
_WANTED = (
    ("noto", "NotoSans-Regular.ttf"),
    ("arabic", "NotoSansArabic-Regular.ttf"),
    ("thai", "NotoSansThai-Regular.ttf"),
    ("lao", "NotoSansLao-Regular.ttf"),
    ("khmer", "NotoSansKhmer-Regular.ttf"),
    ("myanmar", "NotoSansMyanmar-Regular.ttf"),
    ("sans", "DejaVuSans.ttf"),
)
FONTSET = "fonts.txt"
"""Name of the font set file beside the mapfiles."""

PACKAGES = ("fonts-dejavu-core", "fonts-noto-core")
"""Debian's packages of these fonts; without the first MapServer falls back to its built-in Latin font."""


def installed() -> dict[str, Path]:
    """Name and absolute path of the wanted fonts that are installed, in look-up order."""
    found: dict[str, Path] = {}
    for name, file in _WANTED:
        path = next((p for folder in _FOLDERS if folder.is_dir() for p in sorted(folder.rglob(file))), None)
        if path:
            found[name] = path
    return found


def fontset(fonts: dict[str, Path]) -> str:
    """The text of MapServer's font set file."""
    return "".join(f"{name} {path}\n" for name, path in fonts.items())
