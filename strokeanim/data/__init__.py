"""Drawings from files and to files, synthetic drawings, and training examples."""
