"""The type blocks of our controllers say what the DocTypes' JSON says."""

import pytest

from scripts import type_blocks
from tests.contract.source import doctype_files, relative

CONTROLLERS = type_blocks.controllers()


@pytest.mark.parametrize("path", CONTROLLERS, ids=relative)
def test_a_controller_is_typed_as_its_doctype_is(path):
	"""As Frappe itself writes it; see scripts/type_blocks.py."""
	assert path.read_text(encoding="utf-8") == CONTROLLERS[path], "run: python scripts/type_blocks.py --write"


def test_all_of_them_are_looked_at():
	assert {path.with_suffix(".json") for path in CONTROLLERS} == set(doctype_files())
