"""A local HTTP proxy that answers for schemas.opengis.net and www.w3.org, so that no suite leaves the machine.

The schemas of OGC come from an artefact of Maven Central, those of W3C from the package xmlschema.
"""

# SPDX-License-Identifier: Apache-2.0

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import xmlschema

_W3C = Path(xmlschema.__file__).parent / "schemas"
_OF_W3C = {
    "/1999/xlink.xsd": _W3C / "XLINK/xlink.xsd",
    "/2001/xml.xsd": _W3C / "XML/xml.xsd",
    "/2001/03/xml.xsd": _W3C / "XML/xml.xsd",
    "/2009/01/xml.xsd": _W3C / "XML/xml.xsd",
    "/2001/XMLSchema.xsd": _W3C / "XSD_1.0/XMLSchema.xsd",
}


@contextmanager
def schema_proxy(archive: Path) -> Iterator[tuple[int, list[str]]]:
    """The port of the proxy and, growing, the addresses it could not answer for. archive: ogc-schemas."""
    missed: list[str] = []
    with zipfile.ZipFile(archive) as opened:
        documents = {name: opened.read(name) for name in opened.namelist() if name.endswith((".xsd", ".dtd"))}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            if where.hostname == "schemas.opengis.net":
                content = documents.get(f"ogc{where.path}")
            elif where.hostname == "www.w3.org" and where.path in _OF_W3C:
                content = _OF_W3C[where.path].read_bytes()
            else:
                content = None
            if content is None:
                missed.append(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Nothing: what is missed is told at the end."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, missed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
