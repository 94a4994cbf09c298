"""What guides a rep: playbooks of stages, and help from the manager."""
