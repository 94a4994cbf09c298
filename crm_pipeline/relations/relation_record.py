"""What relations between customers and those between people have in common: typed, directed, dated, no circle."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from crm_pipeline.chain import incoming, locks
from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.core import relations
from crm_pipeline.core.relations import Above
from crm_pipeline.relations import posts
from crm_pipeline.wording import bold

TYPE = "Relation Type"
# DocType: the two sides of a row; the type says what the second one is to the first.
SIDES = {
	"Customer Relation": ("customer", "related_customer"),
	"Contact Relation": ("contact", "related_contact"),
}
KINDS = {"Customer": "Customer Relation", "Contact": "Contact Relation"}


class RelationRecord(Document):
	"""Base of the DocTypes of SIDES."""

	def take_in(self):
		incoming.take_in(self)

	def check(self):
		"""Part of validate(): dates, sides, type, doubles, tree."""
		posts.check_dates(self)
		self.check_sides()
		kind = self.check_type()
		with locks.lost_race_in_words():
			if kind.is_tree:
				lock_tree(kind.name)
			self.check_double(kind)
			if kind.is_tree:
				self.check_tree()

	def sides(self) -> tuple[str, str]:
		one, other = SIDES[self.doctype]
		return self.get(one), self.get(other)

	def check_sides(self):
		one, other = self.sides()
		if one == other:
			frappe.throw(
				_("{0} can't be related to itself. Choose another one in {1}.").format(
					bold(one), bold(_(self.meta.get_label(SIDES[self.doctype][1])))
				),
				title=_("A Relation to Itself"),
			)

	def check_type(self) -> dict:
		fields = ["name", "applies_to", "is_tree", "disabled", "relation_type", "inverse_label"]
		kind = frappe.db.get_value(TYPE, self.relation_type, fields, as_dict=True)
		label = bold(_(self.meta.get_label("relation_type")))
		wanted = next(target for target, doctype in KINDS.items() if doctype == self.doctype)
		if kind.applies_to != wanted:
			frappe.throw(
				_("{0}: {1} is a relation between records of {2}. Choose another type.").format(
					label, bold(_(kind.name)), _(kind.applies_to)
				)
			)
		if kind.disabled and (self.is_new() or self.has_value_changed("relation_type")):
			frappe.throw(_("{0}: {1} is disabled. Choose another type.").format(label, bold(_(kind.name))))
		return kind

	def check_double(self, kind: dict):
		one, other = self.sides()
		sides = [(one, other)] + ([(other, one)] if is_mutual(kind) else [])
		for first, second in sides:
			for row in rows_of(
				self.doctype, {SIDES[self.doctype][0]: first, SIDES[self.doctype][1]: second}, kind.name
			):
				if row.name != self.name and posts.period_of(row).shared(posts.period_of(self)):
					frappe.throw(
						_("{0} is the {1} of {2} already in these days").format(
							bold(other), bold(_(kind.relation_type)), bold(one)
						),
						title=_("The Same Relation Twice"),
					)

	def check_tree(self):
		"""One above at a time, and on no day a circle; also when two are saved in the same moment."""
		one, other = self.sides()
		own = posts.period_of(self)
		below, above = SIDES[self.doctype]
		for row in rows_of(self.doctype, {below: one}, self.relation_type):
			if row.name != self.name and posts.period_of(row).shared(own):
				frappe.throw(
					_("{0} has {1} as {2} in these days already. End that relation first.").format(
						bold(one), bold(row[above]), bold(_(self.relation_type))
					),
					title=_("One at a Time"),
				)

		def steps_up(name: str) -> list[Above]:
			found = rows_of(self.doctype, {below: name}, self.relation_type)
			return [Above(row[above], posts.period_of(row)) for row in found if row.name != self.name]

		path = relations.circle(one, Above(other, own), steps_up)
		if path:
			frappe.throw(
				_("{0} can't be the {1} of {2}: it is below it already ({3})").format(
					bold(other), bold(_(self.relation_type)), bold(one), " → ".join(map(bold, path))
				),
				title=_("Relations in a Circle"),
			)


def is_mutual(kind: dict) -> bool:
	"""Whether both sides of a type are alike, as of partners."""
	return kind.relation_type.strip().casefold() == (kind.inverse_label or "").strip().casefold()


def rows_of(doctype: str, filters: dict, kind: str) -> list[dict]:
	return frappe.get_all(
		doctype,
		filters={**filters, "relation_type": kind},
		fields=["name", *SIDES[doctype], "from_date", "to_date"],
		order_by="creation asc, name asc",
		limit=0,
	)


def lock_tree(kind: str) -> None:
	"""Relations of a tree are changed one after the other: who looked at it before must look again."""
	locks.lock((TYPE, kind))
	changes = frappe.db.get_value(TYPE, kind, "tree_changes") or 0
	frappe.db.set_value(TYPE, kind, "tree_changes", changes + 1, update_modified=False)


# ---- shown


def related(target: str, name: str, day=None) -> list[dict]:
	"""Relations of a Customer or Contact (`target`) on a day, or without one of all times: [{"name", "relation_type", "word": what the
	other one is, "other", "title", "is_tree", "from_date", "to_date", "notes", "outgoing": whether the row is its own}].
	Those with others that the user may not read are left out."""
	doctype = KINDS[target]
	if not frappe.has_permission(doctype, "read"):
		return []
	one, other = SIDES[doctype]
	fields = ["name", "relation_type", "from_date", "to_date", "notes", one, other]
	rows = [
		row
		for side in (one, other)
		for row in frappe.get_list(
			doctype, filters={side: name}, fields=fields, order_by="from_date asc, name asc", limit=0
		)
		if day is None or posts.period_of(row).holds(getdate(day))
	]
	kinds = kinds_of({row.relation_type for row in rows})
	titles = titles_of(target, {row[other] if row[one] == name else row[one] for row in rows})
	found = []
	for row in rows:
		outgoing = row[one] == name
		whom, kind = row[other] if outgoing else row[one], kinds[row.relation_type]
		if whom in titles:
			found.append(
				{
					"name": row.name,
					"relation_type": row.relation_type,
					"word": relations.word(_(kind.relation_type), _(kind.inverse_label), outgoing),
					"other": whom,
					"title": titles[whom],
					"is_tree": bool(kind.is_tree),
					"outgoing": outgoing,
					"from_date": row.from_date,
					"to_date": row.to_date,
					"notes": row.notes,
				}
			)
	return found


def kinds_of(names: set[str]) -> dict[str, dict]:
	fields = ["name", "relation_type", "inverse_label", "is_tree", "standard_key"]
	rows = frappe.get_all(
		TYPE, filters={"name": ("in", sorted(names) or [""])}, fields=fields, order_by="name asc", limit=0
	)
	return {row.name: row for row in rows}


def titles_of(target: str, names: set[str]) -> dict[str, str]:
	"""{name: title} of those that the user may read."""
	if not names or not frappe.has_permission(target, "read"):
		return {}
	title = title_field(target)
	rows = frappe.get_list(
		target, filters={"name": ("in", sorted(names))}, fields=["name", title], order_by="name asc", limit=0
	)
	return {row.name: row[title] or row.name for row in rows}


# ---- two that became one


def after_merge(target: str, name: str) -> set[str]:
	"""Of a Customer or Contact that took another one in: nobody is related to themselves, nothing stands twice, nobody has two above and
	no tree has a circle. The older relation stays. Answers whose relations ended by that."""
	doctype = KINDS[target]
	one, other = SIDES[doctype]
	rows = {
		row.name: row
		for side in (one, other)
		for row in frappe.get_all(
			doctype,
			filters={side: name},
			fields=["name", "relation_type", "creation", "from_date", "to_date", one, other],
			order_by="creation asc, name asc",
			limit=0,
		)
	}
	kinds = kinds_of({row.relation_type for row in rows.values()})
	kept: list = []
	left, ended = set(rows), set()
	for row in sorted(rows.values(), key=lambda row: (row.creation, row.name)):
		if row[one] == row[other] or any(_clash(doctype, row, old, kinds[row.relation_type]) for old in kept):
			ended.add(row[one])
		elif kinds[row.relation_type].is_tree and _closes(doctype, row, left):
			ended.add(row[one])
		else:
			kept.append(row)
			left -= {row.name}
	for gone in sorted(left):
		locks.delete_rows(doctype, {"name": gone})
	return ended


def _clash(doctype: str, row: dict, old: dict, kind: dict) -> bool:
	one, other = SIDES[doctype]
	if row.relation_type != old.relation_type or not posts.period_of(row).shared(posts.period_of(old)):
		return False
	sides, before = (row[one], row[other]), (old[one], old[other])
	return sides == before or (is_mutual(kind) and sides == before[::-1]) or bool(kind.is_tree and row[one] == old[one])


def _closes(doctype: str, row: dict, passed_over: set[str]) -> bool:
	one, other = SIDES[doctype]

	def steps_up(name: str) -> list[Above]:
		found = rows_of(doctype, {one: name}, row.relation_type)
		return [Above(up[other], posts.period_of(up)) for up in found if up.name not in passed_over]

	return bool(relations.circle(row[one], Above(row[other], posts.period_of(row)), steps_up))
