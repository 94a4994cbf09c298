"""What a measurement writes, it keeps until it removes it by itself."""


def keep() -> None:
	import frappe

	# Processes that are measured, and the web server, have to see it.
	frappe.db.commit()
