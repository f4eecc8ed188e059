import type { Api } from './api.ts'

/** What the demo shows of a run. */
interface RunShown {
  id: string
  state: string
  cause: string
  reason?: string
  endedAt?: string
  durationMs?: number
  error?: { message: string }
}

/** Calls `print` with a line for every run as it ends, until the signal aborts or the server ends the stream. */
export async function followRuns(api: Api, signal: AbortSignal, print: (line: string) => void): Promise<void> {
  const reply = await api.open('/v1/events?namespace=default', signal)
  if (!reply.ok || !reply.body) throw new Error(`the event stream was answered ${reply.status}`)
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
      const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) show(event, print)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function show(event: string, print: (line: string) => void): void {
  const fields = new Map(
    event.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
  )
  const data = fields.get('data')
  if (data === undefined || !['run.ended', 'run.skipped'].includes(fields.get('event') ?? '')) return
  const { job, run } = JSON.parse(data) as { job: string; run: RunShown }
  const took = run.durationMs === undefined ? '' : ` in ${run.durationMs} ms`
  const why = run.reason ?? run.error?.message
  const time = (run.endedAt ?? '').slice(11, 19)
  print(`${time} ${job.padEnd(12)} ${run.state}${took} (${run.cause})${why === undefined ? '' : `: ${why}`}`)
}
