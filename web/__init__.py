"""How pages, forms and the API are made. Knows no customer."""
