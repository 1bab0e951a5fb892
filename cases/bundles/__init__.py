"""Where published definitions and organization documents are kept."""
