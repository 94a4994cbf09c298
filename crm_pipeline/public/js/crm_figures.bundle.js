import { show_documents } from "./shared/documents";
import { link_figures } from "./shared/report_figures";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, { link_figures, show_documents });
