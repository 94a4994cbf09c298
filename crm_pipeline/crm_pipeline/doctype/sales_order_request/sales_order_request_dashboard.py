from crm_pipeline.chain import connections


def get_data():
	return connections.of(
		"Sales Order Request", {"Quotation": ["items", "quotation"], "Sales Contract": "contract"}
	)
