"""GeoJSON texts as they are kept: each compressed by itself, with a dictionary of what the texts of its layer share.

Most of a feature's text is what every feature of its layer says: names of fields, fields without a value, URIs of
vocabularies. With a dictionary of it (RFC 8878) a tenth of the text is left. That is read from the disk and unpacked in
less time than the text itself would take to be read, and ten times as many features stay in memory.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from zstandard import (
    BufferSegment,
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    get_frame_parameters,
    train_dictionary,
)

from gis.statement import compiled

FIRST_DICTIONARY = 32_768
"""Smallest number of a dictionary; the format keeps smaller ones for others."""

SAMPLES = 200
"""Texts a dictionary is trained on; more do not make it better."""

_SIZE = 16_384  # bytes of a dictionary
_TOLD = 4_096  # bytes of a text, its last, that a dictionary learns from; positions, which are not shared, come first
_FEWEST = 20  # texts that a dictionary can be trained on
_LEVEL = 3


def dictionary_of(texts: Sequence[bytes], number: int) -> bytes | None:
    """The dictionary of that number, trained on some texts of a layer; None where they are too few or too short."""
    if len(texts) < _FEWEST:
        return None
    try:
        return train_dictionary(_SIZE, [text[-_TOLD:] for text in texts], dict_id=number).as_bytes()
    except ZstdError:
        return None


class Packer:
    """Compresses texts. dictionary: of their layer, None for none."""

    def __init__(self, dictionary: bytes | None) -> None:
        known = ZstdCompressionDict(dictionary) if dictionary else None
        self._compressor = ZstdCompressor(_LEVEL, dict_data=known, write_checksum=False)

    def pack(self, text: bytes) -> bytes:
        """The compressed text."""
        return self._compressor.compress(text)


class Unpacker:
    """Gives texts back as they were, with the dictionaries it has learnt. May be used by several threads."""

    def __init__(self) -> None:
        self._dictionaries: dict[int, ZstdCompressionDict] = {}

    def unknown(self, packed: Iterable[bytes]) -> list[int]:
        """Numbers of the dictionaries that have to be learnt before these texts can be unpacked."""
        return sorted(_numbers(packed) - self._dictionaries.keys())

    def learn(self, number: int, dictionary: bytes) -> None:
        """Know a dictionary from now on."""
        self._dictionaries[number] = ZstdCompressionDict(dictionary)

    def unpack(self, packed: Sequence[bytes]) -> list[BufferSegment]:
        """The texts, as buffers. Raises KeyError with the number of a dictionary that was not learnt."""
        numbers = _numbers(packed)
        if len(numbers) > 1:
            return [text for one in packed for text in self.unpack([one])]
        if not packed:
            return []
        known = self._dictionaries[numbers.pop()] if numbers else None
        # Made anew, in a hundredth of what a page takes: one that is kept must not be used by two threads.
        found = ZstdDecompressor(dict_data=known).multi_decompress_to_buffer(list(packed))
        return [found[number] for number in range(len(found))]


def dictionaries(text_table: tuple[str, str], numbers: Sequence[int]) -> tuple[str, Mapping[str, Any]]:
    """SQL text and values of number and content of some dictionaries. text_table: schema and name of that of texts."""
    schema, name = text_table
    table = sa.table(f"{name}_dictionary", sa.column("number", sa.Integer), sa.column("content"), schema=schema)
    wanted = sa.func.any(sa.bindparam("numbers", required=False, type_=ARRAY(sa.Integer)))
    found = sa.select(table.c.number, table.c.content).where(table.c.number == wanted)
    return compiled(found), {"numbers": list(numbers)}


def _numbers(packed: Iterable[bytes]) -> set[int]:
    """Numbers of the dictionaries that texts were compressed with; none of a text without."""
    return {get_frame_parameters(one).dict_id for one in packed} - {0}
