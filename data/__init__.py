"""The data AMDIS ships: vocabularies, regions, and the programs that compile them."""
