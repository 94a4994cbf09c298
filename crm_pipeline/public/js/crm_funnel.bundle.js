import { SalesFunnel } from "./funnel/page";

frappe.provide("crm_pipeline");
crm_pipeline.SalesFunnel = SalesFunnel;
