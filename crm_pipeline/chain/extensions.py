"""Where other apps join in. Hook names are documented in docs/extending.md."""

import frappe

from crm_pipeline.chain import guard


def run(hook: str, **kwargs) -> None:
	"""Call every function that installed apps register under `hook`, with keyword arguments."""
	for path in frappe.get_hooks(hook):
		guard.attempt(path, lambda path=path: frappe.get_attr(path)(**kwargs))
