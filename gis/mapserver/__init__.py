"""MapServer as the map engine: the mapfile written from layers, the pool of processes and the client that asks them."""

# SPDX-License-Identifier: Apache-2.0
