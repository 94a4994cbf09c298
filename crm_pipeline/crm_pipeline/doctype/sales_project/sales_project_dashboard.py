from crm_pipeline.chain import connections


def get_data():
	return connections.of(
		"Sales Project",
		{"Sales Prospect": "prospect", "Sales Campaign": "campaign", "Project": "erp_project"},
		sale=("Cost Estimate",),
	)
