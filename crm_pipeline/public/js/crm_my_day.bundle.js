import { MyDay } from "./my_day/page";

frappe.provide("crm_pipeline");
crm_pipeline.MyDay = MyDay;
