"""What a model must do well before an act is offered for it: passages and judges, the same for every model."""
