"""The product: a minerals information system, one package a domain."""
