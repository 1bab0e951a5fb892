"""When cases start by themselves: intervals, cron expressions, and rules about days of a calendar."""
