"""The mistakes of a map request by their WMS codes, and the XML that tells the client."""

# SPDX-License-Identifier: Apache-2.0

from xml.sax.saxutils import escape, quoteattr

from gis.errors import GisError

_REPORT_130 = """<?xml version="1.0" encoding="UTF-8"?>
<ServiceExceptionReport version="1.3.0" xmlns="http://www.opengis.net/ogc" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd">
<ServiceException{code}>{text}</ServiceException>
</ServiceExceptionReport>
"""

_REPORT_111 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ServiceExceptionReport SYSTEM "http://schemas.opengis.net/wms/1.1.1/exception_1_1_1.dtd">
<ServiceExceptionReport version="1.1.1">
<ServiceException{code}>{text}</ServiceException>
</ServiceExceptionReport>
"""

_REPORT_OWS = """<?xml version="1.0" encoding="UTF-8"?>
<ows:ExceptionReport version="{version}" xml:lang="en" xmlns:ows="{namespace}" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{namespace} {schema}">
<ows:Exception exceptionCode={code}{locator}><ows:ExceptionText>{text}</ows:ExceptionText></ows:Exception>
</ows:ExceptionReport>
"""

_OWS = {
    "1.1": ("http://www.opengis.net/ows/1.1", "http://schemas.opengis.net/ows/1.1.0/owsExceptionReport.xsd"),
    "2.0": ("http://www.opengis.net/ows/2.0", "http://schemas.opengis.net/ows/2.0/owsExceptionReport.xsd"),
}


class ServiceException(GisError):  # noqa: N818 - the name the standard has for it
    """A map request that cannot be answered. code: one of the WMS standard's, or of OWS Common, or none.

    locator: the parameter at fault, for reports of OWS Common. available: whether the service itself is.
    """

    def __init__(self, code: str | None, message: str, *, locator: str = "", available: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.locator = locator
        self.available = available

    def xml(self, version: str) -> bytes:
        """The service exception report in the version's own form, UTF-8."""
        report = _REPORT_111 if version == "1.1.1" else _REPORT_130
        code = f" code={quoteattr(self.code)}" if self.code else ""
        return report.format(code=code, text=escape(_printable(str(self)))).encode()

    def ows(self, version: str, common: str) -> bytes:
        """The exception report of a service's version in OWS Common 1.1 or 2.0, UTF-8."""
        namespace, schema = _OWS[common]
        locator = f" locator={quoteattr(_printable(self.locator))}" if self.locator else ""
        return _REPORT_OWS.format(
            version=version,
            namespace=namespace,
            schema=schema,
            code=quoteattr(self.code or "NoApplicableCode"),
            locator=locator,
            text=escape(_printable(str(self))),
        ).encode()


def media_type(version: str) -> str:
    """Media type of the version's service exception report."""
    return "application/vnd.ogc.se_xml" if version == "1.1.1" else "text/xml"


def shown(value: str) -> str:
    """What a client sent, short and printable enough to be repeated to it."""
    text = _printable(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
