"""How datasets are cited, the same in the catalogue, on pages and in files."""

from gis.service import ServiceMetadata


def dataset_uri(base_url: str, dataset: str, release: int | None = None) -> str:
    """The persistent address of a dataset, or of one release of it."""
    return f"{base_url}/id/dataset/{dataset}" + (f"/release/{release}" if release else "")


def citation(service: ServiceMetadata, title: str, uri: str, release: int | None = None, day: str = "") -> str:
    """The citation of what has that address. day: when the release was published, as 2026-06-30."""
    numbered = f", release {release} of {day}" if release else ""
    publisher = service.contact.organisation or service.title
    return f"{publisher} ({day[:4] or 'n.d.'}): {title}{numbered}. {service.title}. {uri}"
