"""Tickets, in our own words."""
