"""What Desk knows of the registry and of the states from its first moment, so that no script lists them anew."""

from crm_pipeline.chain.link_titles import TITLES
from crm_pipeline.core.registry import ATTACHED, CHAIN, DEALS, ORDER, OWN, STATES


def extend(bootinfo) -> None:
	"""extend_bootinfo: `frappe.boot.crm_pipeline`, read by public/js/shared/registry.js. Nothing is asked of the database."""
	bootinfo.crm_pipeline = {
		"chain": ORDER,
		"own": OWN,
		"deals": DEALS,
		"attached": ATTACHED,
		"item_tables": sorted({row.item_table for row in CHAIN if row.item_table and not row.native}),
		"titled": sorted(TITLES),
		"states": {
			doctype: [(row.name, row.colour, row.group) for row in states] for doctype, states in STATES.items()
		},
	}
