crm_pipeline.watch_native_ribbon(["Payment Entry"]);
