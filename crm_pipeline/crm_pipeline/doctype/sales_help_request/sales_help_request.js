crm_pipeline.help_request_form();
