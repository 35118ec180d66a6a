"""The window: wiring, actions, settings, theme. qasync lives here only."""
