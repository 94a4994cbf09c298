from crm_pipeline.documents.document_row import DocumentRow


class SalesDealCompetitor(DocumentRow):
	pass
