"""Column types that more than one table uses."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String

ID = BigInteger().with_variant(Integer, "sqlite")  # whatever 64-bit id a path holds can be asked for
_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")  # as SQLite compares by itself


def identity() -> "Column[int]":
    """Return a primary key whose values are never used again after deletion."""
    return Column(ID, primary_key=True)


def moment() -> "Column[int]":
    """Return a column for Unix seconds; 64 bits, because a credential may outlive 2038."""
    return Column(BigInteger)


def moment_or_never() -> "Column[int | None]":
    return Column(BigInteger, nullable=True)


def in_org() -> "Column[int]":
    """Return the organization of a row; the row goes when the organization goes."""
    return Column(ID, ForeignKey("org.id", ondelete="CASCADE"))


def bytewise(*, unique: bool = False) -> "Column[str]":
    """Return a column for text that is compared and ordered byte by byte, on both databases."""
    return Column(_BYTEWISE, unique=unique)
