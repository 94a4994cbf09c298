"""Bringing in files of leads, prospects, contacts, customers and opportunities."""

from crm_pipeline.api.door import may, writes
from crm_pipeline.api.types import Name
from crm_pipeline.importer.import_form import DOCTYPE

# The loader is imported where it is called: it needs files, locks and zones that no other endpoint waits for.


@writes(may("write", DOCTYPE, "name"))
def preview_import(name: Name) -> dict:
	"""Check the whole file of an import without storing anything; see importer/desk_import.py."""
	from crm_pipeline.importer import desk_import

	return desk_import.preview(name)


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
