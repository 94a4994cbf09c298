import { show_documents } from "./shared/documents";
import { link_summary } from "./shared/summary";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, { link_summary, show_documents });
