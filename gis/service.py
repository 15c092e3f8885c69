"""Who offers the services and under what terms: the metadata every capabilities document repeats."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the provider. An empty value is left out of documents."""

    organisation: str
    person: str = ""
    position: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    country: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ServiceMetadata:
    """Title, terms and address of the services. base_url: public address without a slash at the end."""

    title: str
    abstract: str
    keywords: tuple[str, ...]
    base_url: str
    contact: Contact
    fees: str = "none"
    access_constraints: str = "none"
    licence: str = ""
    licence_url: str = ""
    languages: tuple[str, ...] = field(default=("en",))
