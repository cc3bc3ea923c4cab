"""The same work by others, run beside the product in one run."""
