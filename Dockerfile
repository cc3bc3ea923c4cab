FROM python:3.13-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements-production.txt .
RUN /opt/venv/bin/pip install --no-deps --require-hashes -r requirements-production.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PERENNIAL_MODE=production \
    PERENNIAL_VAR=/var/lib/perennial \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WEB_BIND=0.0.0.0:8000
# A volume laid over one of these takes its owner from here.
RUN useradd --system --user-group --home-dir /var/lib/perennial --create-home perennial \
    && install -d -o perennial -g perennial -m 700 /var/lib/perennial/journal \
    && install -d -o perennial -g perennial -m 700 /var/lib/perennial/files
WORKDIR /srv/perennial
COPY --from=packages /opt/venv /opt/venv
COPY . .
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgresql://build@build.invalid/build \
    REDIS_URL=redis://build.invalid/0 \
    STATIC_ROOT=/srv/perennial/staticfiles \
    python manage.py collectstatic --noinput
ENV STATIC_ROOT=/srv/perennial/staticfiles
USER perennial
EXPOSE 8000
CMD ["gunicorn", "-c", "python:config.gunicorn"]
