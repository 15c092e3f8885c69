"""What every script needs: QGIS started, its arguments read, its answer written.

Scripts leave by os._exit: taking QGIS down after threads have fetched from servers sometimes crashes.
"""

# SPDX-License-Identifier: Apache-2.0

import json
import os
import sys
from typing import Any

from qgis.core import QgsApplication

app = QgsApplication([], False)
app.initQgis()

arguments: Any = json.loads(sys.argv[1])


def answer(found: object) -> None:
    """Write the answer as the last line and end."""
    print(json.dumps(found), flush=True)
    sys.stderr.flush()
    os._exit(0)
