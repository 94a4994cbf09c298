"""Connections on the forms of the chain: what came of a document, what is about it, and where it came from."""

from frappe import _

from crm_pipeline.core import chain
from crm_pipeline.core.registry import NATIVE

ABOUT = ("Sales Activity", "Sales Memo", "Customer Case")


def of(
	doctype: str,
	origin: dict[str, str | list[str]],
	sale: tuple[str, ...] = (),
	agreed: bool = True,
	fields: dict[str, str] | None = None,
) -> dict:
	"""What get_data() of a type's dashboard answers. Which types come later says the registry.

	`origin` are links of the document itself, {DocType: field, or [table, field]}; `sale` other DocTypes beside those
	that may come of it, by their reference; without `agreed` only what is a sale still to be made; `fields` are links
	of a later type by another field than its source.
	"""
	to_make, made = chain.made_of(doctype)
	later = (*to_make, *(made if agreed else ()))
	return {
		"fieldname": "source_name",
		"non_standard_fieldnames": {
			**{name: "crm_source_name" for name in later if name in NATIVE},
			**dict.fromkeys((*sale, *ABOUT), "reference_name"),
			**(fields or {}),
		},
		"dynamic_links": {
			"source_name": [doctype, "source_type"],
			"crm_source_name": [doctype, "crm_source_type"],
			"reference_name": [doctype, "reference_doctype"],
		},
		"internal_links": origin,
		"transactions": [
			group
			for group in (
				{"label": _("Sale"), "items": [*sale, *to_make]},
				{"label": _("Agreed") if to_make else _("Orders"), "items": list(made) if agreed else []},
				{"label": _("Contact"), "items": list(ABOUT)},
				{"label": _("Origin"), "items": list(origin)},
			)
			if group["items"]
		],
	}
