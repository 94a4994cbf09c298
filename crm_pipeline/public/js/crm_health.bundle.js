import { PipelineHealth } from "./health/page";

frappe.provide("crm_pipeline");
crm_pipeline.PipelineHealth = PipelineHealth;
