"""What Caseway keeps outside Temporal: derived from running cases, or about closed ones."""
