from crm_pipeline.chain import connections


def get_data():
	return connections.of(
		"Sales Opportunity", {"Sales Prospect": "prospect", "Sales Campaign": "campaign"}, sale=("Cost Estimate",)
	)
