"""Command line: python -m data.compile vocabularies --from DIR, python -m data.compile asean --from DIR."""

import argparse
from pathlib import Path

from data.compile.region import compile_region
from data.compile.vocabularies import compile_vocabularies


def main() -> None:
    """Compile the vocabularies or one region and print how many rows each table got."""
    parser = argparse.ArgumentParser(prog="python -m data.compile", description=__doc__)
    parser.add_argument("what", help="vocabularies, or the name of a folder of data/regions")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="folder with the source files")
    parser.add_argument("--to", dest="target", type=Path, help="write here instead of into the project")
    arguments = parser.parse_args()
    if arguments.what == "vocabularies":
        counts = compile_vocabularies(arguments.source, *filter(None, [arguments.target]))
    else:
        counts = compile_region(arguments.what, arguments.source, arguments.target)
    for name, count in counts.items():
        print(f"{count:>7}  {name}")


if __name__ == "__main__":
    main()
