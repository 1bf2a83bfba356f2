# Two images: the portal (web, worker, beat, migrate), and the proxy in front of it. Styles and fonts are built with Node.

FROM node:24-trixie-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY script/assets script/assets
RUN script/assets

FROM python:3.13-slim-trixie AS packages
# Debian's own versions are the pinned ones: a release takes in corrections only.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gettext && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/base.txt /build/requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /build/requirements.txt
COPY locale /build/locale
RUN find /build/locale -name '*.po' -exec sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' _ {} \;

FROM python:3.13-slim-trixie AS portal
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal /data
# Fonts are looked up through a cache: without a folder for it, every PDF fails.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/tmp/cache \
    DATA_DIR=/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY pact_portal pact_portal
COPY partners partners
COPY plan plan
COPY evaluations evaluations
COPY templates templates
COPY static static
COPY --from=packages /build/locale locale
COPY --from=assets /build/static/vendor static/vendor
# The settings of this step go nowhere: they only let Django start.
RUN python -m compileall -q . \
    && SECRET_KEY=only-to-collect-the-static-files-of-the-image PORTAL_URL=http://localhost ALLOWED_HOSTS=localhost \
        MAIL_URL=smtp://localhost MAIL_FROM=nobody@localhost python manage.py collectstatic --no-input --verbosity 0
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "pact_portal/foundation/health/ask.py", "127.0.0.1:8000"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", \
    "--graceful-timeout", "30", "--max-requests", "5000", "--max-requests-jitter", "500", "--no-control-socket", \
    "pact_portal.wsgi"]

FROM caddy:2-alpine AS proxy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
RUN chown -R 1000:1000 /data /config
USER 1000:1000
EXPOSE 80 443
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=4 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2019/config/"]
