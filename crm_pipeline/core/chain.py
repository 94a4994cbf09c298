"""The order of the chain, who may come from whom, and the walk along it. Which types there are: core/registry.py.

Links are stored one way, from the later document to the earlier one. Because a source always
stands earlier in ORDER, one pass per direction visits every document type exactly once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crm_pipeline.core.registry import ORDER

CREATED_DIRECTLY = "Created Directly"

# Types of projects that are sales. Projects of the other types ask nobody for money: no figure counts them.
SALE_TYPES = ("Sales", "Service")


@dataclass(frozen=True)
class Ref:
	"""One document: its type and its name."""

	doctype: str
	name: str


def position(doctype: str) -> int:
	"""Index of `doctype` in ORDER, or -1 when it is no part of the chain."""
	return ORDER.index(doctype) if doctype in ORDER else -1


def allowed_sources(doctype: str) -> tuple[str, ...]:
	"""Document types that a `doctype` may come from: whatever stands before it.

	A campaign may also start a marketing project, which may in turn bring leads in.
	"""
	before = ORDER[: max(position(doctype), 0)]
	return (*before, "Sales Project") if doctype == "Sales Lead" else before


def made_of(doctype: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
	"""What may come of a `doctype`: what is still a sale to be made, up to the quotation, and what was agreed."""
	later, agreed = ORDER[position(doctype) + 1 :], position("Quotation")
	return tuple(t for t in later if position(t) <= agreed), tuple(t for t in later if position(t) > agreed)


def project_type(source_type: str | None, chosen: str | None) -> str:
	"""Sales from a lead or an opportunity, Marketing from a campaign, else as chosen."""
	if source_type in ("Sales Lead", "Sales Opportunity"):
		return "Sales"
	if source_type == "Sales Campaign":
		return "Marketing"
	return chosen or "Sales"


Sources = Callable[[str, set[str]], Iterable[tuple[str, Ref | None]]]
Children = Callable[[str, set[Ref]], Iterable[tuple[str, Ref]]]


def ancestors(start: Iterable[Ref], sources_of: Sources) -> list[Ref]:
	"""Everything `start` came from, nearest type first, start itself left out.

	`sources_of(doctype, names)` yields (name, source or None) pairs; it is called once per document
	type, and once more per type for every time that a lead came from a project.
	"""
	start = [ref for ref in start if position(ref.doctype) >= 0]
	wanted: dict[str, set[str]] = {}
	for ref in start:
		wanted.setdefault(ref.doctype, set()).add(ref.name)
	seen, found = set(start), []
	while wanted:
		doctype = max(wanted, key=position)
		for _name, source in sources_of(doctype, wanted.pop(doctype)):
			if source and source not in seen and position(source.doctype) >= 0:
				seen.add(source)
				found.append(source)
				wanted.setdefault(source.doctype, set()).add(source.name)
	return found


def descendants(start: Iterable[Ref], children_of: Children) -> list[Ref]:
	"""Everything that came from `start`, in chain order, start itself left out.

	`children_of(doctype, sources)` yields (name of a document of `doctype`, its source). It is called
	once per document type, twice for projects, and once more for the leads of the projects that were
	found last; only where there are such leads, another round follows.
	"""
	known = set(start)
	found = []

	def look(doctype: str, sources: set[Ref]) -> set[Ref]:
		children = [Ref(doctype, name) for name, source in children_of(doctype, set(sources)) if source in sources]
		fresh = [ref for ref in dict.fromkeys(children) if ref not in known]
		known.update(fresh)
		found.extend(fresh)
		return set(fresh)

	look("Sales Project", known)
	leads_of_projects = True
	while leads_of_projects:
		projects: set[Ref] = set()
		for doctype in ORDER[1:]:
			fresh = look(doctype, known)
			if doctype == "Sales Project":
				projects = fresh
		leads_of_projects = bool(projects) and bool(look("Sales Lead", projects))
	return sorted(found, key=lambda ref: position(ref.doctype))
