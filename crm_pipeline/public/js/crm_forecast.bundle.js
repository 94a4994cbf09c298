import { DIMENSIONS, open_documents, open_from_report } from "./forecast/documents";
import { SalesForecast } from "./forecast/page";

frappe.provide("crm_pipeline.forecast");
crm_pipeline.SalesForecast = SalesForecast;
Object.assign(crm_pipeline.forecast, { dimensions: DIMENSIONS, open_documents, open_from_report });
