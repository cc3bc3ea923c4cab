"""Customers and orders from files: checked row by row, loaded slice by slice.

survey     one pass over the file: encoding, checksum, structure, scattered orders
reading    rows with their line numbers; the header and its mapping
customers  the rules of a customer's row          orders  the rules of an order line
loading    a slice into the tables, in one transaction
running    one run from the first line to the last; the entry point of the commands
"""
