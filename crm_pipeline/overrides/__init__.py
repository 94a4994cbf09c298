"""What happens to ERPNext's documents because of us: one file per DocType."""
