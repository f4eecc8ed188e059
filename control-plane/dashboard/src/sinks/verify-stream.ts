import type { SinkProgress, SinkReport } from '@cronclave/openapi'
import { CSRF_HEADER } from '../api/client.ts'
import { eventParser } from '../api/event-source.ts'
import { sessionEnded } from '../api/session-end.ts'

/** Compares a sink with the ledger; rejects with the problem document, or with why it could not be done. */
export async function verifySink(
  name: string,
  onProgress: (progress: SinkProgress) => void,
  signal: AbortSignal,
): Promise<SinkReport> {
  const response = await fetch(`/v1/sinks/${encodeURIComponent(name)}/verify`, {
    method: 'POST',
    headers: { [CSRF_HEADER]: '1', accept: 'text/event-stream' },
    credentials: 'same-origin',
    signal,
  })
  if (response.status === 401) sessionEnded()
  if (!response.ok || response.body === null) throw (await response.json()) as unknown
  let report: SinkReport | undefined
  let failure: string | undefined
  const parse = eventParser(({ event, data }) => {
    if (event === 'progress') onProgress(JSON.parse(data) as SinkProgress)
    if (event === 'report') report = JSON.parse(data) as SinkReport
    if (event === 'failed') failure = (JSON.parse(data) as { detail: string }).detail
  })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    parse(value)
  }
  if (report !== undefined) return report
  throw new Error(failure ?? 'The server ended the comparison.')
}
