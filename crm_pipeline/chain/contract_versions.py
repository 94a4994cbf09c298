"""Versions of an amended contract."""

import frappe


def contract_root(contract: str) -> str:
	"""The first version of an amended contract; its row is the lock for all of them."""
	while True:
		earlier = frappe.db.get_value("Sales Contract", contract, "amended_from")
		if not earlier:
			return contract
		contract = earlier


def contract_family(contract: str) -> list[str]:
	"""All versions of a contract, first to last."""
	family = [contract_root(contract)]
	while True:
		later = frappe.db.get_value("Sales Contract", {"amended_from": family[-1]}, "name", order_by="creation desc")
		if not later or later in family:
			return family
		family.append(later)


def count_up(contract: str) -> None:
	"""What is requested or ordered of a (locked) contract changes: whoever looked at it before must look again."""
	changes = frappe.db.get_value("Sales Contract", contract, "order_changes") or 0
	frappe.db.set_value("Sales Contract", contract, "order_changes", changes + 1, update_modified=False)
