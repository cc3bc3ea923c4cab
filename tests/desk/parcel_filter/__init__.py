"""An app that adds a field to the customer list, as any app may."""
