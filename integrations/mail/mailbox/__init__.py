"""The embedded mailbox: an SMTP server that keeps what it accepts, and its reader."""
