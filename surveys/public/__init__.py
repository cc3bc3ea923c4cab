"""Pages that customers answer on. GET shows, POST acts."""

from surveys.public.personal import answer
from surveys.public.shared import share

__all__ = ["answer", "share"]
