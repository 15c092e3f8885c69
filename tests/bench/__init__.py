"""The benchmark of `make bench`: the product beside comparable servers on the same rows, in one run."""
