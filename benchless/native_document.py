"""A document of ERPNext: what is done to it is answered from the recorded traces."""

from benchless import events
from benchless.document import Document
from benchless.errors import NotOffered


class NativeDocument(Document):
	"""A document of the back office: what changes it is a question to the recorded traces."""

	def _ask(self, op: str, **options):
		from benchless import back_office

		self._set_flags(ignore_permissions=options.get("ignore_permissions"))
		back_office.ask(self, op, **{name: value for name, value in options.items() if value})
		return self

	def insert(self, **options):
		return self._ask("insert", **options)

	def save(self, **options):
		return self._ask("insert" if self.is_new() or not self.name else "save", **options)

	def submit(self):
		return self._ask("submit")

	def cancel(self):
		return self._ask("cancel")

	def delete(self, **options):
		return self._ask("delete", **options)

	def run_method(self, method: str, *args, **kwargs):
		from benchless import back_office

		if method in events.OF_DB_SET:
			return events.fire(self, method)
		return back_office.method(self, method, args, kwargs)

	def __getattr__(self, name: str):
		from benchless import back_office

		if name.startswith("_"):
			raise AttributeError(name)
		if name not in back_office.methods():
			raise NotOffered(f"{self.doctype}.{name}: neither a field nor a method of it was recorded")
		return lambda *args, **kwargs: back_office.method(self, name, args, kwargs)
