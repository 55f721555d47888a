"""What people ask in the middle of anything: who, what, why, is it safe, how long, how much."""
