"""Bodies and attachments, by digest."""
