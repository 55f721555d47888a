"""Events: other systems tell what happened, and a template message goes out."""
