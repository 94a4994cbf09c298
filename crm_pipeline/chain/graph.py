"""The chain around one document, in a bounded number of queries: one per document type and direction."""

from collections.abc import Iterable

import frappe

from crm_pipeline.core import chain
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import NATIVE


def source_fields(doctype: str) -> tuple[str, str]:
	"""Names of the two fields that say where a `doctype` came from; on ERPNext's documents they are ours, prefixed."""
	return ("crm_source_type", "crm_source_name") if doctype in NATIVE else ("source_type", "source_name")


def source_of(doc) -> Ref | None:
	"""What a loaded document came from; None when it was created directly."""
	type_field, name_field = source_fields(doc.doctype)
	return Ref(doc.get(type_field), doc.get(name_field)) if doc.get(name_field) else None


def set_source(doc, source: Ref) -> None:
	type_field, name_field = source_fields(doc.doctype)
	doc.set(type_field, source.doctype)
	doc.set(name_field, source.name)


def ancestors(doctype: str, name: str) -> list[Ref]:
	"""Everything a document came from, nearest first. Leads that joined an opportunity are among them."""
	return ancestors_of([Ref(doctype, name)])


def ancestors_of(refs: Iterable[Ref]) -> list[Ref]:
	"""Everything that any of these documents came from."""
	return chain.ancestors(refs, _sources_of)


def lines_of(refs: Iterable[Ref]) -> dict[Ref, list[Ref]]:
	"""The same for each of these documents by itself, in as many queries as for one: nearest first."""
	refs, sources, asked = list(refs), {}, set()
	waiting = set(refs)
	while waiting:
		asked |= waiting
		by_type: dict[str, set[str]] = {}
		for ref in waiting:
			by_type.setdefault(ref.doctype, set()).add(ref.name)
		for doctype, names in by_type.items():
			for name, source in _sources_of(doctype, names):
				if source and chain.position(source.doctype) >= 0:
					sources.setdefault(Ref(doctype, name), []).append(source)
		waiting = {source for ref in waiting for source in sources.get(ref, ())} - asked
	return {ref: chain.ancestors([ref], lambda doctype, names: _known(sources, doctype, names)) for ref in refs}


def _known(sources: dict[Ref, list[Ref]], doctype: str, names: Iterable[str]) -> Iterable[tuple[str, Ref]]:
	for name in names:
		for source in sources.get(Ref(doctype, name), ()):
			yield name, source


def descendants(doctype: str, name: str) -> list[Ref]:
	"""Everything that came from a document, in chain order."""
	return descendants_of([Ref(doctype, name)])


def descendants_of(refs: Iterable[Ref]) -> list[Ref]:
	"""Everything that came from any of these documents, in as many queries as for one."""
	return chain.descendants(list(refs), _children_of)


def whole_chain(doctype: str, name: str) -> list[Ref]:
	"""The document with all its ancestors and descendants, in chain order."""
	refs = [*ancestors(doctype, name), Ref(doctype, name), *descendants(doctype, name)]
	return sorted(dict.fromkeys(refs), key=lambda ref: (chain.position(ref.doctype), ref.name))


def _sources_of(doctype: str, names: set[str]) -> Iterable[tuple[str, Ref | None]]:
	if doctype == "Sales Campaign":
		# A campaign starts chains; it has no source fields.
		return
	type_field, name_field = source_fields(doctype)
	for row in frappe.get_all(
		doctype,
		filters={"name": ("in", sorted(names))},
		fields=["name", f"{type_field} as source_type", f"{name_field} as source_name"],
		order_by="name asc",
		limit=0,
	):
		yield row.name, Ref(row.source_type, row.source_name) if row.source_name else None
	if doctype == "Sales Opportunity":
		for lead in frappe.get_all(
			"Sales Lead",
			filters={"joined_opportunity": ("in", sorted(names))},
			fields=["name", "joined_opportunity"],
			order_by="name asc",
			limit=0,
		):
			yield lead.joined_opportunity, Ref("Sales Lead", lead.name)


def _children_of(doctype: str, sources: set[Ref]) -> Iterable[tuple[str, Ref]]:
	names = sorted({ref.name for ref in sources})
	fields = source_fields(doctype)
	for row in frappe.db.get_values(
		doctype,
		{fields[1]: ("in", names)},
		["name", *fields],
		order_by="name asc",
		as_dict=True,
	):
		yield row.name, Ref(row[fields[0]], row[fields[1]])
	if doctype == "Sales Opportunity":
		leads = sorted(ref.name for ref in sources if ref.doctype == "Sales Lead")
		if leads:
			for lead in frappe.get_all(
				"Sales Lead",
				filters={"name": ("in", leads), "joined_opportunity": ("is", "set")},
				fields=["name", "joined_opportunity"],
				order_by="name asc",
				limit=0,
			):
				yield lead.joined_opportunity, Ref("Sales Lead", lead.name)
