"""What a picture is: its document of layers, its recipe in files, its masks (no Qt, no torch)."""
