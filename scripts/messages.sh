#!/bin/sh
# Gathers the messages of pages and code, and the words of each region, into their catalogues. New ones come in empty.
# Catalogues are read as they are: there is nothing to compile.
# SPDX-License-Identifier: Apache-2.0
set -eu

root=$(pwd)
babel() { PYTHONPATH="$root" "$root/.venv/bin/pybabel" -q "$@"; }
template=$(mktemp)
trap 'rm -f "$template"' EXIT
options="--no-fuzzy-matching --ignore-obsolete --width 120"

gather() { # folder that holds the sources, mapping, folder of the catalogues
    (cd "$1" && babel extract -F "$root/app/web/locales/$2" -k message --add-location file -o "$template" .)
    for catalogue in "$3"/*.po; do
        [ -f "$catalogue" ] || continue
        # shellcheck disable=SC2086
        babel update -i "$template" -o "$catalogue" -l "$(basename "$catalogue" .po)" $options
    done
}

gather . babel.cfg app/web/locales
for region in data/regions/*/; do
    gather "$region" region.cfg "${region}locales"
done
