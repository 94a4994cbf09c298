import { show_documents } from "./shared/documents";

frappe.provide("crm_pipeline");
crm_pipeline.show_documents = show_documents;
