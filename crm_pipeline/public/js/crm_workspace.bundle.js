import { show_numbers } from "./workspace/numbers";

frappe.provide("crm_pipeline");
crm_pipeline.show_numbers = show_numbers;
