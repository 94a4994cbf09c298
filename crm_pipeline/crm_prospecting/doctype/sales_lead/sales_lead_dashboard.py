from crm_pipeline.chain import connections


def get_data():
	return connections.of("Sales Lead", {"Sales Prospect": "prospect", "Sales Campaign": "campaign"}, agreed=False)
