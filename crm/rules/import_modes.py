"""How an import of customers finds the record that a row means, and what it may do."""

from enum import StrEnum


class Identity(StrEnum):
    """What makes the id of a row."""

    COLUMN = "column"
    ADDRESS = "address"
    # A number of our own, made of the address, else of the name and phone number, else
    # of all that the row says: the same row has the same one.
    NUMBER = "number"


class Match(StrEnum):
    """What a row is looked up by: its id alone, or else its address."""

    ID = "id"
    ID_OR_ADDRESS = "id_or_address"


class Write(StrEnum):
    """What an import may do with the records it finds or does not find."""

    CREATE_UPDATE = "create_update"
    CREATE = "create"
    UPDATE = "update"
    # Like the first, but what a record says already stays.
    FILL = "fill"
