"""For what commits: its commits are part of the test's own transaction, so that nothing has to be removed after it."""

import frappe


def within_the_test(monkeypatch) -> None:
	"""A commit becomes a savepoint, a rollback goes back to the last one."""
	back = frappe.db.rollback
	frappe.db.savepoint("committed")
	# Nothing is written yet after a commit, so whoever locks would begin anew, which commits what was.
	monkeypatch.setattr(frappe.db, "begin", lambda **how: None)
	monkeypatch.setattr(frappe.db, "commit", lambda: frappe.db.savepoint("committed"))
	monkeypatch.setattr(frappe.db, "rollback", lambda *, save_point=None: back(save_point=save_point or "committed"))
