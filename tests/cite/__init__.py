"""The OGC executable test suites (CITE), fetched from Maven Central and run against an AMDIS of their own."""
