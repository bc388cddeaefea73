"""What long lists show, row by row."""
