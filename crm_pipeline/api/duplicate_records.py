"""Records that may be one: shown while somebody types, compared, merged, or said to be two."""

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Choices, Form, MaybeName, Name
from crm_pipeline.duplicates import merge_tool, pair_records, while_typing
from crm_pipeline.duplicates.merge_tool import MERGED
from crm_pipeline.duplicates.while_typing import TYPED_IN


@reads(may("read", TYPED_IN))
def find_similar(doctype: Name, values: Form, record: MaybeName = None) -> dict:
	"""Who is there already that a record may be while it is typed; see duplicates/while_typing.py for the shape."""
	return while_typing.similar(doctype, values or {}, record)


@reads(may("read", MERGED, "gone"), may("read", MERGED, "kept"))
def get_comparison(doctype: Name, gone: Name, kept: Name) -> dict:
	"""Two records side by side, and what merging them would move; see duplicates/merge_tool.py for the shape."""
	return merge_tool.compare(doctype, gone, kept)


@writes(may("write", MERGED, "gone"), may("write", MERGED, "kept"))
def merge_records(doctype: Name, gone: Name, kept: Name, chosen: Choices = None) -> dict:
	"""Merge one record into another; `chosen` says of fields which side stays ("gone" or "kept")."""
	return {"doctype": doctype, "name": merge_tool.merge(doctype, gone, kept, chosen or {})}


@writes(may("read", pair_records.DOCTYPE, "pair"))
def mark_not_duplicate(pair: Name) -> None:
	"""The two of a suspected pair are two, and stay so."""
	pair_records.mark_not_duplicate(pair)


@writes(may("read", pair_records.DOCTYPE, "pair"))
def unmark_not_duplicate(pair: Name) -> None:
	"""The answer that two are two is taken back."""
	pair_records.unmark_not_duplicate(pair)
