from crm_pipeline.documents.document_row import DocumentRow


class SalesHandoverReceiver(DocumentRow):
	# begin: auto-generated types
	# end: auto-generated types

	pass
