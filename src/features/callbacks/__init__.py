"""What happens is told to other systems by HTTP."""
