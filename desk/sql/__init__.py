"""The queries of the desk that the ORM cannot say."""
