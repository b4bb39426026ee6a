"""Prepare drawings for training and tests: downloads, splits, shards, augmentation, batches."""
