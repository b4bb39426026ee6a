"""Room for in-betweens that keep their strokes: choosing, matching and smoothing frames."""
