import { expect, test } from 'vitest'
import type { Urls } from './project.ts'
import { describeFramework } from './rules.ts'

describeFramework({
  name: 'express4',
  routes: true,
  fix: 'captureRawBody',
  serve: (project) => project.serve(['node', 'server.js']),
})

describeFramework({
  name: 'express5',
  routes: true,
  fix: 'captureRawBody',
  serve: (project) => project.serve(['node', 'server.js']),
})

describeFramework({
  name: 'hono',
  routes: true,
  fix: 'await c.req.json()',
  serve: (project) => project.serve(['node', 'server.js']),
})

describeFramework({
  name: 'next',
  routes: true,
  fix: 'request.clone()',
  serve: async (project) => {
    await project.run('npx', 'next', 'build')
    return project.serve(['npx', 'next', 'start', '--hostname', '127.0.0.1', '--port', '0'], urlsOfNext)
  },
})

describeFramework({
  name: 'deno',
  fix: 'request.clone()',
  serve: (project) => project.serve(['npx', 'deno', 'run', '--allow-net', '--allow-env', 'server.ts']),
  more: (project) => {
    test('Deno finds nothing wrong with the types', async () => {
      expect(await project().run('npx', 'deno', 'check', 'server.ts')).not.toContain('error')
    })
  },
})

describeFramework({
  name: 'bun',
  fix: 'request.clone()',
  serve: (project) => project.serve(['npx', 'bun', 'server.ts']),
  more: (project) => {
    test('TypeScript finds nothing wrong with the types of Bun', async () => {
      expect(await project().typeCheck('server.ts', 'bun')).toBe('')
    })
  },
})

function urlsOfNext(lines: readonly string[]): Urls | undefined {
  const base = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join('\n'))?.[0]
  if (base === undefined || !lines.some((line) => line.includes('Ready'))) return undefined
  return { jobs: `${base}/jobs`, parsed: `${base}/parsed`, echo: `${base}/echo` }
}
