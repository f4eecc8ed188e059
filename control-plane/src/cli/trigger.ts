import type { Run } from '@cronclave/openapi'
import { formatInstant } from '../runtime/instant.ts'
import type { Session } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { runFields } from './run-fields.ts'
import { typedParams, type WrittenParams } from './typed-params.ts'

/** How often a run that is waited for is looked at. */
const LOOK_MS = 250

interface TriggerOptions {
  param?: WrittenParams
  executor?: string
  fireTime?: number
  idempotencyKey?: string
  wait?: boolean
}

/** Triggers a job, waits for the run's end when asked to, and prints it. */
export async function triggerJob(session: Session, io: Io, job: string, options: TriggerOptions): Promise<void> {
  const { client, namespace, output } = session
  const { idempotencyKey: key, executor, fireTime } = options
  const params = await typedParams(session, job, options.param)
  const body = {
    ...(params === undefined ? {} : { params }),
    ...(executor === undefined ? {} : { executor }),
    ...(fireTime === undefined ? {} : { fireTime: formatInstant(fireTime) }),
  }
  const run = await client.ask(
    client.api.POST('/v1/namespaces/{namespace}/jobs/{job}/trigger', {
      params: { path: { namespace, job }, ...(key === undefined ? {} : { header: { 'Idempotency-Key': key } }) },
      ...(Object.keys(body).length === 0 ? {} : { body }),
    }),
  )
  const last = options.wait ? await ended(session, io, run) : run
  output.one(last, runFields(last, io.clock.now()))
  if (options.wait && last.state !== 'succeeded') {
    throw new CommandFault(EXIT.refused, `The run ended ${last.state}${last.reason ? `: ${last.reason}` : ''}.`)
  }
}

async function ended({ client, namespace }: Session, io: Io, run: Run): Promise<Run> {
  let last = run
  while (last.state === 'queued' || last.state === 'running') {
    await pause(io)
    const path = { namespace, run: run.id }
    last = await client.ask(client.api.GET('/v1/namespaces/{namespace}/runs/{run}', { params: { path } }))
  }
  return last
}

async function pause(io: Io): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = io.clock.after(LOOK_MS, resolve)
    io.signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
  })
  io.signal.throwIfAborted()
}
