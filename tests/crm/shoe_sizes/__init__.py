"""An app that takes columns of an import of customers, as any app may."""
