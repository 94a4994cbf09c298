from crm_pipeline.documents.document_row import DocumentRow


class CostEstimateItem(DocumentRow):
	pass
