"""Our own vocabulary: frozen data and the tables of legal moves. Knows nothing of Meta or SQL."""
