"""Compile data/vocabularies: one table a scheme, the labels in other languages, the alternative labels.

Sources: the CGI vocabularies and the International Chronostratigraphic Chart. Codes, places in the hierarchy, terms,
ages and colours are taken over; definitions are not.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from data.compile.groups import group_of, index_broader
from data.compile.labels import SCRIPTS, Label, apply_patch, doubtful, has_script
from data.compile.tables import VOCABULARIES, Row, read_csv, read_rules, write_csv

CGI_LABELS = "vocab_cgi/csv/ALL_prefLabels_multilingual.csv"
ICS_TABLE = "vocab_ics/ics_chart.csv"
ICS_LABELS = "vocab_ics/ics_chart.json"
BASE_FIELDS = ("code", "uri", "notation", "broader", "label")
AGE_FIELDS = ("rank", "begin_ma", "begin_err", "end_ma", "end_err", "colour", "order")
OWN_SCHEMES = {
    "commodity-group": (*BASE_FIELDS, "colour", "order"),
    "processing-plant-type": BASE_FIELDS,
    "indicator": (*BASE_FIELDS, "kinds", "direction", "partner", "additive", "signed", "description", "fill"),
    "unit": (*BASE_FIELDS, "kind", "expression"),
    "content": (*BASE_FIELDS, "description"),
    "precision": BASE_FIELDS,
    "ore-measure-type": (*BASE_FIELDS, "description"),
    "unfc-category": (*BASE_FIELDS, "axis", "version", "valid_from", "status", "source"),
}
EXTENDED = {"classification-method-used": (*BASE_FIELDS, "status", "source")}
"""Schemes of the CGI that get further concepts of our own, from own-concepts.csv."""


class DoubtfulLabelsError(ValueError):
    """Labels that are not in the script of their language and that no patch row deals with."""

    def __init__(self, labels: list[Label]) -> None:
        listed = ", ".join(f"{x.scheme}/{x.code} {x.lang} {x.text!r}" for x in labels[:10])
        super().__init__(f"{len(labels)} labels not in the script of their language: {listed}: add rows to patch.csv")


def compile_vocabularies(source: Path, target: Path = VOCABULARIES) -> dict[str, int]:
    """Write every table of data/vocabularies from the source folder; returns rows written by file name."""
    schemes = read_rules("schemes")
    tables = {row["scheme"]: _concepts(source, row) for row in schemes}
    labels = apply_patch(_labels(source, schemes), read_csv(VOCABULARIES / "patch.csv"))
    if wrong := doubtful(labels):
        raise DoubtfulLabelsError(wrong)
    counts = {"schemes": _write(target, "schemes", ("scheme", "title", "uri", "version", "source", "licence"), schemes)}
    for name, concepts in tables.items():
        counts[name] = _write(target, name, _fields(name), concepts)
    rows = [{"scheme": x.scheme, "code": x.code, "lang": x.lang, "label": x.text} for x in labels]
    counts["labels"] = _write(target, "labels", ("scheme", "code", "lang", "label"), sorted(rows, key=_label_order))
    alternatives = _alternative_labels(source, schemes)
    counts["altlabels"] = _write(target, "altlabels", ("scheme", "code", "lang", "label"), alternatives)
    return counts


def _fields(scheme: str) -> tuple[str, ...]:
    """The columns of a scheme's table."""
    extra = {"commodity-code": ("group",), "ischart": AGE_FIELDS}
    return (OWN_SCHEMES | EXTENDED).get(scheme, (*BASE_FIELDS, *extra.get(scheme, ())))


def _write(target: Path, name: str, fields: tuple[str, ...], rows: Iterable[Row]) -> int:
    kept = [{field: row[field] for field in fields} for row in rows]
    write_csv(target / f"{name}.csv", fields, kept)
    return len(kept)


