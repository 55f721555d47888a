"""What messages lead to, and the clients of the outside world."""
