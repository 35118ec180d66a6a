"""The canvas of a picture: it is seen, painted on, framed and arranged here; values in, signals out."""
