"""Change many customers at once, as a job that can be taken back."""
