"""Users, roles, files, custom fields: the records of Frappe that do something when they are saved."""

import tempfile
from pathlib import Path

from benchless import metadata, store
from benchless.database import db
from benchless.documents import Document, get_doc
from benchless.errors import DuplicateEntryError, NotOffered
from benchless.messages import throw
from benchless.values import cint


class User(Document):
	def validate(self):
		self.email = (self.email or "").strip().lower()
		self.full_name = " ".join(part for part in (self.first_name, self.last_name) if part)
		if self.role_profile_name:
			raise NotOffered("User.role_profile_name")


class UserPermission(Document):
	def validate(self):
		same = {field: self.get(field) for field in ("user", "allow", "for_value", "apply_to_all_doctypes")}
		if self.applicable_for:
			same["applicable_for"] = self.applicable_for
		if db.exists("User Permission", {**same, "name": ("!=", self.name)}):
			throw("User permission already exists", DuplicateEntryError)


class File(Document):
	"""What is in it is on disk for as long as the process runs."""

	on_disk = tempfile.TemporaryDirectory(prefix="benchless-")

	def before_insert(self):
		self.file_name = self.file_name or (self.file_url or "").rpartition("/")[2]
		folder = "/private/files/" if cint(self.is_private) else "/files/"
		self.file_url = self.file_url or f"{folder}{self.file_name}"
		content, path = self.get("content"), Path(self.get_full_path())
		if content is not None:
			path.parent.mkdir(parents=True, exist_ok=True)
			path.write_bytes(content if isinstance(content, bytes) else content.encode())

	def get_full_path(self) -> str:
		return f"{self.on_disk.name}{self.file_url}"

	def get_content(self) -> str:
		return Path(self.get_full_path()).read_text(encoding="utf-8")


class CustomField(Document):
	def autoname(self):
		self.fieldname = self.fieldname or self.label.lower().replace(" ", "_")
		self.name = f"{self.dt}-{self.fieldname}"

	def on_update(self):
		metadata.forget(self.dt)
		if not metadata.get_meta(self.dt).issingle:
			store.add_column(db, self.dt, self)

	def on_trash(self):
		metadata.forget(self.dt)


CONTROLLERS = {"User": User, "File": File, "User Permission": UserPermission, "Custom Field": CustomField}


def create_custom_fields(custom_fields: dict, ignore_validate: bool = False, update: bool = True) -> None:
	for doctypes, fields in custom_fields.items():
		for doctype in (doctypes,) if isinstance(doctypes, str) else doctypes:
			for field in [fields] if isinstance(fields, dict) else fields:
				create_custom_field(doctype, field)


def create_custom_field(doctype: str, df: dict, ignore_validate=False, is_system_generated=True) -> None:
	name = f"{doctype}-{df['fieldname']}"
	if db.exists("Custom Field", name):
		doc = get_doc("Custom Field", name).update(df)
	else:
		doc = get_doc({"doctype": "Custom Field", "dt": doctype, **df})
	doc.flags.ignore_permissions = doc.flags.ignore_links = True
	doc.save()
	metadata.forget(doctype)
