"""Helpers stand beside the tests; `matrix' marks what only test-all runs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))


def pytest_configure(config):
    config.addinivalue_line("markers", "matrix: only in `make test-all'")
