"""The cast of the access tests."""

# SPDX-License-Identifier: Apache-2.0

from tests.app.access.conftest import cast, shared_cast

__all__ = ["cast", "shared_cast"]
