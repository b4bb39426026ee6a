"""Find which stroke of one drawing becomes which of another, without a model."""
