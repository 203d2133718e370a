# CPU image of the live service. Build: docker build -t undertone . ; run: docker run -p 8080:8080 undertone
FROM node:24-bookworm-slim AS build
# Without the CUDA files that onnxruntime-node's script fetches where npm knows no allowScripts.
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
# The packages are the lockfile's, though a checkout may be newer than a cached layer of them. Whoever runs the image can read
# what it has, also where the clone's umask was 077.
RUN touch node_modules/.package-lock.json && npm run build && rm -r dist/test \
  && chmod -R a+rX package.json LICENSE bin dist scripts models

FROM node:24-bookworm-slim AS packages
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node has its libraries for every system, a quarter of a gigabyte that this one cannot load.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -r node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32

FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg tini && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production UNDERTONE_HOST=0.0.0.0 UNDERTONE_PORT=8080 UNDERTONE_MODELS_DIR=/models
# A new volume that is mounted there gets this owner; elsewhere it would be root's, and no model could be pulled into it.
RUN mkdir -p /models && chown node:node /models
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin ./bin
COPY --from=build /app/scripts/health.mjs ./scripts/health.mjs
COPY --from=build /app/models/artifacts ./models/artifacts
COPY --from=build /app/models/foundation/catalogue.json ./models/foundation/catalogue.json
# The user `node`, by number: Kubernetes' `runAsNonRoot` cannot tell of a name whether it is root's.
USER 1000:1000
EXPOSE 8080
# Whether the process lives, not whether it takes sessions: one that is overloaded or drains would be ended with those it has.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "/app/scripts/health.mjs"]
ENTRYPOINT ["tini", "--", "node", "/app/bin/undertone.mjs"]
CMD ["serve"]
