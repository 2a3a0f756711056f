"""The background process that holds the models: requests in, events out, and nothing remembered between them."""