def _concepts(source: Path, scheme: Row) -> list[Row]:
    """The concepts of one scheme, sorted by code (ages and groups by their order)."""
    if scheme["scheme"] in OWN_SCHEMES:
        return read_rules(scheme["scheme"])
    if scheme["scheme"] == "ischart":
        return [_age(row) for row in read_csv(source / ICS_TABLE)]
    tables = [read_csv(source / "vocab_cgi" / "csv" / f"{name}.csv") for name in scheme["input"].split("|")]
    rows = sorted((_cgi_concept(row, scheme) for table in tables for row in table), key=lambda row: row["code"])
    if scheme["scheme"] in EXTENDED:
        published = {"status": "verified", "source": scheme["source"]}
        own = [row for row in read_rules("own-concepts") if row["scheme"] == scheme["scheme"]]
        rows = [*(row | published for row in rows), *own]
    if scheme["scheme"] == "commodity-code":
        broader = index_broader(rows)
        rules = read_rules("commodity-group-rules")
        for row in rows:
            row["group"] = group_of(row["code"], broader, rules)
    return rows


def _cgi_concept(row: Row, scheme: Row) -> Row:
    broader = sorted(_code(scheme, uri) for uri in row["broader"].split("|") if uri)
    return {
        "code": _code(scheme, row["uri"]),
        "uri": row["uri"],
        "notation": row["notation"],
        "broader": "|".join(broader),
        "label": row["prefLabel"].strip(),
    }


def _code(scheme: Row, uri: str) -> str:
    """The end of a concept's URI, behind the one prefix of its scheme that it has."""
    prefix = next((one for one in scheme["prefix"].split("|") if uri.startswith(one)), "")
    return uri.removeprefix(prefix)


def _age(row: Row) -> Row:
    """One unit of the chart. Units such as Upper Cretaceous have no label in it: their code is spelled out."""
    return {
        **{field: row.get(field, "") for field in ("uri", "notation", "broader", *AGE_FIELDS)},
        "code": row["id"],
        "label": row["label_en"] or re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", row["id"]),
        "colour": row["color"],
    }


def _labels(source: Path, schemes: list[Row]) -> list[Label]:
    """All labels but the English ones, which stand in the tables of the schemes."""
    by_input = {name: row for row in schemes for name in row["input"].split("|") if name}
    labels = [
        Label(scheme["scheme"], _code(scheme, row["uri"]), row["lang"], row["prefLabel"].strip())
        for row in read_csv(source / CGI_LABELS)
        if (scheme := by_input.get(row["vocabulary"])) and row["lang"] != "en"
    ]
    for unit in json.loads((source / ICS_LABELS).read_text(encoding="utf-8")):
        labels += [
            Label("ischart", unit["id"], lang, text.strip()) for lang, text in unit["labels"].items() if lang != "en"
        ]
    return labels


def _alternative_labels(source: Path, schemes: list[Row]) -> list[Row]:
    """Synonyms useful for matching, with the language where the script tells it or the row is the project's own."""
    rows = read_rules("own-altlabels")
    for scheme in schemes:
        for name in filter(None, scheme["input"].split("|")):
            table = read_csv(source / "vocab_cgi" / "csv" / f"{name}.csv")
            rows += [_alternative_label(scheme, row["uri"], text) for row in table for text in _terms(row["altLabel"])]
    unique = {_label_order(row): row for row in rows}
    return [unique[key] for key in sorted(unique)]


def _alternative_label(scheme: Row, uri: str, text: str) -> Row:
    code = _code(scheme, uri)
    return {"scheme": scheme["scheme"], "code": code, "lang": _script_language(text), "label": text}


def _terms(text: str) -> list[str]:
    """The readable terms of a list separated by bars."""
    return [term for term in map(str.strip, text.split("|")) if term and not _is_legacy_font(term)]


def _is_legacy_font(text: str) -> bool:
    """Whether an alternative label is Lao or Khmer text in a legacy font: symbols of Latin-1 amid its letters."""
    return any("\x80" <= char <= "\xbf" or char in "×÷" for char in text)


def _script_language(text: str) -> str:
    """The language a script belongs to alone (Thai, Korean, Japanese kana); empty for Latin and for Han characters."""
    for lang, prefixes in (("th", SCRIPTS["th"]), ("ko", SCRIPTS["ko"]), ("ja", ("HIRAGANA", "KATAKANA"))):
        if has_script(text, prefixes):
            return lang
    return ""


def _label_order(row: Row) -> tuple[str, str, str, str]:
    return row["scheme"], row["code"], row["lang"], row["label"]
