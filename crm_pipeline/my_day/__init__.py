"""What waits for one person today, worst first, and is done there."""
