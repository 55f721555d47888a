FROM python:3.11-slim AS packages
# requirements-calls.txt has the packages of voice calls, too
ARG LOCK=requirements.txt
COPY ${LOCK} .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r ${LOCK}

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /bot bot \
    && install --directory --owner bot /bot/data
WORKDIR /bot
COPY --from=packages /venv /venv
COPY src src
USER bot
ENV PATH=/venv/bin:$PATH PYTHONPATH=/bot/src PYTHONUNBUFFERED=1 PORT=5000
# where the database file is, unless DATABASE_URL names a PostgreSQL
ENV DATABASE_URL=sqlite:////bot/data/bot.db
VOLUME /bot/data
EXPOSE 5000
HEALTHCHECK --start-period=20s --interval=10s --timeout=3s \
    CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:$PORT/health/live')"
CMD ["python", "-m", "app.web"]
