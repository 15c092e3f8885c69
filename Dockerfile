# The application image: web processes, mapserv and job worker. PostGIS runs beside it (docker-compose.yml).
# SPDX-License-Identifier: Apache-2.0

FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/amdis
# Packages first: they change less often than the code, and a layer that has not changed is not built again.
COPY Makefile pyproject.toml requirements.lock requirements-app.lock README.md LICENSE ./
COPY scripts scripts
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
# The tools to build with, pinned by the same lock, in an environment that stays behind in this stage.
RUN mkdir app gis && scripts/python-packages.sh && scripts/frontend.sh install
COPY . .
RUN scripts/frontend.sh build && rm -rf frontend/node_modules
# What the server needs and nothing else, in the environment that is carried over.
RUN python3 -m venv --without-pip /opt/environment \
    && .venv/bin/uv pip sync --compile-bytecode --python /opt/environment/bin/python --require-hashes requirements-app.lock \
    && .venv/bin/python -c "import hatchling.build; hatchling.build.build_editable('/tmp')" \
    && .venv/bin/uv pip install --python /opt/environment/bin/python --no-deps /tmp/amdis-*.whl \
    && rm -rf .venv

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends cgi-mapserver fonts-dejavu-core fonts-noto-core python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/amdis --create-home amdis
COPY --from=build /opt/environment /opt/environment
COPY --from=build /opt/amdis /opt/amdis
ENV PATH=/opt/environment/bin:$PATH \
    AMDIS_HOME=/var/lib/amdis \
    AMDIS_HOST=0.0.0.0
WORKDIR /opt/amdis
USER amdis
VOLUME /var/lib/amdis
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["amdis", "up"]
