from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0013_take_back_blocking")]

    operations = [
        migrations.AddField(
            model_name="mailbox",
            name="auth_server",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=253
            ),
        ),
    ]
