"""The published layers: their declarations read from files and what is published of them now."""
