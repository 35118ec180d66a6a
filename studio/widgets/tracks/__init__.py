"""The tracks of a piece as a list: instrument, mute, solo, volume, pan, lock; which of them takes are written into."""
