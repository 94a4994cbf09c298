crm_pipeline.watch_native_ribbon(["Delivery Note", "Payment Entry"]);
