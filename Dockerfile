# Candor as an image: plain user, no pip and no compiler in the last stage, one volume, works on a read-only root.
# How to pin, build and run it: docs/image.md

# Releases pin the base by digest: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:<digest>, where the digest is what
# `docker buildx imagetools inspect python:3.13-slim` prints on the day of the release.
ARG PYTHON_IMAGE=python:3.13-slim

# --- build: resolve nothing, install what uv.lock says ----------------------------------------------------------
FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.8
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/app
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /src
# dependencies first: their layer survives a change of the source
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE ./
COPY api/ api/
COPY jobs/ jobs/
COPY oversight/ oversight/
COPY consent/ consent/
COPY disclosures/ disclosures/
COPY explanations/ explanations/
COPY handoff/ handoff/
COPY ledger/ ledger/
COPY core/ core/
COPY migrations/ migrations/
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-editable

# --- run ---------------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS run
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Candor" \
      org.opencontainers.image.description="Customer transparency and consent service" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# the base brings pip; nothing is installed from here on
RUN find /usr -xdev -type d \( -name pip -o -name 'pip-*.dist-info' -o -name ensurepip \) -prune -exec rm -rf {} + && \
    rm -f /usr/local/bin/pip* /usr/bin/pip* && \
    install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /app /app
ENV PATH="/app/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CANDOR__SERVE__MODE=production \
    CANDOR__SERVE__HOST=0.0.0.0 \
    CANDOR__SERVE__PORT=8787 \
    CANDOR__STORE__URL=sqlite:////data/candor.db \
    CANDOR__STORE__KEYS_FILE=/data/candor.keys \
    CANDOR__STORE__CHECKPOINT_FILE=/data/candor.checkpoints
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8787
USER 10001:10001
# Python instead of curl: the image has no curl. urlopen raises on anything but success.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['CANDOR__SERVE__PORT'] + '/health/live', timeout=2)"]
ENTRYPOINT ["candor"]
CMD ["serve"]
