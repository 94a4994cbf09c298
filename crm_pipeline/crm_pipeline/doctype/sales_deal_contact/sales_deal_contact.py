from crm_pipeline.documents.document_row import DocumentRow


class SalesDealContact(DocumentRow):
	pass
