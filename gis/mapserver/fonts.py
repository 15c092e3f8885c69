"""The fonts of labels and legends, from what the operating system has."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In the order in which MapServer looks for a glyph. DejaVu covers Latin with the Vietnamese letters, Cyrillic, Greek
# and Arabic; the Noto families add the scripts of mainland Southeast Asia where they are installed.
_WANTED = (
    ("sans", "DejaVuSans.ttf"),
    ("noto", "NotoSans-Regular.ttf"),
    ("arabic", "NotoSansArabic-Regular.ttf"),
    ("thai", "NotoSansThai-Regular.ttf"),
    ("lao", "NotoSansLao-Regular.ttf"),
    ("khmer", "NotoSansKhmer-Regular.ttf"),
    ("myanmar", "NotoSansMyanmar-Regular.ttf"),
)
PACKAGE = "fonts-dejavu-core"
"""Debian's package of the one font that should be there; without it MapServer falls back to its built-in Latin font."""


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
