"""Texts that are kept compressed come back as they were."""

# SPDX-License-Identifier: Apache-2.0

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from zstandard import ZstdError

from gis.texts import FIRST_DICTIONARY, SAMPLES, Packer, Unpacker, dictionary_of


def text(number: int) -> bytes:
    """A feature as texts of features are: mostly what all say."""
    properties = {f"field{at}": None for at in range(25)} | {
        "name": f"Mine {number * 7919}",
        "remark": "ore " * (number % 5),
    }
    point = {"type": "Point", "coordinates": [number / 7, number / 11]}
    return json.dumps({"type": "Feature", "id": f"m-{number}", "geometry": point, "properties": properties}).encode()


TEXTS = [text(number) for number in range(1000)]
FIRST, SECOND = FIRST_DICTIONARY, FIRST_DICTIONARY + 70_000


def dictionary(number: int, texts: list[bytes] = TEXTS[:SAMPLES]) -> bytes:
    found = dictionary_of(texts, number)
    assert found
    return found


def texts(unpacker: Unpacker, packed: list[bytes]) -> list[bytes]:
    return [one.tobytes() for one in unpacker.unpack(packed)]


def test_what_all_texts_say_is_not_kept_with_each() -> None:
    packer = Packer(dictionary(FIRST))
    packed = [packer.pack(one) for one in TEXTS]
    assert sum(map(len, packed)) < sum(map(len, TEXTS)) / 6
    unpacker = Unpacker()
    unpacker.learn(FIRST, dictionary(FIRST))
    assert texts(unpacker, packed) == TEXTS


def test_a_dictionary_is_asked_for_by_its_number_until_it_is_known() -> None:
    packed = [Packer(dictionary(number)).pack(TEXTS[0]) for number in (FIRST, SECOND)]
    unpacker = Unpacker()
    assert unpacker.unknown(packed) == [FIRST, SECOND]
    unpacker.learn(SECOND, dictionary(SECOND))
    assert unpacker.unknown(packed) == [FIRST]
    with pytest.raises(KeyError):
        unpacker.unpack(packed)


def test_a_page_may_hold_texts_of_several_dictionaries_and_of_none() -> None:
    packers = [Packer(None), Packer(dictionary(FIRST)), Packer(dictionary(SECOND, TEXTS[500:700]))]
    packed = [packers[number % 3].pack(one) for number, one in enumerate(TEXTS)]
    unpacker = Unpacker()
    unpacker.learn(FIRST, dictionary(FIRST))
    unpacker.learn(SECOND, dictionary(SECOND, TEXTS[500:700]))
    assert texts(unpacker, packed) == TEXTS
    assert texts(unpacker, packed[::3]) == TEXTS[::3]
    assert texts(unpacker, []) == []


def test_a_dictionary_of_another_number_is_no_substitute() -> None:
    packed = Packer(dictionary(FIRST)).pack(TEXTS[3])
    unpacker = Unpacker()
    unpacker.learn(FIRST, dictionary(SECOND))
    with pytest.raises(ZstdError):
        unpacker.unpack([packed])


@pytest.mark.parametrize("some", [[], TEXTS[:19], [b""] * 50], ids=["none", "few", "empty"])
def test_a_layer_of_few_or_short_texts_has_no_dictionary(some: list[bytes]) -> None:
    assert dictionary_of(some, FIRST) is None


def test_long_texts_make_no_longer_dictionary() -> None:
    long = [one + b" " * 200_000 + one for one in TEXTS[:50]]
    assert len(dictionary(FIRST, long)) <= 16_384


def test_threads_may_unpack_at_the_same_time() -> None:
    packer = Packer(dictionary(FIRST))
    packed = [packer.pack(one) for one in TEXTS]
    unpacker = Unpacker()
    unpacker.learn(FIRST, dictionary(FIRST))
    with ThreadPoolExecutor(8) as threads:
        assert all(found == TEXTS for found in threads.map(lambda _: texts(unpacker, packed), range(64)))
