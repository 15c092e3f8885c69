#!/bin/sh
# Installs the operating system's packages that are missing, or says which they are.
#
#   scripts/os-packages.sh run    what `make run` needs: Python's venv, PostgreSQL with PostGIS, mapserv, fonts
#   scripts/os-packages.sh test   also Chromium, GDAL's command line tools and QGIS as a library
#
# It looks for programs rather than for packages, so that a PostgreSQL from elsewhere counts too. With nothing
# missing it ends at once and asks nobody for rights.
# SPDX-License-Identifier: Apache-2.0
set -eu

purpose=${1:-run}
python=${PYTHON:-python3}

has() { command -v "$1" >/dev/null 2>&1; }

postgis_installed() {
    for server in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres "$(command -v postgres || true)"; do
        [ -x "$server" ] || continue
        share=$("$(dirname "$server")/pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/$(basename "$(dirname "$(dirname "$server")")")")
        [ -f "$share/extension/postgis.control" ] && return 0
    done
    return 1
}

# Labels of maps need the scripts of the region; one of them stands for all, as they come in one package.
fonts_installed() {
    [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name NotoSansKhmer-Regular.ttf -print -quit 2>/dev/null)" ]
}

chromium_installed() {
    for program in chromium chromium-browser google-chrome google-chrome-stable; do has $program && return 0; done
    [ -d .venv/browsers ]
}

# Only the distribution's own Python can import it.
qgis_installed() { [ -d /usr/lib/python3/dist-packages/qgis ]; }

# The PostgreSQL major version to install: the one whose server is there already (it lacks PostGIS then), else the
# distribution's own.
postgresql_version() {
    for folder in /usr/lib/postgresql/*/bin; do
        [ -x "$folder/postgres" ] && { basename "$(dirname "$folder")"; return; }
    done
    apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

missing=""   # what, for people
need_venv=0; need_postgis=0; need_mapserv=0; need_fonts=0; need_chromium=0; need_gdal=0; need_qgis=0
[ -x .venv/bin/python ] || "$python" -c 'import ensurepip, venv' 2>/dev/null || { need_venv=1; missing="$missing python-venv"; }
if [ -z "${AMDIS_DATABASE_URL:-}" ] || [ "$purpose" = test ]; then
    postgis_installed || { need_postgis=1; missing="$missing postgis"; }
fi
has mapserv || [ -x /usr/lib/cgi-bin/mapserv ] || { need_mapserv=1; missing="$missing mapserv"; }
fonts_installed || { need_fonts=1; missing="$missing fonts"; }
if [ "$purpose" = test ]; then
    chromium_installed || { need_chromium=1; missing="$missing chromium"; }
    has ogr2ogr || { need_gdal=1; missing="$missing gdal"; }
    qgis_installed || { need_qgis=1; missing="$missing qgis"; }
fi
[ -n "$missing" ] || exit 0

# Ubuntu's chromium package is only a pointer to a snap; `make test` lets Playwright fetch a browser there.
. /etc/os-release 2>/dev/null || ID=unknown
[ "${ID:-}" != ubuntu ] || need_chromium=0

package_names() {
    version=$(postgresql_version)
    version=${version:-15}
    python_version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo 3)
    names=""
    [ $need_venv = 0 ] || names="$names python$python_version-venv"
    [ $need_postgis = 0 ] || names="$names postgresql-$version postgresql-$version-postgis-3"
    [ $need_mapserv = 0 ] || names="$names cgi-mapserver fonts-dejavu-core"
    [ $need_fonts = 0 ] || names="$names fonts-noto-core"
    [ $need_chromium = 0 ] || names="$names chromium"
    [ $need_gdal = 0 ] || names="$names gdal-bin"
    [ $need_qgis = 0 ] || names="$names python3-qgis"
    echo "${names# }"
}

explain() {
    if [ "$missing" = " fonts" ]; then
        echo "Maps cannot write names in Thai, Lao, Khmer and Burmese until fonts are there: apt-get install fonts-noto-core" >&2
        exit 0
    fi
    cat >&2 <<MESSAGE
AMDIS needs operating system packages that are not installed:$missing

  On Debian or Ubuntu, as an administrator:
      apt-get install $(package_names)

  Or, without installing them here:
      AMDIS_DATABASE_URL=postgresql://user:password@host/database make run
                           uses a PostGIS that runs elsewhere (mapserv is still needed)
      docker compose up    runs the whole system in containers
MESSAGE
    exit 1
}

has apt-get || explain
if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif has sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    explain
fi

echo "Missing:$missing. Asking apt for the names ..."
$as_root DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
names=$(package_names)
[ -n "$names" ] || exit 0
if [ $need_postgis = 1 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    # AMDIS starts a PostgreSQL of its own. The package would create another one and start it at every boot.
    $as_root mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
echo "Installing: $names"
# shellcheck disable=SC2086  # the names are separate words
$as_root DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -q -y --no-install-recommends $names
