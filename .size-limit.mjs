// What the SDK's entries load when they are imported, minified, in brotli. What is imported with `await import()` is
// loaded when it is first used, and is no part of it.
const LIMITS = {
  index: '8 kB',
  verify: '4 kB',
  kv: '3 kB',
  jwt: '8 kB',
  tracing: '1 kB',
  express: '1 kB',
  fastify: '1 kB',
  hono: '1 kB',
  next: '1 kB',
  node: '1 kB',
  workers: '1 kB',
}

const loadedLater = {
  name: 'loaded-later',
  setup: (build) =>
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
}

export default Object.entries(LIMITS).map(([name, limit]) => ({
  name: `@cronclave/sdk ${name}`,
  path: `sdk/dist/${name}.js`,
  limit,
  modifyEsbuildConfig: (config) => ({
    ...config,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['@opentelemetry/api', 'node:*'],
    plugins: [loadedLater],
  }),
}))
