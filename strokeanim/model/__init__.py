"""The Keras model: layers, losses, training, checkpoints and export. Nothing else imports Keras."""
