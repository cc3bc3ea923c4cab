"""What loyalty lets people take along: see crm/datasets.py."""

from loyalty.exports import codes as codes
from loyalty.exports import gifts as gifts
from loyalty.exports import lists as lists
from loyalty.exports import programmes as programmes
