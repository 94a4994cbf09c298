from crm_pipeline.documents.document_row import DocumentRow


class SalesHandoverItem(DocumentRow):
	# begin: auto-generated types
	# end: auto-generated types

	pass
