from crm_pipeline.chain import connections


def get_data():
	return connections.of(
		"Sales Contract",
		{"Quotation": ["items", "quotation"], "Sales Campaign": "campaign"},
		fields={"Sales Order Request": "contract"},
	)
