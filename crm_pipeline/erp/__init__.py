"""The only room that knows ERPNext. `import erpnext` happens inside functions, never at module level."""
