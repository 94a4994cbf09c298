from crm_pipeline.documents.document_row import DocumentRow


class SalesProjectMilestone(DocumentRow):
	pass
