from crm_pipeline.documents.document_row import DocumentRow


class SalesOrderRequestItem(DocumentRow):
	pass
