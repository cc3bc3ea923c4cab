"""How figures are told to other programs."""

from rest_framework import serializers

from insights.figures import Unit


class FigureOut(serializers.Serializer[object]):
    """A value, or null with the reason in `sentence`; a share is 0.9, not 90."""

    key = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()
    base = serializers.IntegerField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    currency = serializers.CharField(allow_blank=True)
    is_over = serializers.BooleanField()
    sentence = serializers.CharField()
    movement = serializers.CharField(allow_blank=True)
    how = serializers.CharField()


class ReportOut(serializers.Serializer[object]):
    """A report: its figures, and when the oldest of them was counted."""

    name = serializers.CharField()
    counted_at = serializers.DateTimeField(
        help_text="When the oldest of the figures was counted."
    )
    figures = FigureOut(many=True)
