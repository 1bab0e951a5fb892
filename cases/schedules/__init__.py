"""Cases that start by themselves: Schedules of Temporal, kept equal to what is published."""
