"""What customers owe, what they promised, and how contracts become cash."""
