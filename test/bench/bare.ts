import { Agent, request } from 'undici'
import { signingKey } from '../../control-plane/src/signing/secret.ts'
import { signRequest } from '../../control-plane/src/signing/request.ts'

/** Signed calls made beforehand, so that the yardstick measures sending them and nothing else. */
export interface SignedCall {
  body: Buffer
  headers: Record<string, string>
}

/** Calls as the control plane makes them, about 1 kB each, every one with an attempt of its own. */
export function signedCalls(secret: string, count: number, round: number): SignedCall[] {
  const keys = [signingKey(secret)]
  const timestampMs = Date.now()
  return Array.from({ length: count }, (_, i) => {
    const id = `bare${round}x${i}-0-1`
    const body = Buffer.from(JSON.stringify(envelope(id, timestampMs)))
    return {
      body,
      headers: {
        'content-type': 'application/json',
        ...signRequest({ keys, id, timestampMs, method: 'POST', path: '/', body, headers: {} }),
      },
    }
  })
}

/** Parameters that bring a call to about 1 kB. */
export const PARAMS = { note: 'x'.repeat(280) }

function envelope(attemptId: string, now: number): object {
  const time = new Date(now).toISOString()
  return {
    type: 'run.dispatch',
    timestamp: time,
    data: {
      cluster: '0123456789abcdef',
      namespace: 'default',
      service: 'bench',
      executor: 'e1',
      job: 'job-00001',
      handler: 'noop',
      runId: attemptId.split('-')[0],
      attemptId,
      supersedes: [],
      attempt: 1,
      maxAttempts: 1,
      trigger: 'schedule',
      fireTime: time,
      lastFireTime: time,
      deadline: new Date(now + 3_600_000).toISOString(),
      shard: { index: 0, total: 1, items: ['0'] },
      params: PARAMS,
      parent: null,
      fencingToken: '1',
      respond: { mode: 'auto', waitMs: 60_000 },
    },
  }
}

/** Bare undici: sends for `ms`, `inFlight` at once, and gives requests per second and per CPU-second of this process. */
export async function bareRound(
  url: string,
  calls: SignedCall[],
  ms: number,
  inFlight = 128,
): Promise<{ perSecond: number; perCpuSecond: number }> {
  const agent = new Agent({ connections: inFlight, pipelining: 1 })
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const end = begin + ms
  let sent = 0
  const lane = async () => {
    while (performance.now() < end) {
      const call = calls[sent++]
      if (!call) throw new Error('there were too few signed calls')
      const reply = await request(url, {
        method: 'POST',
        dispatcher: agent,
        headersTimeout: 60_000,
        bodyTimeout: 60_000,
        ...call,
      })
      const text = await reply.body.text()
      if (reply.statusCode !== 200) throw new Error(`${reply.statusCode} ${text}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await agent.close()
  return { perSecond: sent / seconds, perCpuSecond: sent / ((user + system) / 1e6) }
}
