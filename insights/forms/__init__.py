"""Forms of Insights."""

from insights.forms.definition import DefinitionForm

__all__ = ["DefinitionForm"]
