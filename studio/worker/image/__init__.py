"""Picture makers: loading any diffusers pipeline, and the loop that turns a job into pictures."""
