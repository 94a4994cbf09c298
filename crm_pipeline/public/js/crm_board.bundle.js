import { SalesBoard } from "./board/board";

frappe.provide("crm_pipeline");
crm_pipeline.SalesBoard = SalesBoard;
