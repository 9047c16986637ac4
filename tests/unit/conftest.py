"""Makes the helpers of the unit tests importable from each of them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
