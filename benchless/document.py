"""The life of a document: made, saved, submitted, cancelled, amended, deleted."""

from benchless import checks, context, defaults, deleting, errors, events, naming, permissions
from benchless.database import db
from benchless.errors import only
from benchless.fields import Fields
from benchless.messages import bold, quietly, throw
from benchless.metadata import OPTIONAL
from benchless.values import cstr, now

# Events by the step that a save is.
BEFORE = {
	"save": ("validate", "before_save"),
	"submit": ("validate", "before_submit"),
	"cancel": ("before_cancel",),
	"update_after_submit": ("before_update_after_submit",),
}
AFTER = {
	"save": ("on_update",),
	"submit": ("on_update", "on_submit"),
	"cancel": ("on_cancel",),
	"update_after_submit": ("on_update_after_submit",),
}


class Document(Fields):
	def load_from_db(self):
		"""Fill with what is stored. Raises DoesNotExistError when there is nothing."""
		meta, flags = self.meta, self.flags
		if meta.issingle:
			values = db.get_singles_dict(self.doctype) or defaults.new_values(self.doctype)
			values["name"] = self.doctype
		else:
			values = self.name and db.get_value(self.doctype, self.name, "*", as_dict=True, order_by=None)
			if not values:
				raise errors.DoesNotExistError(f"{self.doctype} {self.name} not found", doctype=self.doctype)
		Fields.__init__(self, {**values, "doctype": self.doctype})
		self.flags = flags
		if meta.issingle:
			self.fix_numbers()
		for field in meta.get_table_fields():
			of_table = {"parent": self.name, "parenttype": self.doctype, "parentfield": field.fieldname}
			self.set(field.fieldname, db.get_values(field.options, of_table, "*", as_dict=True, order_by="idx"))
		return self

	def reload(self):
		return self.load_from_db()

	def _stored(self) -> "Document":
		return type(self)({"doctype": self.doctype, "name": self.name}).load_from_db()

	# ---- rights

	def has_permission(self, permtype: str = "read", *, debug: bool = False, user: str | None = None) -> bool:
		ignored = bool(self.flags.ignore_permissions)
		return ignored or permissions.has_permission(self.doctype, permtype, self, user)

	def apply_fieldlevel_read_permissions(self) -> None:
		"""No field has a level here."""

	def check_permission(self, permtype: str = "read") -> None:
		if not self.has_permission(permtype):
			where = f"{self.doctype} {bold(self.name or '')}"
			context.flags.error_message = f"You need the '{permtype}' permission on {where}"
			raise errors.PermissionError

	# ---- saving

	def insert(
		self, ignore_permissions=None, ignore_links=None, ignore_if_duplicate=False, ignore_mandatory=None, **options
	):
		only(options, "Document.insert")
		self._set_flags(
			ignore_permissions=ignore_permissions, ignore_links=ignore_links, ignore_mandatory=ignore_mandatory
		)
		self.__dict__["__islocal"] = 1
		self._set_defaults()
		self._stamp()
		self._check_transition(None)
		if not self.flags.ignore_links:
			checks.links(self)
		self.check_permission("create")
		self.run_method("before_insert")
		if not self.flags.name_set:
			self.flags.ignore_duplicate = ignore_if_duplicate
			naming.set_new_name(self)
			for row in self.get_all_children():
				naming.set_new_name(row)
			self.flags.name_set = True
		self._adopt_children()
		self.flags.in_insert = True
		self._run_before_save()
		self._check_values()
		self.flags.in_insert = False
		self.db_insert(ignore_if_duplicate=ignore_if_duplicate)
		for row in self.get_all_children():
			row.db_insert()
		self.run_method("after_insert")
		self.flags.in_insert = True
		if self.get("amended_from"):
			self._check_amended()
		self._run_after_save()
		self.flags.in_insert = False
		self.__dict__.pop("__islocal", None)
		return self

	def save(self, ignore_permissions=None, ignore_version=None):
		self._set_flags(ignore_permissions=ignore_permissions)
		if self.is_new() or not self.name:
			return self.insert()
		self._set_defaults()
		self.check_permission("write")
		self._stamp()
		self._check_latest()
		self._adopt_children()
		for row in self.get_all_children():
			if not row.name:
				naming.set_new_name(row)
		if not self.flags.ignore_links and self._action != "cancel":
			checks.links(self)
		self._run_before_save()
		if self._action != "cancel":
			self._check_values()
		if self._action == "update_after_submit" and not self.flags.ignore_validate_update_after_submit:
			checks.after_submit(self, self._doc_before_save)
		if self.meta.issingle:
			self._store_single()
		else:
			self.db_update()
		self.update_children()
		self._run_after_save()
		return self

	def submit(self):
		self.docstatus = 1
		return self.save()

	def cancel(self):
		self.docstatus = 2
		return self.save()

	def delete(self, **options):
		return deleting.delete_doc(self.doctype, self.name, flags=self.flags, **options)

	def _set_flags(self, **flags) -> None:
		self.flags.update({name: value for name, value in flags.items() if value is not None})

	def _set_defaults(self) -> None:
		if self.is_new():
			self.update_if_missing(defaults.new_values(self.doctype))
		for field in self.meta.get_table_fields():
			for row in self.get(field.fieldname) or []:
				if row.is_new():
					row.update_if_missing(defaults.new_values(row.doctype))

	def _stamp(self) -> None:
		self._original_modified = self.modified
		self.modified, self.modified_by = now(), context.session.user
		if self.is_new():
			self.creation, self.owner = self.modified, self.modified_by
		for row in self.get_all_children():
			row.modified, row.modified_by = self.modified, self.modified_by
			row.owner, row.creation = row.owner or self.owner, row.creation or self.creation
			row.docstatus = self.docstatus

	def _check_latest(self) -> None:
		self.load_doc_before_save(raise_exception=True)
		before = self._doc_before_save
		if cstr(before.modified)[:26] != cstr(self._original_modified)[:26]:
			text = f"{self.name} has been modified after you have opened it. Please refresh."
			throw(text, errors.TimestampMismatchError)
		self._check_transition(None if self.meta.issingle else before.docstatus)

	def load_doc_before_save(self, *, raise_exception: bool = False) -> None:
		self._doc_before_save = self._stored()

	def _check_transition(self, stored: int | None) -> None:
		"""Draft, submitted, cancelled: which step this save is, and whether there is such a step."""
		wanted = self.docstatus
		steps = {(0, 0): "save", (0, 1): "submit", (1, 1): "update_after_submit", (1, 2): "cancel"}
		if stored == 2:
			throw("Cannot edit cancelled document", errors.ValidationError)
		if (stored or 0, int(wanted)) not in steps:
			raise errors.DocstatusTransitionError(f"Cannot change docstatus from {stored or 0} to {int(wanted)}")
		self._action = steps[stored or 0, int(wanted)]
		if self._action in ("submit", "update_after_submit", "cancel"):
			self.check_permission("cancel" if self._action == "cancel" else "submit")

	def _adopt_children(self) -> None:
		for row in self.get_all_children():
			row.parent, row.parenttype = self.name, self.doctype

	def _run_before_save(self) -> None:
		if self._action in ("save", "submit"):
			self.run_method("before_validate")
		if not self.flags.ignore_validate:
			for method in BEFORE[self._action]:
				self.run_method(method)

	def _check_values(self) -> None:
		if not self.flags.ignore_mandatory:
			checks.mandatory(self)
		checks.values(self)
		rule = self.meta.autoname or ""
		if rule.startswith("field:") and self.name:
			self.set(rule[6:], self.name)
		if self.is_new():
			self.update(dict.fromkeys(OPTIONAL))
		elif self._doc_before_save:
			checks.constants(self, self._doc_before_save)
		for row in self.get_all_children():
			row.docstatus = self.docstatus

	def _run_after_save(self) -> None:
		context.flags.setdefault("currently_saving", []).append((self.doctype, self.name))
		try:
			for method in AFTER[self._action]:
				self.run_method(method)
			if self._action == "cancel" and not self.flags.ignore_links:
				deleting.check_links(self, "Cancel")
			self.run_method("on_change")
		finally:
			context.flags.currently_saving.remove((self.doctype, self.name))

	def _check_amended(self) -> None:
		if db.get_value(self.doctype, self.amended_from, "docstatus") != 2:
			throw(f"{self.amended_from} cannot be amended because it is not cancelled")

	# ---- storing

	def db_insert(self, *args, ignore_if_duplicate: bool = False, **kwargs):
		if not self.name:
			naming.set_new_name(self)
		if not self.creation:
			self.creation = self.modified = now()
		row = self.get_valid_dict()
		names, marks = ", ".join(f"`{name}`" for name in row), ", ".join(["%s"] * len(row))
		conflict = " on conflict (name) do nothing" if ignore_if_duplicate else ""
		db.sql(f"insert into `tab{self.doctype}` ({names}) values ({marks}){conflict}", list(row.values()))
		self.__dict__["__islocal"] = False
		return self

	def db_update(self):
		if self.is_new() or not self.name:
			return self.db_insert()
		row = self.get_valid_dict()
		name = row.pop("name")
		pairs = ", ".join(f"`{column}` = %s" for column in row)
		db.sql(f"update `tab{self.doctype}` set {pairs} where name = %s", [*row.values(), name])
		return self

	def update_children(self) -> None:
		for field in self.meta.get_table_fields():
			rows = self.get(field.fieldname) or []
			kept = [row.name for row in rows if row.name and not row.is_new()]
			of_table = {"parent": self.name, "parenttype": self.doctype, "parentfield": field.fieldname}
			db.delete(field.options, {**of_table, "name": ("not in", kept)})
			for row in rows:
				row.db_update()

	def _store_single(self) -> None:
		db.sql("delete from tabSingles where doctype = %s", (self.doctype,))
		for field, value in self.get_valid_dict().items():
			db.set_single(self.doctype, field, value)
		self.update_children()

	def db_set(self, fieldname, value=None, update_modified: bool = True, notify: bool = False):
		self.update(values := fieldname if isinstance(fieldname, dict) else {fieldname: value})
		if update_modified and (self.doctype, self.name) not in context.flags.get("currently_saving", ()):
			self.modified, self.modified_by = now(), context.session.user
		if not self._doc_before_save and not self.is_new():
			self._doc_before_save = quietly(self._stored)
		self.run_method("before_change")
		if self.name is None:
			return
		stamp = {"modified": self.modified, "modified_by": self.modified_by, "update_modified": update_modified}
		db.set_value(self.doctype, self.name, values, **stamp)
		self.run_method("on_change")

	def add_tag(self, tag: str) -> None:
		self.db_set("_user_tags", f"{self.get('_user_tags') or ''},{tag}", update_modified=False)

	def add_comment(self, comment_type: str = "Comment", text: str | None = None):
		from benchless.documents import get_doc

		values = {"comment_type": comment_type, "content": text or comment_type, "reference_doctype": self.doctype}
		return get_doc({"doctype": "Comment", **values, "reference_name": self.name}).insert(ignore_permissions=True)

	def get_title(self) -> str:
		return self.get(self.meta.title_field or ("title" if self.meta.has_field("title") else "name")) or ""

	# ---- events

	def run_method(self, method: str, *args, **kwargs):
		"""The controller's own method, then those that the app's hooks name for it."""
		own = getattr(self, method, None)
		result = own(*args, **kwargs) if callable(own) else None
		events.fire(self, method, *args, **kwargs)
		return result
