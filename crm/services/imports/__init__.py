"""Customers, orders and contracts from files: checked row by row, loaded by slices.

precheck   one pass over the file: encoding, checksum, structure, scattered orders
reading    rows with their line numbers; the header and its mapping
customers  the rules of a customer's row          orders  the rules of an order line
loading    a slice into the tables, in one transaction
running    one run from the first line to the last, which run_lock keeps alone
runner     the entry point of the commands        import_jobs  that of the pages
"""
