"""Generate figures, the page of commands, the architecture diagram; record and measure."""
