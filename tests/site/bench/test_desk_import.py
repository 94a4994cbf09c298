# ruff: noqa: F811
"""Import in Desk: files that a user may not read."""

import frappe

from tests.site.portable.test_desk_import import IMPORT, LEAD, company, imported  # noqa: F401
from tests.site.world import refused


def test_nobody_imports_another_s_file(imported, as_user):
	theirs = imported("Company\nX TAG\n", by="manager")
	as_user("rep")
	with refused(match="the file .* is not there"):
		frappe.get_doc({"doctype": IMPORT, "file": theirs.file, "document_type": LEAD, "company": company()}).insert()
