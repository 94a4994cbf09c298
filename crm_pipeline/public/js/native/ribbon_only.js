crm_pipeline.watch_ribbon(["Delivery Note", "Sales Invoice", "Payment Entry"]);
