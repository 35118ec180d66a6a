"""Act checks: which acts a model can be trusted with, tried on 20 passages."""
