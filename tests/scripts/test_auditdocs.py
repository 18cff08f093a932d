"""docs/audit.md has the checks of efi/audit/checks.c, and no others."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(
    r'\{"([\w-]+)", AUDIT\w+,\s*(NULL|(?:\s*(?:MU|SHIM|FWTS)?\s*"[^"]*")+),'
    r"\s*\w+,",
)
WORDS = {"MU": "Mu ", "SHIM": "shim ", "FWTS": "fwts "}


def theirs(text):
    """The C strings of a row's third field, put together."""
    parts = re.findall(r'(MU|SHIM|FWTS)|"([^"]*)"', text)
    return "".join(WORDS.get(word, "") + string for word, string in parts)


def rows():
    text = (ROOT / "efi/audit/checks.c").read_text()
    return [(name, theirs(other)) for name, other in ROW.findall(text)]


def documented():
    text = (ROOT / "docs/audit.md").read_text()
    found = re.findall(r"^\| `([\w-]+)` \|[^|]+\|([^|]*)\|$", text, re.M)
    return [(name, others.strip()) for name, others in found]


def test_each_check_is_in_the_documents_table():
    assert len(rows()) == (ROOT / "efi/audit/checks.c").read_text().count(", AUDIT")
    assert documented() == rows()
