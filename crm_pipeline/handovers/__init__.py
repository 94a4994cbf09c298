"""What somebody holds goes to others, prepared first; absence, and who had what when."""
