"""An app that adds to the pages of the desk, as any app may."""
