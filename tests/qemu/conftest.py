"""Helpers stand beside the tests; `matrix' marks what only test-all runs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))


def pytest_configure(config):
    config.addinivalue_line("markers", "matrix: only in `make test-all'")


def pytest_terminal_summary(terminalreporter):
    """What tests had to say for a table, by record_property("say", line)."""
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == "say":
                terminalreporter.write_line(line)
