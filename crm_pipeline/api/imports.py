"""Bringing in files of leads, prospects, contacts, customers and opportunities."""

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Name
from crm_pipeline.importer.import_form import DOCTYPE

# The loader is imported where it is called: it needs files, locks and zones that no other endpoint waits for.


@writes(may("write", DOCTYPE, "name"))
def preview_import(name: Name) -> dict:
	"""Check what an import would bring, without storing anything of it; see importer/import_check.py."""
	from crm_pipeline.importer import import_check

	return import_check.preview(name)


@reads(may("read", DOCTYPE, "name"))
def get_import_check(name: Name) -> dict:
	"""How far the check of a large file is that a preview began, and what it found."""
	from crm_pipeline.importer import import_check

	return import_check.state_of(name)


@writes(may("write", DOCTYPE, "name"))
def start_import(name: Name) -> None:
	"""Bring the file in, in the background, or go on where a run stopped."""
	from crm_pipeline.importer import desk_import

	desk_import.start(name)


@writes(may("write", DOCTYPE, "name"))
def stop_import(name: Name) -> None:
	"""End a run after the chunk that it is at."""
	from crm_pipeline.importer import desk_import

	desk_import.stop(name)


@writes(may("write", DOCTYPE, "name"))
def undo_import(name: Name, rest: bool = False) -> int:
	"""Delete what an import stored, as long as nobody worked on any of it, or the rest of it; answers how many records, 0
	where it is done in the background."""
	from crm_pipeline.importer import undo_import as undoing

	return undoing.undo(name, rest)
