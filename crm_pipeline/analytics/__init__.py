"""Numbers over many documents: SQL aggregates what the user may see, core/ does the arithmetic."""
