"""Text models that another program serves, over HTTP; no torch, and off until the person adds one."""
