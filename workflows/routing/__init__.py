"""How published events find those who listen: pure rules, and the workflows that keep them."""
