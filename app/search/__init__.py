"""Search over everything that is published: sites, datasets, countries, commodities, releases and indicators."""
