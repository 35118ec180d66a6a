"""Jobs, events, takes, errors, the wire: what every process agrees on (stdlib + msgspec only)."""
