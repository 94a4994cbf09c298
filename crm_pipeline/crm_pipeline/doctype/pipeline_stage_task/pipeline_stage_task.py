from crm_pipeline.documents.document_row import DocumentRow


class PipelineStageTask(DocumentRow):
	pass
