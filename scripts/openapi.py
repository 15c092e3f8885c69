"""Print the description of the JSON API, from which the front end's types are generated."""

# SPDX-License-Identifier: Apache-2.0

import json
import sys
import tempfile
from pathlib import Path

from app.main import create_app
from app.settings import Settings


def main() -> None:
    """Write it to stdout. No database is needed: it follows from the code alone."""
    with tempfile.TemporaryDirectory() as home:
        json.dump(create_app(Settings(home=Path(home))).openapi(), sys.stdout)


if __name__ == "__main__":
    main()
