"""A move that is killed half way goes on where it was."""

import json

import frappe
import pytest

from crm_pipeline.importer import desk_import
from crm_pipeline.importer.store_deals import DealStore
from tests.site.bench import moving_world
from tests.site.bench.test_moving_in import DEAL, a_move, run


def test_one_that_was_killed_goes_on_and_moves_nothing_twice(site, monkeypatch):
	from tests.site import conftest

	frappe.set_user("Administrator")
	tag, imports = f"K{frappe.generate_hash(length=6)}", []
	old = moving_world.Erpnext(tag, conftest.standing[0])
	try:
		old.make()
		frappe.db.commit()
		doc = a_move("ERPNext's CRM")
		imports.append(doc.name)
		monkeypatch.setattr(desk_import, "CHUNK", 10)
		done = []

		def killed(self, deals):
			done.append(len(deals))
			if len(done) == 2:
				raise SystemExit
			return store(self, deals)

		store = DealStore.store
		monkeypatch.setattr(DealStore, "store", killed)
		with pytest.raises(SystemExit):
			run(doc)
		frappe.db.rollback()
		monkeypatch.setattr(DealStore, "store", store)
		assert frappe.db.count(DEAL, {"external_source": "ERPNext CRM"}) == 10 and doc.reload().status == "Running"
		doc.db_set("modified", frappe.utils.add_to_date(None, minutes=-11), update_modified=False)
		run(doc)
		assert doc.status == "Done" and frappe.db.count(DEAL, {"external_source": "ERPNext CRM"}) == 36
		for doctype in ("Lead", "Prospect", "Opportunity"):
			keys = frappe.get_all(
				"Imported Record", filters={"sales_import": doc.name}, pluck="external_key", order_by="name asc"
			)
			assert len(keys) == len(set(keys)), doctype
		tables = {row["title"]: (row["stored"], row["already"]) for row in json.loads(doc.move_report)["tables"]}
		assert tables["Opportunity"] == (26, 10) and tables["Lead"] == (0, 33)
	finally:
		moving_world.remove(tag, old.made, imports)
