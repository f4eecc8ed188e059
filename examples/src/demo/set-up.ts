import type { Api } from './api.ts'
import type { DemoSecret } from './secret.ts'

const NAMESPACE = '/v1/namespaces/default'

/** The demo's services, executors and jobs; what is there already is left as it is, but for the executors' addresses. */
export async function setUp(
  api: Api,
  urls: { executor: string; plain: string },
  { secret, isNew }: DemoSecret,
): Promise<void> {
  const services = { demo: 'Handlers behind the SDK', 'demo-plain': 'An HTTP endpoint without the SDK' }
  for (const [name, description] of Object.entries(services)) {
    const path = `${NAMESPACE}/services/${name}`
    await (isNew ? api.put(path, { description, secret }) : api.putIfAbsent(path, { description, secret }))
  }
  await api.put(`${NAMESPACE}/services/demo/executors/demo-1`, { url: urls.executor })
  await api.put(`${NAMESPACE}/services/demo-plain/executors/plain-1`, { url: urls.plain })
  for (const [name, definition] of Object.entries(JOBS)) {
    await api.putIfAbsent(`${NAMESPACE}/jobs/${name}`, definition)
  }
}

const JOBS = {
  heartbeat: {
    description: 'A handler, every five seconds',
    labels: { demo: 'yes' },
    schedules: [{ every: '5s' }],
    target: { kind: 'handler', service: 'demo', handler: 'heartbeat' },
  },
  'plain-ping': {
    description: 'Any HTTP endpoint, every 15 seconds by the clock',
    labels: { demo: 'yes' },
    schedules: [{ cron: '*/15 * * * * *' }],
    target: {
      kind: 'http',
      service: 'demo-plain',
      method: 'POST',
      path: '/report',
      headers: { 'content-type': 'application/json' },
      body: '{"run":"{{runId}}","due":"{{fireTime}}"}',
      expect: { field: 'ok', equals: true },
    },
  },
  greet: {
    description: 'By hand only, with parameters',
    labels: { demo: 'yes' },
    params: { name: 'world', times: 1 },
    target: { kind: 'handler', service: 'demo', handler: 'greet' },
  },
}
