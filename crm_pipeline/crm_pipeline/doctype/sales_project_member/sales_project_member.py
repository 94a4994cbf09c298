from crm_pipeline.documents.document_row import DocumentRow


class SalesProjectMember(DocumentRow):
	pass
