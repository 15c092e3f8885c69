#!/bin/sh
# Makes .venv and installs into it exactly what requirements.lock names, checked by hash, then the project itself.
# SPDX-License-Identifier: Apache-2.0
set -eu

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "AMDIS needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "Name another one: make run PYTHON=/path/to/python3.12" >&2
    exit 1
}

# An environment whose Python has gone (an upgrade of the system, a moved folder) is made anew.
[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv

# uv itself comes from the lock too, so that the installer is pinned like all it installs.
if ! .venv/bin/uv --version 2>/dev/null | grep -qF "$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)"; then
    sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^    --hash/p}' requirements.lock >.venv/uv.lock
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
fi

# Compiled now, so that every start is a second quicker, wherever Python may not write later.
.venv/bin/uv pip sync --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
.venv/bin/uv pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
