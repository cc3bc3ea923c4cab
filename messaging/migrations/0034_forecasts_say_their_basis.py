from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0033_stop_on_complaints")]

    operations = [
        migrations.AddField(
            model_name="forecast",
            name="basis",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64
            ),
        ),
    ]
