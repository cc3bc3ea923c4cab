"""django-post-office at the same work; run by bench_outbox in a scratch environment.

Reads its orders as JSON from standard input; prints the seconds that sending took
by the clock, and of the processor.
"""

import json
import sys
import time
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings

work = json.load(sys.stdin)
url = urlsplit(work["database"])
settings.configure(
    SECRET_KEY="x",
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": parse_qs(url.query)["host"][0],
            "PORT": url.port,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    TEMPLATES=[
        {"BACKEND": "post_office.template.backends.post_office.PostOfficeTemplates",
         "APP_DIRS": True, "DIRS": [], "OPTIONS": {"context_processors": []}},
        {"BACKEND": "django.template.backends.django.DjangoTemplates",
         "APP_DIRS": True, "DIRS": [], "OPTIONS": {}},
    ],
    EMAIL_BACKEND="post_office.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=work["port"],
    POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
                 "DEFAULT_PRIORITY": "medium"},
    USE_TZ=True,
)  # fmt: skip
django.setup()

from django.core.management import call_command  # noqa: E402
from post_office import mail  # noqa: E402
from post_office.models import Email, EmailTemplate  # noqa: E402

call_command("migrate", verbosity=0)
Email.objects.all().delete()
EmailTemplate.objects.all().delete()
template = EmailTemplate.objects.create(
    name="anniversary",
    subject=work["subject"],
    content=work["text"],
    html_content=work["html"],
)


def post(first, last):
    mail.send_many(
        [
            {
                "recipients": f"c{number}@example.org",
                "sender": "hello@shop.example",
                "template": template,
                "context": {
                    "name": "Dana",
                    "years": "6 years",
                    "stop": f"stop-{number}-{'x' * 40}",
                    "preferences": f"preferences-{number}-{'x' * 40}",
                },
                "render_on_delivery": True,
            }
            for number in range(first, last)
        ]
    )


def send():
    while Email.objects.filter(status=2).exists():
        call_command("send_queued_mail", processes=1, log_level=1, verbosity=0)


most = work["warm_up"] + work["mails"]
post(0, work["warm_up"])
send()
post(work["warm_up"], most)
started, busy = time.perf_counter(), time.process_time()
send()
seconds, processor = time.perf_counter() - started, time.process_time() - busy
assert Email.objects.filter(status=0).count() == most
print(seconds, processor)
