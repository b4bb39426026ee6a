"""Build, train, store and export the Keras model; no other package but `engine` imports Keras."""
