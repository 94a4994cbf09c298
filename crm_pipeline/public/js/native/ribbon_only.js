crm_pipeline.watch_native_ribbon(["Delivery Note", "Sales Invoice", "Payment Entry"]);
