"""The embedded host for the tests of it."""

import pytest

from benchless import host
from benchless.database import db


@pytest.fixture(scope="module")
def frappe():
	# The site tests of the same run have started it already.
	if not db.connected:
		host.start()
	import frappe

	frappe.db.savepoint("host_tests")
	yield frappe
	frappe.set_user("Administrator")
	frappe.db.rollback(save_point="host_tests")
