"""A relation type becomes a tree only where the relations that there are make one."""

import frappe
from frappe import _

from crm_pipeline.core import relations
from crm_pipeline.core.relations import Above
from crm_pipeline.relations import posts, relation_record
from crm_pipeline.wording import bold


def check(kind) -> None:
	"""Part of validate() of a Relation Type. Raises ValidationError and names who has two above, or is above themselves."""
	if not kind.is_tree or kind.is_new() or not kind.has_value_changed("is_tree"):
		return
	doctype = relation_record.KINDS[kind.applies_to]
	below, above = relation_record.SIDES[doctype]
	ups: dict[str, list[Above]] = {}
	for row in relation_record.rows_of(doctype, {}, kind.name):
		step = Above(row[above], posts.period_of(row))
		for other in ups.get(row[below], ()):
			if other.period.shared(step.period):
				frappe.throw(
					_(
						"{0} has both {1} and {2} in the same days. Mend that first: in a tree everybody has one above."
					).format(bold(row[below]), bold(other.name), bold(step.name)),
					title=_("This Is Not a Tree"),
				)
		if relations.circle(row[below], step, lambda name: ups.get(name, ())):
			frappe.throw(
				_(
					"{0} and {1} are each above the other. Mend that first: in a tree nobody is above themselves."
				).format(bold(row[below]), bold(step.name)),
				title=_("This Is Not a Tree"),
			)
		ups.setdefault(row[below], []).append(step)
