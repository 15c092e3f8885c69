"""Numbers for Prometheus: requests by route and status, their duration, caches, the pool of connections.

With several web processes each answers for itself; the process id tells them apart.
"""

import os
import time
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SERVICES = ("ogc", "wms", "api", "static", "map", "healthz", "readyz", "metrics")


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("service", "status")
        self._requests = Counter("amdis_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "amdis_request_seconds", "Time to answer", ("service",), buckets=_BUCKETS, registry=self._registry
        )
        self._gauges = Gauge(
            "amdis_state", "What a part of the process counts", ("part", "name"), registry=self._registry
        )
        self._parts: dict[str, Callable[[], Mapping[str, float]]] = {}
        Gauge("amdis_process", "The process that answers", ("pid",), registry=self._registry).labels(os.getpid()).set(1)

    def watch(self, part: str, numbers: Callable[[], Mapping[str, float]]) -> None:
        """Ask a part of the process for its numbers whenever the metrics are read."""
        self._parts[part] = numbers

    def record(self, path: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        first = path.split("/", 2)[1]
        service = first if first in _SERVICES else "page"
        self._requests.labels(service, str(status)).inc()
        self._seconds.labels(service).observe(seconds)

    async def serve(self, request: Request) -> Response:
        """All numbers in Prometheus' text format."""
        for part, numbers in self._parts.items():
            for name, number in numbers().items():
                self._gauges.labels(part, name).set(number)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class MeasureRequests:
    """Middleware that counts each request and its time."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            self._metrics.record(scope["path"], status, time.perf_counter() - started)
