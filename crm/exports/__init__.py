"""What crm lets people take along: see crm/datasets.py.

Customers, orders, products and contracts have the columns of the import, so that what
is exported can be imported again and is the same.
"""

from crm.exports import contacts as contacts
from crm.exports import contracts as contracts
from crm.exports import lists as lists
from crm.exports import people as people
from crm.exports import segments as segments
from crm.exports import trade as trade
