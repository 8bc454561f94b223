# One node of Sigma ID: Node in the version that the lock file tests with, the locked packages, the sources and what was
# packed of both. Nothing is written but the data folder (embedded store only) and /tmp, so the file system can be read-only.

# The Node that the lock file tests with. `config/pin-base-image` says which bytes that is today: docs/releases.md.
ARG SIGMA_BASE_IMAGE=node:24.22.3-bookworm-slim

FROM ${SIGMA_BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages stay: the native parts of the password hash and of the logos are among them. Only the lock file's own
# Node goes; it is for machines without one.
RUN npm ci --ignore-scripts
COPY src src
RUN node src/pack.js \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/.bin/node node_modules/node-linux-* node_modules/node-win-*

FROM ${SIGMA_BASE_IMAGE}
ARG SIGMA_REVISION=unknown
# https://github.com/opencontainers/image-spec/blob/main/annotations.md
LABEL org.opencontainers.image.title="Sigma ID" \
  org.opencontainers.image.description="OpenID Connect identity provider with step-up two-step verification" \
  org.opencontainers.image.version="0.2.0" \
  org.opencontainers.image.revision="${SIGMA_REVISION}" \
  org.opencontainers.image.source="https://git.example.org/sigma-id"
ENV NODE_ENV=production
WORKDIR /app
# Belongs to root: who gets into the process cannot change what the next start runs.
COPY --from=packages /app/node_modules node_modules
# What was packed is found by the lock file and the sources.
COPY --from=packages /app/.made .made
COPY package.json package-lock.json ./
COPY config config
COPY views views
# Administration shows them to whoever connects an application.
COPY docs/applications docs/applications
COPY src src
RUN install -d -o node -g node -m 700 /var/lib/sigma-id
# By number, so that an orchestrator can tell that it is not root.
USER 1000:1000
EXPOSE 3000 3010
# Alive, not ready: a store that is away is no reason to restart a node.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3010/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` does it, but without npm, which would stand between us and SIGTERM.
CMD ["node", "--max-semi-space-size=8", "src/start.js"]
